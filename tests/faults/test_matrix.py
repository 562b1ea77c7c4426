"""No row of the fault matrix without a test: the marks of the whole tree, counted in its source."""

from __future__ import annotations

import ast

from tests.fakes.sources import ROOT, name, python_files, tree

ROWS = frozenset(range(1, 51))
SHARED_HUB = frozenset(range(42, 47))
"""PostgreSQL and workers: they come with the shared hub, as does the PostgreSQL half of 39."""


def marks():
    """Return the rows that tests are marked with, and the files they are in."""
    found: dict[int, set[str]] = {}
    for path in python_files("tests"):
        if not path.name.startswith("test_"):
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.fault":
                [row] = node.args
                assert isinstance(row, ast.Constant), f"{name(path)}:{node.lineno}: no number"
                found.setdefault(row.value, set()).add(name(path))
    return found


def test_every_row_has_a_test_or_comes_with_the_shared_hub():
    assert ROWS - set(marks()) == SHARED_HUB


def test_no_test_is_marked_with_a_row_that_is_not_there():
    assert set(marks()) <= ROWS


def test_the_rows_of_the_terminal_are_tested_on_one():
    found = marks()

    assert all(any(file.startswith("tests/tui/") for file in found[row]) for row in (48, 49))
    assert (ROOT / "tests" / "faults" / "soak.py").is_file()

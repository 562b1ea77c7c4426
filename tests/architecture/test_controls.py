"""Each control of SECURITY.md has a test that carries its number (S16)."""

from __future__ import annotations

import ast
from collections import Counter

import pytest

from tests.fakes.sources import ROOT, dotted, name, python_files, tree

CONTROLS = {f"S{n}" for n in range(1, 17)}
SHARED_HUB = {"S13"}
"""Comes with the shared hub on PostgreSQL: nothing of it is in this program yet."""


def marks():
    """Yield (control, file) for each mark over the tree of tests, found by reading it."""
    for path in python_files("tests"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and dotted(node.func) == "pytest.mark.control":
                assert len(node.args) == 1, name(path)
                assert isinstance(node.args[0], ast.Constant), name(path)
                yield node.args[0].value, name(path)


@pytest.mark.control("S16")
def test_each_control_has_a_test_but_that_of_the_shared_hub():
    counted = Counter(control for control, _ in marks())

    assert set(counted) == CONTROLS - SHARED_HUB


@pytest.mark.control("S16")
def test_each_control_is_in_the_document_with_tests_that_are_there():
    text = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    rows = {
        cells[1].strip(): cells
        for line in text.splitlines()
        if line.startswith("| S") and (cells := line.split("|"))
    }
    marked = {(control, file) for control, file in marks()}

    assert set(rows) == CONTROLS
    for control in CONTROLS - SHARED_HUB:
        named = [word.strip("`,; ") for word in rows[control][4].split() if "test_" in word]
        assert named, control
        for file in named:
            assert (control, file) in marked, f"{file} proves nothing of {control}"

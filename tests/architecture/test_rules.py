"""Rules that no linter knows (STYLE, SECURITY S12, ARCHITECTURE: layout)."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from tests.fakes.sources import (
    EVERYTHING,
    PACKAGES,
    ROOT,
    dotted,
    imported,
    name,
    python_files,
    tree,
)
from tests.faults import kill

FAILPOINTS = ("turn.before_a", "turn.after_a", "turn.after_reply", "settle.applied", "turn.after_b")
"""As FAULTS.md lists them."""
OF_HEDGES = ("turn.after_hedge",)
"""Those that only a turn with two calls side by side comes to."""


def calls(*folders):
    """Yield (file, call) for each call in these folders."""
    for path in python_files(*folders):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call):
                yield name(path), node


def test_only_config_reads_the_environment():
    readers = {
        name(path)
        for path in python_files(*PACKAGES)
        for node in ast.walk(tree(path))
        if (isinstance(node, ast.Attribute) and dotted(node) in {"os.environ", "os.getenv", "os.environb"})
        or (isinstance(node, ast.ImportFrom) and node.module == "os"
            and {alias.name for alias in node.names} & {"environ", "getenv"})
    }  # fmt: skip

    assert readers <= {"hub/config.py"}


@pytest.mark.parametrize(
    ("package", "modules"),
    [
        ("aiohttp", {"agents/connection.py", "ui/web/door.py", "ui/web/server.py"}),
        ("httpx", {"agents/connection.py", "agents/transport.py"}),
        ("tenacity", {"agents/retry.py"}),
    ],
)
def test_no_other_module_imports(package, modules):
    importers = {
        name(path)
        for path in python_files(*PACKAGES)
        if any(module.partition(".")[0] == package for module in imported(path))
    }

    assert importers == modules


def test_an_agent_is_asked_in_one_place():
    callers = [
        file
        for file, call in calls("hub", "ui")
        if isinstance(call.func, ast.Attribute)
        and call.func.attr == "reply"
        and len(call.args) == 2
    ]

    assert callers == ["hub/turns.py"]


def test_each_failpoint_of_the_list_stands_in_the_code_once():
    named = [
        call.args[0].value if isinstance(call.args[0], ast.Constant) else "not a literal"
        for _, call in calls(*PACKAGES)
        if dotted(call.func) == "failpoint"
    ]

    assert sorted(named) == sorted((*FAILPOINTS, *OF_HEDGES))


def test_each_failpoint_is_one_that_a_test_dies_at():
    literals = {
        node.value
        for path in python_files("tests/faults")
        if path.name != "kill.py"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    named = {text for text in literals if re.fullmatch(r"(turn|settle)\.[a-z_]+", text)}

    assert named == {*FAILPOINTS, *OF_HEDGES}
    assert set(kill.FAILPOINTS) == set(FAILPOINTS)


def test_an_init_file_is_a_docstring_only():
    inits = [p for p in python_files(*EVERYTHING) if p.name == "__init__.py"]

    assert all(ast.get_docstring(tree(path)) for path in inits)
    assert [name(path) for path in inits if len(tree(path).body) != 1] == []


def test_there_is_no_init_file_under_tests():
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_nothing_is_named_for_having_no_purpose():
    vague = re.compile(r"(^|_)(utils?|helpers?|managers?|common|misc|base)$")

    found = [name(p) for p in python_files(*EVERYTHING) if vague.search(p.stem)]
    folders = {name(p.parent) for p in python_files(*EVERYTHING) if vague.search(p.parent.name)}

    assert found == []
    assert folders == set()


def test_imports_are_absolute_and_hide_no_cycle():
    for path in python_files(*EVERYTHING):
        for node in ast.walk(tree(path)):
            assert not (isinstance(node, ast.ImportFrom) and node.level), name(path)
            assert not (isinstance(node, ast.Name) and node.id == "TYPE_CHECKING"), name(path)


@pytest.mark.control("S12")
def test_nothing_is_unpickled_or_evaluated():
    modules = {"pickle", "cPickle", "shelve", "marshal", "dill", "yaml"}
    importers = [
        name(path)
        for path in python_files(*PACKAGES)
        if modules & {module.partition(".")[0] for module in imported(path)}
    ]
    evaluators = [
        file
        for file, call in calls(*PACKAGES)
        if dotted(call.func) in {"eval", "exec", "compile", "__import__", "yaml.load", "os.system"}
    ]

    assert importers == []
    assert evaluators == []


@pytest.mark.control("S14")
def test_no_file_names_a_package_registry():
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    ).stdout.split("\n")  # fmt: skip
    registry = re.compile(
        r"pyp[i]\.(org|python)|python[h]osted\.org|--(extra-)?index-url|--find-links"
    )

    naming = [
        file
        for file in tracked
        if (ROOT / file).suffix in {".txt", ".in", ".toml", ".cfg", ".py", ".sh", ""}
        and (ROOT / file).is_file()
        and registry.search((ROOT / file).read_text(encoding="utf-8", errors="replace"))
    ]

    assert naming == [name(Path(__file__))]

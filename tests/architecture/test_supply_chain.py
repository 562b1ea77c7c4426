"""What is installed is what was pinned, and nothing runs by being installed (SECURITY S14)."""

from __future__ import annotations

import re
import site
import sys
from pathlib import Path

import pytest

from tests.fakes.sources import ROOT

pytestmark = pytest.mark.control("S14")

LISTS = sorted((ROOT / "requirements").glob("*.txt"))
RUNS_AT_START = {
    "a1_coverage.pth": "coverage measures programs that tests start, where a variable says so",
    "distutils-precedence.pth": "setuptools stands in for distutils",
    "__editable__.*.pth": "GitBridge itself, installed from its clone: a path",
}
"""The `.pth` files there may be; their lines run whenever Python starts."""


def requirements(path):
    """Yield each requirement with its continued lines."""
    text = re.sub(r"\s*\\\n\s*", " ", path.read_text(encoding="utf-8"))
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_every_requirement_is_pinned_to_one_version_with_hashes(path):
    found = requirements(path)

    assert found
    for line in found:
        assert re.match(
            r"[A-Za-z0-9._-]+(\[[\w,-]+\])?==[\w.!+]+( ; .*?)? --hash=sha256:[0-9a-f]{64}", line
        ), line
        rest = re.split(r"\s(?=--)", line)[1:]
        assert all(
            re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", option.strip()) for option in rest
        ), line


def test_make_installs_nothing_without_its_hash_and_locks_nothing_that_is_a_week_old():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    installs = [line for line in text.splitlines() if "$(PIP)" in line]

    assert installs
    for line in installs:
        assert "--require-hashes" in line or "--no-deps --no-build-isolation" in line, line
    assert '--exclude-newer "7 days"' in text


def test_few_packages_are_needed_to_run():
    direct = re.search(
        r"^dependencies = \[(.*?)^\]",
        (ROOT / "pyproject.toml").read_text(),
        re.DOTALL | re.MULTILINE,
    )
    pinned = {
        re.split(r"[\[=]", line)[0] for line in requirements(ROOT / "requirements/runtime.txt")
    }

    assert direct is not None
    assert len(direct[1].strip().splitlines()) <= 20
    assert len(pinned) <= 60


@pytest.mark.skipif(sys.prefix == sys.base_prefix, reason="not in an environment of our own")
def test_nothing_runs_at_the_start_of_python_but_what_is_listed():
    folders = [Path(folder) for folder in site.getsitepackages()]
    found = {path for folder in folders for path in folder.glob("*.pth")}

    strange = [p.name for p in found if not any(p.match(known) for known in RUNS_AT_START)]
    assert strange == []
    for path in found:
        if path.match("__editable__.*.pth"):
            lines = path.read_text(encoding="utf-8").splitlines()
            assert [line for line in lines if line.startswith(("import ", "import\t"))] == []
    assert [
        f / n for f in folders for n in ("sitecustomize.py", "usercustomize.py") if (f / n).exists()
    ] == []

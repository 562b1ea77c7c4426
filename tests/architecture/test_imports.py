"""What is loaded when, seen in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.fakes.sources import ROOT, name, python_files

HEAVY = {
    "textual",
    "rich",
    "aiohttp",
    "httpx",
    "tenacity",
    "networkx",
    "matplotlib",
    "genai_prices",
}
MAY_BE_HEAVY = ("hub/analytics/", "hub/exports/")


def loaded_after(code: str) -> set[str]:
    """Return the top-level packages that are loaded once the code has run."""
    code += (
        "\nimport sys, json\nprint(json.dumps(sorted({m.partition('.')[0] for m in sys.modules})))"
    )
    run = [sys.executable, "-c", code]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def module(path):
    return name(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def test_the_hub_loads_neither_terminal_nor_http_nor_graphs():
    light = [p for p in python_files("hub") if not name(p).startswith(MAY_BE_HEAVY)]

    loaded = loaded_after("\n".join(f"import {module(path)}" for path in light))

    assert loaded & HEAVY == set()


def test_the_agents_load_neither_terminal_nor_graphs():
    loaded = loaded_after("\n".join(f"import {module(path)}" for path in python_files("agents")))

    assert loaded & (HEAVY - {"aiohttp", "httpx", "tenacity", "rich"}) == set()


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_version_and_help_load_nothing_heavy(option):
    code = f"import sys\nfrom ui.main import main\nassert main([{option!r}]) == 0"

    loaded = loaded_after(code)

    assert loaded & (HEAVY | {"apsw", "pydantic", "asyncio", "numpy"}) == set()


def test_a_hub_is_opened_without_what_only_learning_and_fitting_need():
    loaded = loaded_after("import hub.hub\nimport ui.wiring")

    assert loaded & {"numpy", "networkx", "matplotlib"} == set()

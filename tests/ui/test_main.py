from __future__ import annotations

import importlib
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from ui.cli.table import COMMANDS
from ui.main import VERSION, main

ROOT = Path(__file__).parents[2]
HEAVY = {"textual", "httpx", "networkx", "matplotlib", "apsw", "pydantic", "asyncio", "argparse"}


def test_the_version_is_that_of_the_package(capsys):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"gitbridge {project['version']}\n"
    assert project["version"] == VERSION


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_version_and_help_import_nothing_heavy(option):
    code = f"from ui.main import main; main([{option!r}]); import sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    loaded = {name.partition(".")[0] for name in done.stdout.splitlines()[-1].split()}
    assert loaded & HEAVY == set()
    assert "hub" not in loaded


def test_help_lists_every_command(capsys):
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(f"\n  {name} " in out for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_module_and_its_own_help(name, capsys):
    module = importlib.import_module(f"ui.cli.{COMMANDS[name][0]}")

    assert main([name, "--help"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"usage: gitbridge {name}")
    assert " ".join(module.__doc__.split())[:40] in " ".join(out.split())
    assert err == ""


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["thred"], "There is no command 'thred'; did you mean `thread`?"),
        (["xyzzy"], "There is no command 'xyzzy'; see `gitbridge --help`."),
        (["--verbose"], "There is no option '--verbose'; see `gitbridge --help`."),
        (
            ["thread"],
            "The following arguments are required: COMMAND; see `gitbridge thread --help`.",
        ),
    ],
)
def test_unknown_words_are_one_sentence_and_exit_status_2(words, sentence, capsys):
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("", f"gitbridge: {sentence}\n")


def test_without_a_command_and_without_a_terminal_the_help_is_told_and_the_status_is_2(capsys):
    assert main([]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("usage: gitbridge")


def test_help_before_a_command_is_its_help(capsys):
    assert main(["help", "usage"]) == 0
    assert capsys.readouterr().out.startswith("usage: gitbridge usage")


def test_a_foreign_package_under_one_of_our_names_is_told_before_anything_is_imported(
    monkeypatch, capsys
):
    monkeypatch.setattr("ui.main.foreign_package", lambda: "GitBridge's package `hub` is foreign.")

    assert main(["ask", "q"]) == 2
    assert capsys.readouterr().err == "gitbridge: GitBridge's package `hub` is foreign.\n"


@pytest.mark.skipif(sys.platform == "win32", reason="a closed pipe is another error there")
@pytest.mark.parametrize("words", [["--help"], ["thread", "--help"], ["config", "path"]])
def test_a_reader_that_has_enough_is_no_error(words):
    code = f"import sys; from ui.main import main; sys.exit(main({words!r}))"
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)

    assert (done.returncode, done.stderr) == (0, b"")

"""Completions and the manual page: made from the parsers, and taken by the shells and by roff."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from ui.cli.completion import bash, fish, zsh
from ui.cli.man import manual, roff
from ui.cli.table import COMMANDS
from ui.cli.tree import Command, commands

CASES = {
    ("gra",): {"graph"},
    ("thread", "po"): {"post"},
    ("export", "--format", ""): {"markdown", "json", "jsonl", "html", "csv"},
    ("graph", "--kind", "c"): {"calls", "card"},
    ("completion", "z"): {"zsh"},
}
BASH = """
t() { COMP_WORDS=(gitbridge "$@"); COMP_CWORD=$#; _gitbridge; echo "${COMPREPLY[@]}"; }
"""
ZSH = """
compdef() { : }
compadd() { shift; print -r -- "$@" }
_files() { : }
"""


def flat(every):
    for command in every:
        yield command
        yield from flat(command.subcommands)


@pytest.fixture(scope="module")
def every() -> list[Command]:
    return list(flat(commands()))


def run(shell: str, *words: str) -> str:
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"{shell} is not installed here")
    done = subprocess.run([found, *words], capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr == ""
    return done.stdout


def test_the_tree_has_every_command_and_every_option_has_its_help(every):
    assert [command.path[0] for command in every if len(command.path) == 1] == list(COMMANDS)
    for command in every:
        assert command.text
        for argument in command.arguments:
            assert argument.text or not argument.flags, (command.path, argument)


def test_bash_completes_commands_subcommands_options_and_values():
    script = bash() + BASH + "\n".join(f"t {' '.join(map(repr, words))}" for words in CASES)

    lines = run("bash", "--norc", "-c", script).splitlines()
    assert [set(line.split()) for line in lines] == list(CASES.values())


def test_zsh_offers_the_same():
    asked = "\n".join(
        f"words=(gitbridge {' '.join(map(repr, words))}); CURRENT={len(words) + 1}; _gitbridge"
        for words in CASES
    )

    lines = run("zsh", "-f", "-c", ZSH + zsh() + asked).splitlines()
    for line, wanted in zip(lines, CASES.values(), strict=True):
        assert wanted <= set(line.split())


def test_fish_offers_the_same(tmp_path):
    (tmp_path / "c.fish").write_text(fish())

    run("fish", "--no-execute", str(tmp_path / "c.fish"))
    out = run("fish", "--no-config", "-c", f"source {tmp_path}/c.fish; complete -C 'gitbridge gra'")
    assert out.startswith("graph")


@pytest.mark.parametrize("script", [bash, zsh, fish])
def test_every_command_and_long_option_is_in_every_script(script, every):
    text = script()

    for command in every:
        assert command.path[-1] in text
        for argument in command.arguments:
            assert all(flag.lstrip("-") in text for flag in argument.flags)


def test_the_manual_has_a_part_for_every_command_with_all_its_options(every):
    page = manual()

    for command in every:
        assert f".SS {roff(' '.join(('gitbridge', *command.path)))}" in page
        for argument in command.arguments:
            assert all(roff(flag) in page for flag in argument.flags if flag != "-h")


def test_roff_sets_the_manual_without_a_warning(tmp_path):
    (tmp_path / "gitbridge.1").write_text(manual())

    text = run("groff", "-man", "-Tutf8", "-ww", "-P-cbou", str(tmp_path / "gitbridge.1"))
    assert re.search(r"gitbridge thread post ID TEXT", text)
    assert "--max-latency S" in text


def test_both_are_printed_by_commands_that_leave_nothing_behind(cli, home):
    assert cli("completion", "bash").out == bash()
    assert cli("man").out == manual()
    assert cli("completion", "tcsh").status == 2
    assert list(home.iterdir()) == []

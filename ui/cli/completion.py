"""Print a shell's completions: `source <(gitbridge completion bash)`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from ui.cli.console import Console
from ui.cli.parser import Args
from ui.cli.tree import Command, commands

_BASH = """_gitbridge() {
    local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}"
    local where="" values="" words=""
    [ "$COMP_CWORD" -lt 2 ] || where="${COMP_WORDS[1]}"
    [ "$COMP_CWORD" -lt 3 ] || case "${COMP_WORDS[1]} ${COMP_WORDS[2]}" in
        @DEEP@) where="${COMP_WORDS[1]} ${COMP_WORDS[2]}" ;;
    esac
@CASES@
    [ -z "$values" ] || words="$values"
    COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _gitbridge gitbridge
"""
_ZSH = """#compdef gitbridge
_gitbridge() {
    local before="${words[CURRENT-1]}" where="" values="" found=""
    (( CURRENT < 3 )) || where="${words[2]}"
    (( CURRENT < 4 )) || case "${words[2]} ${words[3]}" in
        @DEEP@) where="${words[2]} ${words[3]}" ;;
    esac
@CASES@
    [ -z "$values" ] || found="$values"
    compadd -- ${=found}
    [[ -n "$values" ]] || _files
}
compdef _gitbridge gitbridge
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the word of `completion`."""
    parser.add_argument("shell", choices=_SHELLS, help="the shell to complete in")


def run(args: Args) -> int:
    """Print it."""
    Console().out(_SHELLS[args.shell]())
    return 0


def bash() -> str:
    """Return completions for bash."""
    return _filled(_BASH, "words")


def zsh() -> str:
    """Return completions for zsh."""
    return _filled(_ZSH, "found")


def fish() -> str:
    """Return completions for fish."""
    lines = ["complete -c gitbridge -n __fish_use_subcommand -f"]
    for command in commands():
        name = command.path[0]
        lines.append(
            f"complete -c gitbridge -n __fish_use_subcommand -a {name} -d {_quoted(command.text)}"
        )
        for inner in command.subcommands:
            none_yet = " ".join(each.path[1] for each in command.subcommands)
            when = f"__fish_seen_subcommand_from {name}; and not __fish_seen_subcommand_from {none_yet}"
            text = _quoted(inner.text)
            lines.append(f"complete -c gitbridge -n '{when}' -f -a {inner.path[1]} -d {text}")
        for one in (command, *command.subcommands):
            when = "; and ".join(f"__fish_seen_subcommand_from {word}" for word in one.path)
            lines += [f"complete -c gitbridge -n '{when}' {option}" for option in _fish(one)]
    return "\n".join([*lines, ""])


_SHELLS = {"bash": bash, "zsh": zsh, "fish": fish}


def _filled(template: str, words: str) -> str:
    """Return a script whose tables are those of all commands."""
    every = list(commands())
    deep = [" ".join(inner.path) for command in every for inner in command.subcommands]
    return template.replace("@DEEP@", "|".join(f'"{path}"' for path in deep)).replace(
        "@CASES@", "\n".join(_tables(every, words))
    )


def _tables(every: list[Command], words: str) -> Iterator[str]:
    """Yield the two tables: what an option takes, and what may stand in a place."""
    flat = [one for command in every for one in (command, *command.subcommands)]
    yield '    case "$where:$before" in'
    for command in flat:
        for argument in command.arguments:
            if argument.flags and argument.choices:
                path = " ".join(command.path)
                places = "|".join(f'"{path}:{flag}"' for flag in argument.flags)
                yield f'        {places}) values="{" ".join(argument.choices)}" ;;'
    yield '        *) values="" ;;'
    yield "    esac"
    yield '    case "$where" in'
    names = " ".join([command.path[0] for command in every] + ["help", "--help", "--version"])
    yield f'        "") {words}="{names}" ;;'
    for command in flat:
        yield f'        "{" ".join(command.path)}") {words}="{" ".join(_words(command))}" ;;'
    yield "    esac"


def _words(command: Command) -> Iterator[str]:
    """Yield what may stand behind a command: subcommands, fixed words, options."""
    for inner in command.subcommands:
        yield inner.path[-1]
    for argument in command.arguments:
        yield from argument.flags or argument.choices


def _fish(command: Command) -> Iterator[str]:
    for argument in command.arguments:
        if not argument.flags:
            if argument.choices:
                yield f"-f -a {_quoted(' '.join(argument.choices))}"
            continue
        flags = " ".join(
            f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}"
            for flag in argument.flags
        )
        takes = " -r" if argument.value else ""
        choices = f" -f -a {_quoted(' '.join(argument.choices))}" if argument.choices else ""
        yield f"{flags}{takes}{choices} -d {_quoted(argument.text)}"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"

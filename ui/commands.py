"""What the person can type into the composer: plain questions, and commands that start with `/`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from hub.domain.ask import Ask, Mode
from hub.domain.decision import Rule
from hub.domain.usage import MICRO
from hub.errors import UsageError
from ui.attaching import path_completion
from ui.votes import voted

_MENTION = re.compile(r"(?<![\w@])@([\w-]+)")
_ROUNDS = re.compile(r"(\d{1,2})\s+(.*)", re.DOTALL)
_RULE = re.compile(r"--rule[ =](\S+)\s*(.*)", re.DOTALL)
MOST_ROUNDS = 20
"""Rounds that one question may ask for; more is taken for a slip of the finger."""


@dataclass(frozen=True, slots=True)
class Slash:
    """A command, as help and completion show it."""

    name: str
    arguments: str
    does: str

    @property
    def usage(self) -> str:
        """How it is typed."""
        return f"/{self.name} {self.arguments}".rstrip()


SLASHES = (
    Slash("discuss", "[ROUNDS] QUESTION", "agents answer each other, no vote; @agent picks who"),
    Slash("decide", "[--rule R] QUESTION | OPTION | OPTION", "agents discuss, then vote"),
    Slash("vote", "OPTION [because REASON]", "cast your own ballot; a | b ranks or approves"),
    Slash("option", "TEXT", "put another option to the vote under way"),
    Slash("join", "OPTION | OPTION because REASON", "make one option of several drafted ones"),
    Slash("split", "OPTION | AGENT because REASON", "take an agent's draft out of an option"),
    Slash("veto", "REASON", "block it, under the rule consent"),
    Slash("override", "OPTION because REASON", "decide whatever the count says"),
    Slash("mark", "right|wrong [ANSWER]", "say what proved right: that teaches whom to trust"),
    Slash("stop", "", "stop what runs in this thread; what is paid for stays"),
    Slash("new", "", "start a new thread"),
    Slash("title", "TEXT", "rename this thread"),
    Slash("export", "[FORMAT]", "write this thread, or its graph, to the exports folder"),
    Slash("import", "FILE", "bring in a transcript: ours, or one of ChatGPT's"),
    Slash("search", "[WORDS]", "find messages in this thread, or in all of them"),
    Slash("retry", "", "have the newest answer made again"),
    Slash("continue", "", "have the newest answer go on where it ends"),
    Slash("pin", "", "pin the chosen message into every prompt, or take the pin out"),
    Slash("archive", "", "take this thread out of the list; nothing is lost"),
    Slash("theme", "[NAME]", "show or switch the colours"),
    Slash("dashboard", "", "latency, success, costs and shares over time"),
    Slash("settings", "", "theme, keys, notifications, budgets"),
    Slash("strategy", "[NAME]", "show or switch how the router chooses"),
    Slash("budget", "[SCOPE USD|none]", "show what is left, or set a cap: /budget day 5"),
    Slash("agents", "", "who can be asked, and what they are for"),
    Slash("help", "", "keys, commands, colours and glyphs"),
    Slash("quit", "", "leave GitBridge"),
)
"""Every command, in the order that help shows them."""
DECISIONS = frozenset({"vote", "option", "join", "split", "veto", "override", "mark"})
"""Commands about the decision on the screen."""


@dataclass(frozen=True, slots=True)
class Order:
    """A command that asks no agent anything."""

    name: str
    argument: str = ""


def parse(text: str, agents: Iterable[str]) -> Ask | Order:
    """Return what a text asks for.

    Args:
        text: What the composer held.
        agents: Names that `@name` may pick.

    Raises:
        UsageError: Nothing was asked, or the command is unknown or incomplete.
    """
    text = text.strip()
    if not text:
        raise UsageError("There is no question yet: type one, then press Enter.")
    if not text.startswith("/") or text.startswith("//"):
        return Ask(text.removeprefix("/") if text.startswith("//") else text)
    word, _, rest = text[1:].partition(" ")
    name, rest = word.strip().lower(), rest.strip()
    if name == "discuss":
        return _discuss(rest, agents)
    if name == "decide":
        return _decide(rest, agents)
    if name not in {slash.name for slash in SLASHES}:
        known = ", ".join(f"/{slash.name}" for slash in SLASHES)
        raise UsageError(f"There is no command /{word}. Commands: {known}.")
    if name == "title" and not rest:
        raise UsageError("The title is missing: /title TEXT.")
    if name in DECISIONS:
        voted(name, rest)  # says now what is missing
    return Order(name, rest)


def _discuss(rest: str, agents: Iterable[str]) -> Ask:
    found = _ROUNDS.fullmatch(rest)
    rounds = int(found[1]) if found else 1
    question = found[2].strip() if found else rest
    if not question:
        raise UsageError("The question is missing: /discuss 2 QUESTION.")
    if not 1 <= rounds <= MOST_ROUNDS:
        raise UsageError(f"A discussion has 1 to {MOST_ROUNDS} rounds: /discuss 2 QUESTION.")
    return Ask(question, Mode.DISCUSS, agents=_mentioned(question, agents), rounds=rounds)


def _decide(rest: str, agents: Iterable[str]) -> Ask:
    rule = Rule.AUTO
    if named := _RULE.match(rest):
        rule, rest = _rule(named[1]), named[2]
    question, *options = (part.strip() for part in rest.split("|"))
    chosen = tuple(option for option in options if option)
    if not question:
        raise UsageError("The question is missing: /decide QUESTION | OPTION | OPTION.")
    if len(chosen) == 1:
        raise UsageError("One option is no choice: /decide QUESTION | OPTION | OPTION.")
    names = _mentioned(question, agents)
    return Ask(question, Mode.DECIDE, agents=names, options=chosen, rule=rule)


def _rule(name: str) -> Rule:
    try:
        return Rule(name.replace("-", "_").lower())
    except ValueError:
        known = ", ".join(rule.value for rule in Rule)
        raise UsageError(f"There is no rule {name}. Rules: {known}.") from None


def _mentioned(text: str, agents: Iterable[str]) -> tuple[str, ...]:
    known = {name.casefold(): name for name in agents}
    found = (known.get(match.casefold()) for match in _MENTION.findall(text))
    return tuple(dict.fromkeys(name for name in found if name))


def micro_dollars(text: str) -> int | None:
    """Return an amount as it is typed, in micro-dollars; None for `none`.

    Raises:
        UsageError: It is no amount.
    """
    if text == "none":
        return None
    amount = re.fullmatch(r"\$?(\d{1,7})(?:\.(\d{1,6}))?", text)
    if amount is None:
        raise UsageError("The amount is missing: /budget day 0.50, or /budget day none.")
    return int(amount[1]) * MICRO + int((amount[2] or "").ljust(6, "0"))


def _begins_name(word: str, agents: Iterable[str]) -> bool:
    return any(name.startswith(word[1:]) for name in agents)


def completion(text: str, agents: Iterable[str]) -> str:
    """Return what would complete the word at the end of a text: `@agent` or `/command`."""
    word = re.split(r"\s", text)[-1]
    if (
        word.startswith("@")
        and (path := path_completion(word[1:]))
        and not _begins_name(word, agents)
    ):
        return path
    if word.startswith("@") and len(word) > 1:
        names: Iterable[str] = agents
        typed = word[1:]
    elif text.startswith("/") and word == text and len(word) > 1:
        names = (slash.name for slash in SLASHES)
        typed = word[1:]
    else:
        return ""
    return next((n[len(typed) :] + " " for n in names if n.startswith(typed) and n != typed), "")

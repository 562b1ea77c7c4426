"""Threads and graphs as Mermaid diagrams, which GitHub and many editors draw.

A network, a sequence, a pie or a time line. Every text is a label: characters that mean something to Mermaid are written as entity codes, so that
no message can draw, link or style anything. Source: Mermaid documentation, "Entity codes to escape
characters".
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence

from hub.domain.ids import MessageId
from hub.domain.insight import DecisionPoint
from hub.domain.text import one_line
from hub.domain.thread import Message
from hub.domain.transcript import Interactions, Transcript
from hub.exports.words import counted

MOST = 400
"""Messages of a sequence diagram; more are too many to draw, and the last ones are shown."""
_BRIEF = 60
_PLAIN = re.compile(
    r"[^\w .,!?'+*/=-]|--+|\b(?:end|graph|subgraph|click|style|class)\b", re.IGNORECASE
)
_KINDS = {"reply": "-->>", "to": "->>", "mention": "-)"}


def network(graph: Interactions) -> str:
    """Return who speaks to whom as a flow chart: an arrow for each direction with its messages."""
    ids = {node.name: f"n{k}" for k, node in enumerate(graph.nodes)}
    weights: Counter[tuple[str, str]] = Counter()
    for edge in graph.edges:
        if edge.source in ids and edge.target in ids:
            weights[edge.source, edge.target] += edge.messages
    lines = ["flowchart LR"]
    lines += [f'  {ids[node.name]}["{label(node.name)}"]' for node in graph.nodes]
    lines += [f"  {ids[a]} -->|{weight}| {ids[b]}" for (a, b), weight in weights.items()]
    return _text(lines)


def sequence(t: Transcript) -> str:
    """Return a thread as a sequence diagram: each message goes to the first that it speaks to."""
    shown = t.messages[-MOST:]
    authors = {message.id: message.author for message in t.messages}
    arrows = [(m, *_target(m, authors)) for m in shown]
    names: dict[str, str] = {}
    for message, target, _ in arrows:
        for name in (message.author, target):
            names.setdefault(name, f"p{len(names)}")
    lines = ["sequenceDiagram"]
    lines += [f"  participant {id_} as {label(name)}" for name, id_ in names.items()]
    if len(shown) < len(t.messages) and names:
        left_out = counted(len(t.messages) - len(shown), "message")
        lines.append(f"  Note over {next(iter(names.values()))}: {left_out} before")
    for message, target, kind in arrows:
        said = label(message.body, _BRIEF)
        lines.append(f"  {names[message.author]}{_KINDS[kind]}{names[target]}: {said}")
    return _text(lines)


def pie(title: str, shares: Mapping[str, int]) -> str:
    """Return shares as a pie; slices of nothing are left out."""
    lines = [f"pie showData title {label(title)}"]
    lines += [f'  "{label(name)}" : {count}' for name, count in shares.items() if count > 0]
    return _text(lines)


def time_line(
    title: str,
    points: Sequence[DecisionPoint],
    activity: Mapping[str, int],
    day_of: Callable[[int], str],
) -> str:
    """Return days with their messages and decisions.

    Args:
        title: What it is of.
        points: Decisions.
        activity: Messages by day (ISO date).
        day_of: The day of UTC microseconds.
    """
    by_day: defaultdict[str, list[str]] = defaultdict(list)
    for day, messages in activity.items():
        by_day[day].append(counted(messages, "message"))
    for point in points:
        won = f", {label(point.winner, 40)}" if point.winner else ""
        said = f"{label(point.question, _BRIEF)} - {point.outcome}{won}"
        by_day[day_of(point.at)].append(said)
    lines = ["timeline", f"  title {label(title)}"]
    lines += [f"  {day} : {' : '.join(events)}" for day, events in sorted(by_day.items())]
    return _text(lines)


def label(text: str, limit: int = 40) -> str:
    """Return a text as a Mermaid label: one line, entity codes for all that is not plain.

    Mermaid takes no empty one: nothing is `?`.
    """
    return _PLAIN.sub(_coded, one_line(text, limit)) or "?"


def _coded(found: re.Match[str]) -> str:
    return "".join(f"#{ord(character)};" for character in found[0])


def _target(message: Message, authors: Mapping[MessageId, str]) -> tuple[str, str]:
    """Return whom a message goes to, and the kind of arrow; to nobody is to its own author."""
    if message.reply_to is not None and message.reply_to in authors:
        return authors[message.reply_to], "reply"
    if message.to:
        return message.to[0], "to"
    return (message.mentions[0], "mention") if message.mentions else (message.author, "to")


def _text(lines: Sequence[str]) -> str:
    return "\n".join([*lines, ""])

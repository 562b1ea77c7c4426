"""A decision on one card: the question, the vote, the dissent, what it cost, and who spoke to whom."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

from hub.domain.decision import Ballot, Decision
from hub.domain.text import one_line
from hub.domain.transcript import GraphNode, Interactions
from hub.domain.usage import UsageRow, usd
from hub.exports.chart import picture
from hub.exports.picture import graph_into
from hub.exports.scene import Box
from hub.exports.sheet import Sheet
from hub.exports.words import counted, counting, moment, option_text, outcome, shares, spent, sure

PAGE = Box(0.0, 0.0, 864.0, 620.0)
_COLUMN = Box(20.0, 24.0, 450.0, 530.0)
_GRAPH = Box(476.0, 60.0, 844.0, 510.0)
_PAYERS = 5
"""Agents that get a bar of their cost."""
_BAR = 340.0
"""Points of a whole bar."""
OPTIONS = 6
"""Options with a bar of their own."""
_FACTS = 5
"""Lines on how it was counted."""
_LETTERS = 78
"""Characters of a line of dissent."""


def decision_card(
    decision: Decision,
    graph: Interactions,
    positions: Mapping[str, tuple[float, float]],
    usage: UsageRow | None,
    *,
    format: str,  # noqa: A002  the facade's word
    dark: bool = False,
) -> bytes:
    """Draw the card.

    Args:
        decision: Open or closed.
        graph: Who spoke to whom about it.
        positions: Where each participant stands.
        usage: What its question cost; None: nothing was booked.
        format: `png` or `svg`.
        dark: Light ink on a dark ground.
    """
    words = [decision.proposal.question, *(option.text for option in decision.proposal.options)]
    words += [f"{d.argument}{d.argued_by}{''.join(d.holders)}" for d in decision.dissent]
    words += [node.name for node in graph.nodes]
    when = moment(decision.closed_at or decision.opened_at)
    cost = f"cost {spent(usage)}" if usage else "nothing booked"
    return picture(
        format,
        title=one_line(decision.proposal.question, 84),
        subtitle=one_line(f"{outcome(decision)} · {when} · {cost}", 130),
        words=[one_line(word, 600) for word in words],
        dark=dark,
        draw=lambda sheet: _draw(sheet, decision, graph, positions, usage),
        page=PAGE,
    )


def _draw(
    sheet: Sheet,
    decision: Decision,
    graph: Interactions,
    positions: Mapping[str, tuple[float, float]],
    usage: UsageRow | None,
) -> None:
    below = _vote(sheet, decision, _COLUMN.top)
    paid = [node for node in graph.nodes if node.cost or node.unknown_cost_turns]
    room = 40 + 18 * min(len(paid), _PAYERS) if paid else 0
    _dissent(sheet, decision, below - 24, _COLUMN.bottom + room)
    if paid:
        _cost(sheet, paid, _COLUMN.bottom + room - 16)
    sheet.write((_GRAPH.left, _COLUMN.top), "Who answered whom", size=10, bold=True)
    graph_into(sheet, graph, positions, _GRAPH, None)
    quiet = sheet.palette.quiet
    sheet.write(
        (_GRAPH.left, 44), "size: messages · fill: cost, yellow the most", size=8.5, colour=quiet
    )
    if usage:
        tokens = f"{usage.prompt_tokens:,} prompt + {usage.completion_tokens:,} completion tokens"
        said = f"{counted(usage.calls, 'call')}, {tokens}"
        sheet.write((_GRAPH.left, 28), said, size=8.5, colour=quiet)


def _bar(sheet: Sheet, y: float, share: float, colour: str, tip: str) -> None:
    left = _COLUMN.left
    sheet.box(Box(left, y - 5, left + _BAR, y + 5), sheet.palette.line)
    if share > 0:
        sheet.box(Box(left, y - 5, left + share * _BAR, y + 5), colour, layer=2.5, tip=tip)


def _vote(sheet: Sheet, decision: Decision, y: float) -> float:
    """Draw options and votes downwards from `y`; return where they end."""
    palette, left = sheet.palette, _COLUMN.left
    sheet.write((left, y), "Vote", size=10, bold=True)
    rows = shares(decision)
    for text, votes, share, won in rows[:OPTIONS]:
        y -= 22
        sheet.write((left, y), one_line(text, 62), size=9, bold=won)
        y -= 13
        _bar(sheet, y, share, palette.openai if won else palette.quiet, f"{text}: {votes:g} votes")
        figure = f"{votes:g}, {share:.0%}" + (" · won" if won else "")
        sheet.write((left + _BAR + 8, y), figure, size=9, bold=won)
    if len(rows) > OPTIONS:
        y -= 18
        sheet.write((left, y), f"and {len(rows) - OPTIONS} more options", size=9)
    y -= 20
    for line in textwrap.wrap(" · ".join(counting(decision)), _LETTERS)[:_FACTS]:
        sheet.write((left, y), line, size=8.5, colour=palette.quiet)
        y -= 13
    return y


def _dissent(sheet: Sheet, decision: Decision, y: float, bottom: float) -> None:
    """Write what the losers said, downwards from `y` and not below `bottom`."""
    left = _COLUMN.left
    sheet.write((left, y), "Dissent", size=10, bold=True)
    if not decision.dissent:
        said = "Nobody voted against the outcome." if decision.tally else "The vote is open."
        sheet.write((left, y - 20), said, size=9, colour=sheet.palette.quiet)
        return
    for one in decision.dissent:
        lines = textwrap.wrap(one_line(one.argument, 500), _LETTERS)[:5]
        if y - 36 - 13 * len(lines) < bottom:
            sheet.write((left, y - 16), "and more; see the transcript", size=8.5)
            return
        y -= 20
        who = ", ".join(one_line(holder, 20) for holder in one.holders)
        stated = _sureness(decision.ballots, one.argued_by)
        said = one_line(f"{who}{stated}: {option_text(decision, one.option)}", 72)
        sheet.write((left, y), said, size=9, bold=True)
        for line in lines:
            y -= 13
            sheet.write((left + 10, y), line, size=8.5)


def _cost(sheet: Sheet, paid: Sequence[GraphNode], y: float) -> None:
    """Draw who cost how much, downwards from `y`, the dearest first."""
    sheet.write((_COLUMN.left, y), "Cost in this thread", size=10, bold=True)
    ranked = sorted(paid, key=lambda node: (-node.cost, node.name))[:_PAYERS]
    for node in ranked:
        y -= 18
        name, share = one_line(node.name, 24), node.cost / (ranked[0].cost or 1)
        left, wide = _COLUMN.left + 120, _BAR - 120
        sheet.write((_COLUMN.left, y), name, size=9)
        sheet.box(Box(left, y - 5, left + wide, y + 5), sheet.palette.line)
        if share > 0:
            part = Box(left, y - 5, left + share * wide, y + 5)
            sheet.box(part, sheet.palette.edge, layer=2.5, tip=f"{name}: {usd(node.cost)}")
        unknown = " + unknown" if node.unknown_cost_turns else ""
        sheet.write((left + wide + 8, y), f"{usd(node.cost)}{unknown}", size=9)


def _sureness(ballots: Sequence[Ballot], voter: str) -> str:
    stated = [sure(ballot) for ballot in ballots if ballot.voter == voter]
    return f" ({stated[-1]} sure)" if stated and stated[-1] else ""

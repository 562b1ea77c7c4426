"""A decision as HTML: outcome, a bar for each option, ballots, changed minds, dissent verbatim."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hub.domain.decision import Decision, Dissent
from hub.domain.transcript import Transcript
from hub.exports.body import body_html, line
from hub.exports.words import (
    count_of,
    counting,
    option_text,
    outcome,
    shares,
    sure,
    voted,
    voter_of,
)


def decision_html(t: Transcript, decision: Decision) -> str:
    """Return one section."""
    return f'<section class="decision">\n{"".join(_parts(t, decision))}</section>\n'


def facts_html(facts: Iterable[str]) -> str:
    """Return short facts as one quiet line."""
    return f'<p class="facts">{"".join(f"<span>{line(fact)}</span>" for fact in facts)}</p>\n'


def table_html(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table that scrolls by itself; all cells are strangers' text."""
    titles = "".join(f"<th>{line(cell)}</th>" for cell in head)
    lines = ("".join(f"<td>{line(cell)}</td>" for cell in row) for row in rows)
    body = "".join(f"<tr>{cells}</tr>\n" for cells in lines)
    return f'<div class="scroll"><table>\n<tr>{titles}</tr>\n{body}</table></div>\n'


def _parts(t: Transcript, decision: Decision) -> Iterator[str]:
    yield f'<h3 class="outcome">{line(outcome(decision))}</h3>\n'
    yield f'<div class="body">{body_html(decision.proposal.question)}</div>\n'
    yield _bars(decision)
    if decision.tally and decision.tally.reason:
        yield f"<p>{line(decision.tally.reason)}</p>\n"
    yield facts_html(counting(decision))
    if decision.ballots:
        yield "<h4>Ballots</h4>\n"
        yield table_html(
            ("Voter", "Round", "Vote", "Confidence", "Reason"),
            (
                (voter_of(t, b), str(b.round), voted(decision, b), sure(b), b.reason)
                for b in decision.ballots
            ),
        )
    if decision.flips:
        yield "<h4>Changed minds</h4>\n"
        yield table_html(
            ("Voter", "From", "To", "Reason"),
            (
                (f.voter, option_text(decision, f.before), option_text(decision, f.after), f.reason)
                for f in decision.flips
            ),
        )
    if decision.dissent:
        yield "<h4>Dissent</h4>\n"
        yield from (_dissent(decision, dissent) for dissent in decision.dissent)


def _bars(decision: Decision) -> str:
    """Return a bar for each option; the winner is told by a word too, not by colour alone."""
    rows = []
    for text, votes, share, won in shares(decision):
        mark = " won" if won else ""
        rows.append(
            f'<span class="option{mark}">{line(text)}</span>'
            f'<div class="track"><div class="fill{mark}" style="width:{share:.1%}"></div></div>'
            f'<span class="votes{mark}">{count_of(votes)} ({share:.0%}){" won" if won else ""}</span>\n'
        )
    return f'<div class="bars">\n{"".join(rows)}</div>\n'


def _dissent(decision: Decision, dissent: Dissent) -> str:
    holders = ", ".join(dissent.holders)
    change = dissent.would_change_my_mind
    last = (
        f'<p>What would change this mind:</p><blockquote class="verbatim">{line(change)}</blockquote>\n'
        if change
        else ""
    )
    return (
        f"<p><b>{line(option_text(decision, dissent.option))}</b> "
        f"({dissent.share:.0%}; held by {line(holders)}). {line(dissent.argued_by)} says:</p>\n"
        f'<blockquote class="verbatim">{line(dissent.argument)}</blockquote>\n{last}'
    )

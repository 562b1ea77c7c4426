"""A thread as one self-contained page: no script, nothing loaded, nothing a message could run."""

from __future__ import annotations

import re
from collections.abc import Mapping

from hub.domain.ids import MessageId
from hub.domain.thread import Message
from hub.domain.transcript import GraphNode, Transcript, TurnSummary
from hub.domain.usage import usd
from hub.exports.body import body_html, line
from hub.exports.decision_html import decision_html, facts_html, table_html
from hub.exports.palette import DARK, LIGHT, kind_of, looks
from hub.exports.style import style_sheet
from hub.exports.words import counted, moment, served_by, spent, tokens, why_routed

_IDS = re.compile(r'(<[a-z]\w* id="|xlink:href="#|="url\(#)')
"""Ends just before a name that the picture gives or refers to; its texts hold no bare quote."""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def to_html(t: Transcript, svg: str | None, more: Mapping[str, str] | None = None) -> str:
    """Return the page: totals, graph, decisions, then every message with who, why and cost.

    Args:
        t: The thread; everything in it is a stranger's text.
        svg: The interaction graph as `hub.exports.picture.draw` gives it on light ground, which
            the page repaints where the reader's system is dark; None leaves it out.
        more: Further pictures of that kind, by heading.
    """
    page = _Page(t)
    pictures = {**({"Who answered whom": svg} if svg else {}), **(more or {})}
    graph = "".join(
        f"<h2>{line(heading)}</h2>\n<figure>{_inline(drawn, f'g{k}-')}</figure>\n"
        for k, (heading, drawn) in enumerate(pictures.items())
    )
    decisions = "".join(decision_html(t, decision) for decision in t.decisions)
    heading = f"<h2>{'Decision' if len(t.decisions) == 1 else 'Decisions'}</h2>\n"
    content = (
        f"{_totals(t)}{heading + decisions if decisions else ''}{graph}"
        f"<h2>Messages</h2>\n{''.join(page.message(message) for message in t.messages)}"
    )
    return _whole(t.thread.title, page.style, content)


def picture_page(title: str, svg: str) -> str:
    """Return a page that shows one picture, as a transcript's page shows it."""
    return _whole(title, style_sheet([], []), f"<figure>{_inline(svg, 'g0-')}</figure>\n")


def _whole(title: str, style: str, content: str) -> str:
    named = line(title) or "Untitled"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{named}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{named}</h1>\n{content}"
        "<footer>Exported by GitBridge</footer>\n</main>\n</body>\n</html>\n"
    )


def _inline(svg: str, prefix: str) -> str:
    """Return the SVG without what only a file of its own may have before it, ids made its own."""
    return _IDS.sub(rf"\g<1>{prefix}", svg[svg.index("<svg") :])


def _totals(t: Transcript) -> str:
    facts = facts_html((f"Started {moment(t.thread.created_at)}", f"thread {t.thread.id}"))
    figures = {
        "messages": f"{len(t.messages):,}",
        "turns": f"{len(t.turns):,}",
        "decisions": f"{len(t.decisions):,}",
    }
    if t.usage:
        figures |= {"cost": spent(t.usage), "tokens": tokens(t.usage).removesuffix(" tokens")}
    items = "".join(f"<div><dt>{name}</dt><dd>{line(v)}</dd></div>" for name, v in figures.items())
    return f'{facts}<dl class="totals">{items}</dl>\n'


class _Page:
    """What the messages of one page share: who looks how, and which message is which."""

    def __init__(self, t: Transcript) -> None:
        self._t = t
        self._by_id: Mapping[MessageId, tuple[int, Message]] = {
            message.id: (n, message) for n, message in enumerate(t.messages, start=1)
        }
        speakers = [
            GraphNode(message.author, turn.provider if turn else None, 0, 0, 0)
            for message, turn in ((m, self._turn(m)) for m in t.messages)
        ]
        self._looks = looks(LIGHT, speakers)
        self._classes = {kind: f"k{k}" for k, kind in enumerate(self._looks)}
        self.style = style_sheet(list(self._looks.values()), list(looks(DARK, speakers).values()))

    def message(self, message: Message) -> str:
        """Return one message as an article."""
        turn = self._turn(message)
        kind = kind_of(message.author, turn.provider if turn else None)
        number, _ = self._by_id[message.id]
        facts = [moment(message.created_at), *(served_by(turn) if turn else ())]
        if message.to:
            facts.append("to " + ", ".join(message.to))
        if message.pinned:
            facts.append("pinned")
        facts += [f"attached: {a.name} ({a.size:,} bytes)" for a in message.attachments]
        error = f'<p class="error">{line(turn.error)}</p>\n' if turn and turn.error else ""
        return (
            f'<article id="m{number}" class="{self._classes[kind]}">\n<header>\n<h3>'
            f'<span class="glyph" title="{line(self._looks[kind].label)}">'
            f"{self._looks[kind].glyph}</span><b>{line(message.author)}</b>"
            f"<small>{message.kind.value}{self._answered(message)}</small></h3>\n"
            f"{facts_html(facts)}</header>\n{error}"
            f'<div class="body">{body_html(message.body)}</div>\n'
            f"{_route(turn) if turn else ''}</article>\n"
        )

    def _turn(self, message: Message) -> TurnSummary | None:
        return self._t.turns.get(message.turn_id) if message.turn_id else None

    def _answered(self, message: Message) -> str:
        """Return a link to the message that this one answers."""
        found = self._by_id.get(message.reply_to) if message.reply_to else None
        if found is None:
            return ""
        number, answered = found
        return f' · answers <a href="#m{number}">{line(answered.author)}, {number}</a>'


def _route(turn: TurnSummary) -> str:
    """Return why the turn went where it went, with every candidate behind a fold."""
    route = turn.route
    if route is None:
        return ""
    rows = (
        (
            c.deployment,
            c.removed or ("chosen" if c is route.chosen else ""),
            "" if c.score is None else f"{c.score:.2f}",
            "" if c.removed else usd(c.cost),
            "" if c.latency_s is None else f"{c.latency_s:.1f} s",
            "" if c.availability is None else f"{c.availability:.0%}",
        )
        for c in route.candidates
    )
    head = ("Deployment", "Result", "Score", "Expected cost", "Latency", "Availability")
    return (
        f"<details><summary>Route: {line(why_routed(turn))}</summary>\n"
        f"{facts_html((counted(len(route.candidates), 'candidate'),))}"
        f"{table_html(head, rows)}</details>\n"
    )

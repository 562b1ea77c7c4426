"""Sample threads for tests of exports, pictures and screens: all values fixed, nothing random.

`deliberation()` is a realistic decision of three agents on two providers, with dissent.
`hostile()` is the same with payloads in every text a stranger may write.
"""

from __future__ import annotations

from dataclasses import replace

from hub.domain.agent import HUB, YOU, Deployment, ProviderKind
from hub.domain.ask import Answer
from hub.domain.decision import (
    Ballot,
    Decision,
    Dissent,
    Flip,
    Option,
    Proposal,
    Rule,
    Score,
    Tally,
    Verdict,
)
from hub.domain.ids import DecisionId, MessageId, ThreadId, TurnId, digest
from hub.domain.route import Candidate, Route
from hub.domain.thread import Attachment, Message, MessageKind, Thread
from hub.domain.transcript import Transcript, TurnSummary
from hub.domain.turn import TurnState
from hub.domain.usage import Price, UsageRow

THREAD = ThreadId(digest("thread"))
DECISION = DecisionId(digest("decision"))
START = 1_763_805_600_000_000
"""2025-11-22T10:00:00Z."""

SQLITE = Option("SQLite, one file in WAL mode", authors=("proposer", "synthesist"))
FILES = Option("Plain Markdown files in a folder", authors=("critic",))

GPT = Deployment("openai", "gpt-4o", ProviderKind.OPENAI, Price(2_500_000, 10_000_000, 1_250_000))
MINI = Deployment("openai", "gpt-4o-mini", ProviderKind.OPENAI, Price(150_000, 600_000, 75_000))
GROK = Deployment("grok", "grok-3-mini", ProviderKind.GROK, Price(300_000, 500_000, 75_000))

PAYLOADS = (
    "<script>alert('x')</script>",
    "<img src=x onerror=alert(1)>",
    "</article></main><h1>broken out</h1>",
    "[click](javascript:alert(1)) [file](file:///etc/passwd) ![pixel](https://evil.example/p.png)",
    "[@click=app.quit]quit[/] [/b] [TODO] [/",
    "\x1b]0;owned\x07\x1b[2Jgone\x9b31m",
    "\u202egnp.exe\u202c \u2066hidden\u2069",
    "```\n````\n~~~~\n# not a heading\n| a | b |\n|---|---|",
    '=HYPERLINK("https://evil.example")\t@SUM(1)\r-1+1',
    "$\\frac{1}{0$ \\$ $$ \ufffe \uffff \ud800",
    "[ref]: https://evil.example\n<!-- comment --> <![CDATA[ x ]]> &lt;b&gt; &#x3c;b&#x3e;",
    "\"'><svg onload=alert(1)> ' onmouseover='alert(1)",
)
"""What a model, a file or an imported thread may say to hurt whoever shows it."""


def mid(n: int) -> MessageId:
    """Return the id of the n-th message."""
    return MessageId(digest(f"message {n}"))


def tid(n: int) -> TurnId:
    """Return the id of the turn behind the n-th message, or of a ballot from 11 on."""
    return TurnId(digest(f"turn {n}"))


def _route(n: int, agent: str, chosen: Deployment) -> Route:
    costs = {GPT.id: 4_200, MINI.id: 260, GROK.id: 640}
    waits = {GPT.id: 2.1, MINI.id: 1.2, GROK.id: 3.4}
    order = sorted((GPT, MINI, GROK), key=lambda d: (d is not chosen, costs[d.id]))
    candidates = [
        Candidate(
            deployment=d.id,
            cost=costs[d.id],
            ceiling=costs[d.id] * 8,
            latency_s=waits[d.id],
            availability=0.99 if d is not GROK else 0.96,
            score=round(0.91 - 0.17 * place, 2),
        )
        for place, d in enumerate(order)
    ]
    candidates.append(Candidate(deployment="local/smollm2", removed="no JSON schema"))
    return Route(
        turn_id=tid(n),
        agent=agent,
        strategy="hybrid",
        deployment=chosen,
        candidates=tuple(candidates),
        reason=f"{chosen.id} has the best blend of cost, latency and availability for this turn.",
        chain=tuple(d for d in order if d is not chosen),
    )


def _turn(
    n: int, agent: str, chosen: Deployment, cost: int | None, tokens: tuple[int, int]
) -> TurnSummary:
    return TurnSummary(
        id=tid(n),
        agent=agent,
        state=TurnState.DONE,
        provider=chosen.provider,
        model=chosen.model,
        cost=cost,
        prompt_tokens=tokens[0],
        completion_tokens=tokens[1],
        latency_s=round(0.8 + 0.37 * n, 2),
        route=_route(n, agent, chosen),
    )


QUESTION = "Should a single-user notes app keep its notes in SQLite or in plain files?"

_SAID = (
    (YOU, MessageKind.QUESTION, None, (), QUESTION),
    (
        "proposer",
        MessageKind.DRAFT,
        1,
        (),
        (
            "**SQLite.** One file, atomic writes, full-text search for free:\n\n"
            "```sql\nCREATE VIRTUAL TABLE notes USING fts5(title, body);\n```\n\n"
            "1. WAL survives a crash.\n2. Backups are one copy.\n3. Search stays quick at 100,000 notes."
        ),
    ),
    (
        "critic",
        MessageKind.DRAFT,
        1,
        (),
        (
            "Plain files. People *own* what they can open in any editor; a database is a promise that "
            "your program will always be there. The weakest assumption is that search needs an index: "
            "`ripgrep` reads 10,000 notes in 80 ms."
        ),
    ),
    (
        "synthesist",
        MessageKind.DRAFT,
        1,
        (),
        (
            "SQLite as the store, Markdown as the **export**, so that nobody is locked in.\n\n"
            "| need | SQLite | files |\n|---|---|---|\n| crash safety | yes | partly |\n"
            "| any editor | no | yes |\n| search | built in | external |"
        ),
    ),
    (
        "critic",
        MessageKind.CRITIQUE,
        2,
        ("proposer",),
        (
            "@proposer, a backup that is one copy is also one corruption. Who checks the WAL was "
            "checkpointed before the copy?"
        ),
    ),
    (
        "proposer",
        MessageKind.CRITIQUE,
        5,
        ("critic",),
        (
            "@critic, the backup API copies a consistent snapshot while the program runs; see "
            "<https://sqlite.org/backup.html>. With files, who makes a rename and an edit atomic?"
        ),
    ),
    (
        "synthesist",
        MessageKind.CRITIQUE,
        3,
        ("critic", "proposer"),
        (
            "@critic is right about ownership and @proposer about safety. An export on every save "
            "costs 2 ms and settles it."
        ),
    ),
    (
        HUB,
        MessageKind.OUTCOME,
        1,
        (),
        "Decided by majority, 2 of 3: SQLite, one file in WAL mode.",
    ),
)

_SERVED = {
    2: (GPT, 4_180, (312, 341)),
    3: (GROK, 655, (298, 402)),
    4: (MINI, 231, (305, 288)),
    5: (GROK, 710, (890, 121)),
    6: (GPT, 4_905, (1_024, 210)),
    7: (MINI, 268, (1_180, 140)),
}
_VOTES = (("proposer", GPT, 2_950), ("critic", GROK, 512), ("synthesist", MINI, 190))


def turns() -> dict[TurnId, TurnSummary]:
    """Return all turns of the deliberation, the three ballots' too."""
    said = {tid(n): _turn(n, _SAID[n - 1][0], *served) for n, served in _SERVED.items()}
    votes = {
        tid(11 + k): _turn(11 + k, agent, chosen, cost, (1_310, 64))
        for k, (agent, chosen, cost) in enumerate(_VOTES)
    }
    return said | votes


def messages() -> tuple[Message, ...]:
    """Return the question, three drafts, three critiques and the outcome."""
    return tuple(
        Message(
            id=mid(n),
            thread_id=THREAD,
            seq=n,
            author=author,
            kind=kind,
            body=body,
            created_at=START + n * 7_250_125,
            reply_to=mid(answers) if answers else None,
            mentions=mentions,
            turn_id=tid(n) if n in _SERVED else None,
            attachments=(Attachment("needs.txt", "0" * 64, 2_048),) if n == 1 else (),
            pinned=n == 1,
        )
        for n, (author, kind, answers, mentions, body) in enumerate(_SAID, start=1)
    )


def decision() -> Decision:
    """Return the closed decision: two votes for SQLite, the critic's dissent."""
    ballots = (
        Ballot("proposer", 1, SQLITE.id, confidence=0.86, reason="Crash safety decides.",
               would_change_my_mind="A file format with atomic multi-file edits.",
               family="gpt", turn_id=tid(11)),
        Ballot("critic", 1, FILES.id, confidence=0.72,
               reason="Notes outlive programs.\nA folder of text needs no promise from us.",
               would_change_my_mind="An export that is always current and tested.",
               family="grok", turn_id=tid(12)),
        Ballot("synthesist", 1, SQLITE.id, confidence=0.8, reason="Safe store, open export.",
               family="gpt", turn_id=tid(13)),
    )  # fmt: skip
    tally = Tally(
        rule=Rule.MAJORITY,
        scores=(Score(SQLITE.id, 2.0, 2 / 3), Score(FILES.id, 1.0, 1 / 3)),
        eligible=3,
        cast=3,
        abstained=0,
        absent=(),
        quorum=2,
        families=("gpt", "grok"),
        margin=1.0,
        verdict=Verdict.DECIDED,
        winner=SQLITE.id,
        reason="SQLite, one file in WAL mode has 2 of 3 votes, more than half of the eligible.",
        notes=("uncalibrated",),
    )
    return Decision(
        id=DECISION,
        thread_id=THREAD,
        proposal=Proposal(QUESTION, (SQLITE, FILES), ("proposer", "critic", "synthesist"), rounds=2),
        opened_at=START + 60_000_000,
        ballots=ballots,
        tally=tally,
        dissent=(
            Dissent(FILES.id, ("critic",), 1 / 3, ballots[1].reason, "critic",
                    ballots[1].would_change_my_mind, flips_from=1),
        ),
        flips=(Flip("synthesist", FILES.id, SQLITE.id, "The export answers my worry."),),
        stop_reason="all ballots are in",
        closed_at=START + 71_000_000,
    )  # fmt: skip


def usage() -> UsageRow:
    """Return what the whole thread used."""
    made = turns().values()
    cost = sum(t.cost or 0 for t in made)
    return UsageRow(
        key=THREAD,
        prompt_tokens=sum(t.prompt_tokens for t in made),
        completion_tokens=sum(t.completion_tokens for t in made),
        reasoning_tokens=118,
        cached_tokens=256,
        prompt_cost=cost // 2,
        completion_cost=cost - cost // 2,
        cost=cost,
        unknown_cost_calls=sum(t.cost is None for t in made),
        calls=len(made),
    )


def deliberation() -> Transcript:
    """Return a thread of three agents on two providers, two rounds and a decision with dissent."""
    return Transcript(
        thread=Thread(THREAD, "Where should notes live?", START, last_seq=len(_SAID)),
        messages=messages(),
        turns=turns(),
        decisions=(decision(),),
        usage=usage(),
    )


def answer() -> Answer:
    """Return the deliberation as `Hub.ask` gives it back."""
    t = deliberation()
    return Answer(
        thread=t.thread,
        question=t.messages[0],
        messages=t.messages[1:],
        decision=t.decisions[0],
        turns=tuple(t.turns.values()),
        usage=usage(),
        elapsed_s=12.34567,
    )


def hostile() -> Transcript:
    """Return the deliberation with payloads as title, names, models, bodies, options and reasons."""
    t = deliberation()
    everything = "\n".join(PAYLOADS)
    names = {
        YOU: YOU,
        HUB: HUB,
        "proposer": PAYLOADS[0],
        "critic": PAYLOADS[4],
        "synthesist": PAYLOADS[5],
    }
    said = []
    for n, message in enumerate(t.messages):
        payload = PAYLOADS[n % len(PAYLOADS)]
        said.append(
            replace(
                message,
                author=names[message.author],
                body=f"{payload}\n\n{everything}\n\n{'long ' * 400}{'x' * 5_000}",
                mentions=tuple(names[name] for name in message.mentions),
                attachments=(Attachment(f"../../{payload}", "f" * 64, 1),),
            )
        )
    turns_ = {
        key: replace(
            turn,
            agent=names[turn.agent],
            model=f"{turn.model} {PAYLOADS[1]}",
            provider=f"{turn.provider} {PAYLOADS[11]}",
            cost=None,
            error=PAYLOADS[2],
            route=replace(turn.route, reason=everything) if turn.route else None,
        )
        for key, turn in t.turns.items()
    }
    return replace(
        t,
        thread=replace(t.thread, title=f"../../CON.html {PAYLOADS[0]}\n# {PAYLOADS[7]}\x1b[31m"),
        messages=tuple(said),
        turns=turns_,
        decisions=(_hostile_decision(everything),),
        usage=replace(usage(), unknown_cost_calls=9, cost=0, prompt_cost=0, completion_cost=0),
    )


def _hostile_decision(everything: str) -> Decision:
    sqlite, files = Option(f"{PAYLOADS[0]} {SQLITE.text}"), Option(f"{PAYLOADS[7]} {FILES.text}")
    ids = {SQLITE.id: sqlite.id, FILES.id: files.id}
    d = decision()
    tally = d.tally
    return replace(
        d,
        proposal=replace(d.proposal, question=everything, options=(sqlite, files)),
        ballots=tuple(
            replace(b, voter=f"{b.voter} {PAYLOADS[9]}", choice=ids[b.choice or ""], reason=everything)
            for b in d.ballots
        ),
        tally=tally and replace(
            tally,
            scores=tuple(replace(s, option=ids[s.option]) for s in tally.scores),
            winner=sqlite.id,
            reason=everything,
        ),
        dissent=tuple(replace(x, option=files.id, argument=everything) for x in d.dissent),
        flips=(),
        stop_reason=PAYLOADS[3],
    )  # fmt: skip

"""The transcript importer: whatever a file holds, it becomes a thread that is sound, or one sentence."""

from __future__ import annotations

import copy
import csv
import io
import json
from collections.abc import Iterator
from functools import cache

import apsw

from hub.domain.change import ImportThreads
from hub.domain.query import DecisionList, Messages, TurnSummaries
from hub.domain.text import sanitize
from hub.domain.transcript import Transcript
from hub.exports.csv import to_csv
from hub.exports.json_transcript import to_json, transcript_json
from hub.exports.jsonl import to_jsonl
from hub.exports.names import file_name
from hub.imports.place import is_id
from hub.imports.read import read_transcripts
from hub.imports.rewriting import agents_in, renamed, with_new_ids
from hub.storage import schema
from hub.storage.changes.imports import import_threads
from hub.storage.queries.dispatch import answer
from hub.storage.session import Session
from tests.fakes.transcripts import deliberation
from tests.fuzz.mutation import TOKENS, Mutator, Seed
from tests.fuzz.targets import Target, law

NOW = 1_763_805_600_000_000
NAMES = (
    "../../etc/passwd", "/etc/shadow", "C:\\Windows\\x", "..\\..\\x", "con", "nul.json", "last", "-rf", "*", "[a-z]",
    "a" * 70, "a\x00b", "\u202etxt.exe", "\ud83d", "~root", "%s", "$HOME", "x/../y", ".", "..", "you", "hub", "2e3",
)  # fmt: skip
"""What a file may want to be called, or somebody in it."""
PIECES = (
    *TOKENS,
    b'"turn":null', b'"seq":1', b'"reply_to":"m1"', b'"cost_usd":1e-7', b'"cost_usd":-0.0', b'"created_at":"9999-12-31T23:59:59.999999Z"',
    b'"created_at":"0001-01-01T00:00:00Z"', b'"version":2', b'"type":"thread"', b'"type":"decision"', b'"mapping":{}',
    b'"role":"user"', b'"content":["a",{"text":"b"}]', b'"messages":2147483648', b"\n{}\n", b"\n[]\n", b"PK\x03\x04",
)  # fmt: skip


def _small() -> dict:
    """Return a thread with a question, an answer and a decision."""
    whole = json.loads(to_json(deliberation()))
    whole["messages"] = whole["messages"][:2]
    whole["thread"]["messages"] = 2
    route = whole["messages"][1]["turn"]["route"]
    route["candidates"], route["chain"] = route["candidates"][:1], route["chain"][:1]
    return whole


WHOLE = _small()
OPEN = {**WHOLE, "decisions": [{**WHOLE["decisions"][0], "tally": None, "outcome": None,
    "winner": None, "reason": "", "rule": "auto", "closed_at": None}]}  # fmt: skip
CHATGPT = [{
    "title": "Stores", "create_time": 1.5, "conversation_id": "c-1", "current_node": "b",
    "mapping": {
        "a": {"parent": None, "message": {"id": "m1", "author": {"role": "user"}, "create_time": 2.5,
              "content": {"content_type": "text", "parts": ["Why?"]}}},
        "b": {"parent": "a", "message": {"id": "m2", "author": {"role": "assistant"}, "recipient": "all",
              "content": {"content_type": "multimodal_text", "parts": [{"text": "x"}, "Because."]},
              "metadata": {"model_slug": "gpt-4o"}}},
    },
}]  # fmt: skip
PLAIN = [
    {"role": "user", "content": "Why?"},
    {"author": "ann", "body": "So.", "created_at": "2025-11-22T10:00:00Z"},
    {"role": "assistant", "content": [{"type": "text", "text": "Because."}]},
]
OURS = [json.loads(line) for line in to_jsonl(deliberation()).splitlines()[:2]]
OURS = [{**OURS[0], "messages": 1}, OURS[1], {"type": "decision", **WHOLE["decisions"][0]}]
DOCUMENTS: tuple[Seed, ...] = (WHOLE, WHOLE, OPEN, CHATGPT)
LINES = (PLAIN, OURS)


def make(mutator: Mutator) -> bytes:
    """Return a file of any of the four kinds with something wrong in it, or nothing."""
    draw, mutator = mutator.draw, Mutator(mutator.draw, PIECES)
    if draw.random() < 0.55:
        seed = draw.choice(DOCUMENTS)
        return mutator.mutate(_named(mutator, seed), draw.choice(DOCUMENTS))
    lines = list(draw.choice(LINES))
    for _ in range(draw.choice((0, 1, 1, 2))):
        place = draw.randrange(len(lines))
        lines[place] = mutator.swapped(lines[place])
    data = "\n".join(json.dumps(_named(mutator, line)) for line in lines).encode()
    return mutator.changed(data, draw.choice(DOCUMENTS)) if draw.random() < 0.4 else data


def _named(mutator: Mutator, value: object) -> object:
    """Return a JSON value in which now and then one text is a name from the list."""
    if mutator.draw.random() > 0.3:
        return value
    value = copy.deepcopy(value)
    places = [(part, key) for part, key in _places(value) if isinstance(part[key], str)]
    if places:
        part, key = mutator.draw.choice(places)
        part[key] = mutator.draw.choice(NAMES)
    return value


def _places(value: object) -> Iterator[tuple[dict | list, str | int]]:
    """Yield every part of a JSON value, with the object or list that holds it."""
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from _places(value[key])


def run(data: bytes, _: Mutator) -> None:
    """A file that is taken holds sound threads, which come back to the byte from then on."""
    found = read_transcripts(data, NOW)
    law(found, "a file of nothing is taken")
    for t in found:
        sound(t)
        for write in (to_json, to_jsonl):
            text = write(t)
            (again,) = read_transcripts(text.encode(), NOW)
            law(write(again) == text, "a round trip changes something")
        sound(with_new_ids(t))
        renamed(t, {name: f"a{number}" for number, name in enumerate(agents_in(t))})
        rows = csv.reader(io.StringIO(to_csv(t)), strict=True)
        law(
            not any(c.lstrip()[:1] in ("=", "+", "-", "@") for r in rows for c in r if c.strip()),
            "a formula",
        )
    kept(found)


def sound(t: Transcript) -> None:
    """Check what every thread here is: numbered, clean, referring to what is there."""
    texts = [part[key] for part, key in _places(transcript_json(t)) if isinstance(part[key], str)]
    law(all(text == sanitize(text) for text in texts), "uncleaned text")
    law([m.seq for m in t.messages] == list(range(1, len(t.messages) + 1)), "a gap")
    seen: set[str] = set()
    for message in t.messages:
        law(message.reply_to is None or message.reply_to in seen, "an answer to nothing")
        seen.add(message.id)
    ids = [t.thread.id, *seen, *t.turns, *(d.id for d in t.decisions)]
    law(all(map(is_id, ids)), "an id that is none")
    law(not {"/", "\\", ":"} & set(file_name(t.thread, "json")), "a name that leaves its folder")
    for decision in t.decisions:
        winner = decision.tally and decision.tally.winner
        law(winner is None or decision.option(winner), "a winner that nobody proposed")


def kept(found: tuple[Transcript, ...]) -> None:
    """The journal takes what was read, and gives it back."""
    session = _journal()
    session.connection.execute("BEGIN")
    try:
        import_threads(session, ImportThreads(found))
        for t in found:
            law(answer(session, Messages(t.thread.id)) == t.messages, "other messages")
            law(answer(session, TurnSummaries(t.thread.id)) == t.turns, "other turns")
            law(len(answer(session, DecisionList(t.thread.id))) == len(t.decisions), "other votes")
    finally:
        session.connection.execute("ROLLBACK")


@cache
def _journal() -> Session:
    connection = apsw.Connection(":memory:")
    schema.migrate(connection)
    return Session(connection, owners=None, clock=None)  # type: ignore[arg-type]  # importing asks neither


TRANSCRIPTS = (Target("transcript", 200, make, run),)

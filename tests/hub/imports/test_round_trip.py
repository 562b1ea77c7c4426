"""What leaves the hub as a transcript comes back as the same bytes."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings

from hub.domain.ask import Ask, Mode
from hub.exports.json_transcript import to_json
from hub.exports.jsonl import to_jsonl
from hub.imports.read import read_transcripts
from tests.fakes.clock import START
from tests.fakes.hubs import House
from tests.fakes.transcripts import deliberation
from tests.hub.imports.threads import transcripts

LATER = {
    *("keys", "seats", "category", "tie_chain", "chair", "discount", "sure"),
    *("budget_usd", "deadline", "stop_early", "supersedes", "review_at", "leaders", "posterior"),
    *("chance", "effective", "margins", "weighing", "override", "ranking", "approvals"),
    *("deployment", "casting", "seen", "weight", "sureness"),
}
"""Parts that the first files of version 1 did not have."""
FORMATS = {"json": to_json, "jsonl": to_jsonl}


@given(transcripts())
def test_any_thread_is_read_back_as_it_was_written(thread):
    for write in FORMATS.values():
        (read,) = read_transcripts(write(thread).encode(), 7)

        assert read.thread == thread.thread
        assert read.messages == thread.messages
        assert read.usage == thread.usage
        assert write(read) == write(thread)


@given(transcripts())
@settings(max_examples=25)
def test_any_thread_goes_through_the_journal_to_the_byte(thread):
    asyncio.run(through_the_journal({name: write(thread) for name, write in FORMATS.items()}))


async def through_the_journal(files: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with House(Path(folder)) as house:
            done = await house.hub.import_file(files["json"].encode())
            for format_, text in files.items():
                assert await house.hub.export(done.threads[0].thread.id, format_) == text
            house.books.agree()


@pytest.mark.anyio
async def test_a_deliberation_comes_back_on_another_machine_and_goes_on_there(tmp_path: Path):
    async with House(tmp_path / "here") as here:
        answer = await here.ask(Ask("Which store?", Mode.DECIDE, options=("a", "b"), rounds=1))
        exported = await here.hub.export(answer.thread.id, "json")
        listed = (await here.hub.threads())[0]
    async with House(tmp_path / "there") as there:
        (thread,) = (await there.hub.import_file(exported.encode())).threads

        assert await there.hub.export(thread.thread.id, "json") == exported
        assert (await there.hub.threads())[0] == thread
        assert (thread.cost, thread.messages) == (listed.cost, listed.messages)
        assert there.books.rows("SELECT * FROM ledger") == []
        assert there.books.rows("SELECT * FROM budget") == []

        more = await there.ask(Ask("And on a phone?"), thread.thread.id)
        whole = await there.hub.transcript(thread.thread.id)

        assert more.messages[0].seq == listed.messages + 2
        assert whole.usage.cost == listed.cost + there.books.spent() > listed.cost
        there.books.agree()


def test_a_file_that_an_earlier_program_wrote_is_read_all_the_same():
    file = json.loads(to_json(deliberation()))
    (decision,) = file["decisions"]
    parts = [decision, decision["proposal"], decision["tally"], *decision["ballots"]]
    parts += [*decision["tally"]["scores"], *decision["dissent"]]
    for part in parts:
        for new in LATER & part.keys():
            del part[new]

    (read,) = read_transcripts(json.dumps(file).encode(), 7)

    assert read.decisions[0].option(read.decisions[0].tally.winner).text == decision["winner"]
    assert len(read.decisions[0].ballots) == len(decision["ballots"])


@pytest.mark.anyio
async def test_imported_calls_teach_the_router_nothing_and_count_in_no_report(home: Path):
    async with House(home) as house:
        await house.hub.import_file(to_json(deliberation()).encode())

        assert await house.hub.usage("thread") == ()
        assert house.books.rows("SELECT * FROM call") == []
        assert await house.hub.orphans() == ()


@pytest.mark.anyio
async def test_an_archived_thread_is_archived_when_it_comes_back(home: Path):
    text = to_json(deliberation()).replace('"archived": false', '"archived": true')
    async with House(home) as house:
        await house.hub.import_file(text.encode())

        (summary,) = await house.hub.threads(archived=True)
        assert await house.hub.export(summary.thread.id, "json") == text
        assert summary.thread.archived_at == START


@pytest.mark.anyio
async def test_a_redacted_decision_is_read_back(home: Path):
    async with House(home) as house:
        option = "Plain text files in a folder"
        answer = await house.ask(Ask(option, Mode.DECIDE, options=(option, "b"), rounds=1))
        await house.hub.redact(answer.question.id)
        exported = await house.hub.export(answer.thread.id, "json")

        (copy,) = (await house.hub.import_file(exported.encode(), as_new=True)).threads

        again = await house.hub.export(copy.thread.id, "json")
        assert "[redacted]" in exported
        assert len(again) == len(exported)


@pytest.mark.control("S9")
@pytest.mark.anyio
async def test_agents_are_sent_an_imported_file_between_fences(home: Path):
    async with House(home) as house:
        (thread,) = (await house.hub.import_file(to_json(deliberation()).encode())).threads
        await house.ask(Ask("And now?"), thread.thread.id)

        parts = [part for part in house.asked[0].parts if part.message_id]
        assert all(part.text.startswith("An imported file says:\n<<") for part in parts[:-1])
        assert parts[-1].text == "And now?"
        assert len(parts) == thread.messages + 1

"""What a person does with the options of an open question: joins what is one, splits what is two."""

import asyncio
import json
import re
from dataclasses import replace

import pytest

from hub.consensus.verify import differences
from hub.consensus.whatif import what_if
from hub.deliberation import decision_id
from hub.domain.ask import Ask, Mode
from hub.domain.decision import AnswerKind, Rule, Verdict
from hub.domain.event import BallotCast, DecisionOpened
from hub.domain.turn import Purpose
from hub.errors import NotFoundError, UsageError
from hub.imports.decision_file import read_decisions
from tests.fakes.hubs import NAMES, House, persona
from tests.fakes.voices import ballot, judges, label_of, votes

pytestmark = pytest.mark.anyio

ANSWERS = {"proposer": "1/2", "critic": "0.5", "synthesist": "one half"}
NUMBER = Ask("How much?", Mode.DECIDE, kind=AnswerKind.NUMBER, rounds=1)
PLANS = {"proposer": "Keep SQLite.", "critic": "Use SQLite.", "synthesist": "Use PostgreSQL."}
PLAN = Ask("Which store?", Mode.DECIDE, rule=Rule.PLURALITY, rounds=1)


def says(house, line):
    for voice in house.voices.values():
        voice.script = line


def answering(said):
    return lambda view: f"I have counted.\nAnswer: {said[view.persona.name]}"


def planning(wanted, *, merging=False):
    def line(view):
        if judges(view):
            drafts = re.findall(r"^Draft (\d+):\n<<\w+\n(.*)$", view.parts[-1].text, re.MULTILINE)
            alike = [int(n) for n, text in drafts if merging and "SQLite" in text]
            return json.dumps({"groups": [alike]})
        if votes(view):
            return ballot(label_of(view, wanted[view.persona.name]))
        return PLANS[view.persona.name]

    return line


def table(decision):
    return {option.text: option.authors for option in decision.proposal.options}


def voted(decision):
    return {b.voter: decision.option(b.choice).text for b in decision.ballots}


async def exported(house, decision):
    """Return the decision as its exported record tells it, which has to hold."""
    found = json.loads(await house.hub.export_decision(decision.id, "json"))
    (read,) = read_decisions(json.dumps(found).encode())
    assert differences(read) == ()
    assert replace(read, tally=decision.tally) == decision
    return found


async def test_two_answers_that_a_person_joins_are_one_option_with_the_votes_of_both(home):
    async with House(home) as house:
        says(house, answering(ANSWERS))
        before = (await house.ask(NUMBER)).decision
        assert table(before) == {"0.5": ("critic", "proposer"), "one half": ("synthesist",)}

        now = await house.hub.join(before.id, ["0.5", "one half"], name="Ada", reason="The same.")

        assert table(now) == {"0.5": ("critic", "proposer", "synthesist")}
        assert set(voted(now).values()) == {"0.5"}
        assert now.tally.scores[0].votes == 3
        assert now.proposal.supersedes == before.id
        assert await house.hub.decision(before.id) == before
        (change,) = now.proposal.regroupings
        assert (change.by, change.reason) == ("Ada", "The same.")
        record = await exported(house, now)
        assert {s["voter"] for s in record["record"]["served"]} == set(NAMES)
        assert record["record"]["calls"] == 3
        card = await house.hub.drawing("card", "svg", ref=now.id)
        assert b"nothing booked" not in card
        assert b"Ada joined" in card
        moved = [b for b in record["decision"]["ballots"] if b["as_cast"]]
        assert [(b["voter"], b["as_cast"]) for b in moved] == [("synthesist", ["one half"])]


async def test_a_vote_that_was_a_draft_moves_with_its_draft(home):
    async with House(home) as house:
        says(house, answering(ANSWERS))
        before = (await house.ask(NUMBER)).decision
        assert before.option(before.tally.winner).text == "0.5"

        now = await house.hub.split(before.id, "0.5", ["proposer"], name="Ada", reason="A date.")

        assert table(now) == {"0.5": ("critic",), "1/2": ("proposer",), "one half": ("synthesist",)}
        assert voted(now) == ANSWERS
        assert (now.tally.verdict, now.tally.winner) == (Verdict.NO_CONSENSUS, None)
        assert differences(now) == ()
        found = what_if(now)
        assert found.as_merged.winner == before.tally.winner
        await exported(house, now)


async def test_what_was_joined_and_split_again_is_as_it_was(home):
    async with House(home) as house:
        says(house, answering(ANSWERS))
        before = (await house.ask(NUMBER)).decision
        joined = await house.hub.join(before.id, ["one half", "0.5"], reason="The same.")
        assert table(joined) == {"one half": ("critic", "proposer", "synthesist")}
        back = await house.hub.split(
            joined.id, "one half", ["critic", "proposer"], reason="Not so."
        )

        assert table(back) == table(before)
        assert voted(back) == voted(before)
        assert back.tally.winner == before.tally.winner
        assert len(back.proposal.regroupings) == 2
        await exported(house, back)
        with pytest.raises(UsageError, match="taken the place"):
            await house.hub.join(before.id, ["A", "B"], reason="Again.")


async def test_once_options_were_joined_nobody_votes_in_the_decision_before(home):
    async with House(home) as house:
        says(house, answering({"proposer": "1", "critic": "2", "synthesist": "3"}))
        before = (await house.ask(NUMBER)).decision
        assert before.tally.winner is None
        now = await house.hub.join(before.id, ["1", "2"], reason="The same.")

        for late in (
            house.hub.vote(before.id, ["3"]),
            house.hub.cast_override(before.id, "3", reason="Mine."),
            house.hub.go_on(before.id, None),
        ):
            with pytest.raises(UsageError, match=f"{now.id[:8]} has taken the place"):
                await late

        assert await house.hub.decision(before.id) == before
        assert {d.id for d in await house.hub.decisions()} == {before.id, now.id}


async def test_a_ballot_counts_for_the_text_that_stood_on_it(home):
    async with House(home) as house:
        says(house, planning(dict.fromkeys(NAMES, "SQLite"), merging=True))
        before = (await house.ask(PLAN)).decision
        assert table(before)["Keep SQLite."] == ("critic", "proposer")
        assert set(voted(before).values()) == {"Keep SQLite."}

        now = await house.hub.split(before.id, "A", ["critic"], reason="One may switch later.")

        assert table(now)["Use SQLite."] == ("critic",)
        assert set(voted(now).values()) == {"Keep SQLite."}
        await exported(house, now)
        text = await house.hub.export_decision(now.id, "markdown")
        assert "### Merged drafts" in text
        assert "One may switch later." in text


async def test_options_that_are_joined_while_agents_vote_keep_every_vote(home):
    async with House(home) as house:
        gate = asyncio.Event()
        wanted = {"proposer": "Use SQLite", "critic": "Keep SQLite", "synthesist": "Use SQLite"}

        async def line(view):
            if votes(view) and view.persona.name == "synthesist":
                await gate.wait()
            return planning(wanted)(view)

        says(house, line)
        task = house.start(PLAN)
        await house.until(lambda: len(house.events(BallotCast)) == 2)
        id_ = house.events(DecisionOpened)[0].decision.id
        await house.hub.join(id_, ["Keep SQLite.", "Use SQLite."], reason="The same store.")
        assert len(house.events(DecisionOpened)) == 2
        gate.set()
        decision = (await house.done(task)).decision

        assert len(decision.proposal.options) == 2
        assert set(voted(decision).values()) == {"Keep SQLite."}
        assert decision.tally.scores[0].votes == 3
        assert house.events(BallotCast)[-1].ballot.as_cast
        assert house.books.value("SELECT count(DISTINCT body ->> 'choice') FROM ballot") == 2
        assert differences(decision) == ()
        house.books.agree()


async def test_an_option_that_is_split_while_agents_vote_is_read_under_the_labels_they_saw(home):
    async with House(home) as house:
        gate = asyncio.Event()
        wanted = {"proposer": "PostgreSQL", "critic": "PostgreSQL", "synthesist": "Keep SQLite"}

        async def line(view):
            said = planning(wanted, merging=True)(view)
            if votes(view):
                await gate.wait()
            return said

        says(house, line)
        task = house.start(PLAN)
        await house.until(lambda: house.events(DecisionOpened))
        await house.until(lambda: len([v for v in house.asked if votes(v)]) == 3)
        id_ = house.events(DecisionOpened)[0].decision.id
        await house.hub.split(id_, "Keep SQLite.", ["critic"], reason="Two plans.")
        gate.set()
        decision = (await house.done(task)).decision

        assert len(decision.proposal.options) == 3
        assert {name: text.split()[-1] for name, text in voted(decision).items()} == {
            "proposer": "PostgreSQL.",
            "critic": "PostgreSQL.",
            "synthesist": "SQLite.",
        }
        assert differences(decision) == ()


async def test_what_can_not_be_joined_or_split_is_said_and_changes_nothing(home):
    async with House(home) as house:
        says(house, answering(ANSWERS))
        decision = (await house.ask(NUMBER)).decision
        hub, id_ = house.hub, decision.id
        for refused, why in (
            (hub.join(id_, ["A", "B"], reason=" "), "need a reason"),
            (hub.join(id_, ["A"], reason="So."), "two options"),
            (hub.join(id_, ["A", "a"], reason="So."), "two options"),
            (hub.join(id_, ["A", "nothing"], reason="So."), "none of the options"),
            (hub.join(id_, ["A", "B"], name="critic", reason="So."), "no person's name"),
            (hub.split(id_, "0.5", ["synthesist"], reason="So."), "no draft of that option"),
            (hub.split(id_, "0.5", ["critic", "proposer"], reason="So."), "not all"),
            (hub.split(id_, "one half", ["synthesist"], reason="So."), "one draft alone"),
        ):
            with pytest.raises(UsageError, match=why):
                await refused
        assert await hub.decisions() == (decision,)
        says(house, lambda v: ballot("A") if votes(v) else "So.")
        given = (await house.ask(Ask("Which?", Mode.DECIDE, options=("a", "b")))).decision
        with pytest.raises(UsageError, match="were given"):
            await hub.join(given.id, ["a", "b"], reason="So.")


async def test_drafts_in_the_same_words_can_not_be_told_apart(home):
    async with House(home) as house:
        says(house, answering(dict.fromkeys(NAMES, "7")))
        decision = (await house.ask(NUMBER)).decision

        assert len(decision.proposal.options[0].drafts) == 3
        with pytest.raises(UsageError, match="word for word"):
            await house.hub.split(decision.id, "7", ["critic"], reason="So.")


async def test_a_draft_is_named_by_its_message_too(home):
    async with House(home) as house:
        says(house, answering(ANSWERS))
        answer = await house.ask(NUMBER)
        (draft,) = [m for m in answer.messages if m.author == "proposer"]
        now = await house.hub.split(answer.decision.id, "0.5", [draft.id], reason="A date.")

        assert table(now)["1/2"] == ("proposer",)


@pytest.mark.parametrize("forge", ["options", "ballots"])
async def test_a_record_whose_regrouping_was_forged_does_not_hold(home, forge):
    async with House(home) as house:
        says(house, answering(ANSWERS))
        before = (await house.ask(NUMBER)).decision
        now = await house.hub.join(before.id, ["0.5", "one half"], reason="The same.")
        proposal = now.proposal
        if forge == "options":
            (change,) = proposal.regroupings
            lost = replace(change, before=change.before[:1])
            forged = replace(now, proposal=replace(proposal, regroupings=(lost,)))
        else:
            forged = replace(now, ballots=tuple(replace(b, as_cast=()) for b in now.ballots))
            forged = replace(
                forged,
                ballots=tuple(replace(b, answer="one half", choice="x") for b in forged.ballots),
            )

        assert forge in differences(forged)


async def test_a_regrouped_thread_comes_back_from_its_export_as_it_was(home, tmp_path):
    async with House(home) as house:
        says(house, answering(ANSWERS))
        before = (await house.ask(NUMBER)).decision
        now = await house.hub.split(before.id, "0.5", ["proposer"], reason="A date.")
        text = await house.hub.export(now.thread_id, "json")
    other = tmp_path / "other"
    other.mkdir()
    async with House(other) as house:
        await house.hub.import_file(text.encode())
        assert await house.hub.decision(now.id) == now
        assert await house.hub.export(now.thread_id, "json") == text
        names = {"critic": "synthesist", "synthesist": "critic"}
        await house.hub.import_file(text.encode(), names=names, as_new=True)
        (copy, _) = [d for d in await house.hub.decisions() if d.thread_id != now.thread_id]

        assert table(copy)["0.5"] == ("synthesist",)
        assert differences(copy) == ()


def waiting_with(house, name, line):
    """Let one agent write its draft until the gate opens."""
    gate = asyncio.Event()

    async def say(view):
        if view.purpose is Purpose.DRAFT and view.persona.name == name:
            await gate.wait()
        return line(view)

    says(house, say)
    return gate


@pytest.mark.parametrize("ref", ["last", "thread", "question", "decision"])
async def test_an_option_that_is_proposed_while_drafts_are_written_is_put_to_the_vote(home, ref):
    async with House(home) as house:
        gate = waiting_with(house, "critic", planning(dict.fromkeys(NAMES, "paper")))
        task = house.start(PLAN)
        await house.until(lambda: len(house.asked) == 3)
        [summary] = await house.hub.threads()
        [question] = [
            m for m in await house.hub.messages(summary.thread.id) if m.kind == "question"
        ]
        names = {
            "thread": summary.thread.id[:6],
            "question": question.id,
            "decision": decision_id(question.id),
        }
        await house.hub.propose(names.get(ref, ref), "Write it on paper.")
        gate.set()
        decision = (await house.done(task)).decision

        assert table(decision)["Write it on paper."] == ("you",)
        assert decision.option(decision.tally.winner).text == "Write it on paper."
        assert {b.round for b in decision.ballots} == {1}
        assert len(house.events(DecisionOpened)) == 1
        assert differences(decision) == ()


async def test_a_proposed_answer_that_a_draft_gives_too_is_one_option_of_both(home):
    async with House(home) as house:
        gate = waiting_with(house, "critic", answering(ANSWERS))
        task = house.start(NUMBER)
        await house.until(lambda: len(house.asked) == 3)
        await house.hub.propose("last", "0.50")
        await house.hub.propose("last", "0.75")
        gate.set()
        decision = (await house.done(task)).decision

        assert table(decision)["0.5"] == ("critic", "proposer", "you")
        assert table(decision)["0.75"] == ("you",)


async def test_a_full_table_has_room_for_what_the_person_proposed(home):
    nine = tuple(persona(f"a{n}") for n in range(9))
    async with House(home, agents=nine) as house:
        gate = waiting_with(house, "a3", lambda view: f"Answer: {view.persona.name[1:]}")
        task = house.start(NUMBER)
        await house.until(lambda: len(house.asked) == 9)
        await house.hub.propose("last", "0.75")
        gate.set()
        decision = (await house.done(task)).decision

        assert len(decision.proposal.options) == 9
        assert "0.75" in table(decision)


async def test_another_terminal_proposes_to_what_this_program_asks(home):
    async with House(home) as house, House(home, house.clock) as other:
        gate = waiting_with(house, "critic", planning(dict.fromkeys(NAMES, "paper")))
        task = house.start(PLAN)
        await house.until(lambda: len(house.asked) == 3)
        await other.hub.propose("last", "Write it on paper.")
        gate.set()

        assert "Write it on paper." in table((await house.done(task)).decision)


async def test_where_nothing_is_under_way_a_proposal_is_refused(home):
    async with House(home) as house:
        with pytest.raises(NotFoundError):
            await house.hub.propose("last", "Mine.")
        says(house, planning(dict.fromkeys(NAMES, "SQLite")))
        decision = (await house.ask(PLAN)).decision
        with pytest.raises(UsageError, match="closed"):
            await house.hub.propose("last", "Mine.")
        with pytest.raises(NotFoundError):
            await house.hub.propose(decision.thread_id, "Mine.")

"""What a person does to an answer: again, go on, ask otherwise from there."""

import pytest

from hub.domain.ask import Ask, Mode
from hub.domain.thread import MessageKind
from hub.domain.turn import PartRole
from hub.errors import GitBridgeError, ProviderResponseError, SendOutcome, UsageError
from tests.fakes.hubs import House
from tests.fakes.voices import failure, voting

pytestmark = pytest.mark.anyio


async def test_a_retried_answer_answers_the_same_and_the_old_one_stays(home):
    async with House(home) as house:
        house.grok.says("First.", "Second.")
        answer = await house.ask(Ask("Why?"))
        again = await house.hub.retry(answer.messages[0].id)

        assert (again.body, again.author) == ("Second.", answer.messages[0].author)
        assert again.reply_to == answer.question.id
        posted = await house.hub.messages(answer.thread.id)
        assert [m.body for m in posted] == ["Why?", "First.", "Second."]
        house.books.agree()


async def test_an_answer_goes_on_where_it_ended(home):
    async with House(home) as house:
        house.grok.says("One, two", "three.")
        answer = await house.ask(Ask("Count."))
        more = await house.hub.carry_on(answer.messages[0].id)

        assert more.body == "three."
        (task,) = [p.text for p in house.grok.asked[-1].parts if "Go on exactly" in p.text]
        assert "One, two" in task


async def test_a_turn_that_failed_is_tried_again_by_its_id(home):
    async with House(home, only="openai") as house:
        thread = await house.hub.create_thread("t")
        house.openai.says(failure(SendOutcome.REJECTED, ProviderResponseError), "Better now.")
        with pytest.raises(GitBridgeError):
            await house.hub.ask(Ask("Why?"), thread.id)
        turn = next(iter(await house.hub.turn_summaries(thread.id)))

        assert (await house.hub.retry(turn)).body == "Better now."
        with pytest.raises(UsageError, match="Nothing of it was written"):
            await house.hub.carry_on(turn)


async def test_only_an_agents_answer_can_be_made_again(home):
    async with House(home) as house:
        house.grok.says("Because.")
        answer = await house.ask(Ask("Why?"))

        with pytest.raises(UsageError, match="You wrote this message"):
            await house.hub.retry(answer.question.id)


async def test_a_branch_holds_what_stood_before_as_our_own_and_books_nothing(home):
    async with House(home) as house:
        for voice in house.voices.values():
            voice.script = voting({"proposer": "a", "critic": "a", "synthesist": "b"})
        decided = await house.ask(Ask("Which?", Mode.DECIDE, options=("a", "b")))
        for voice in house.voices.values():
            voice.says("Because.")
        second = await house.hub.ask(Ask("Why?"), decided.thread.id)
        spent = house.books.spent()
        branch = await house.hub.branch(second.question.id)

        before = [m.body for m in await house.hub.messages(decided.thread.id)]
        copied = await house.hub.messages(branch.id)
        assert [m.body for m in copied] == before[: second.question.seq - 1]
        assert not {m.id for m in copied} & {m.id for m in second.messages}
        assert (branch.title, branch.imported) == ("Which? (branch)", 0)
        assert len(await house.hub.decisions(branch.id)) == 1
        assert house.books.spent() == spent

        asked = await house.hub.ask(Ask("Why not?"), branch.id)
        view = (house.grok.asked or house.openai.asked)[-1]
        assert asked.messages[0].kind is MessageKind.REPLY
        assert not any("An imported file says" in part.text for part in view.parts)
        assert any(p.role is PartRole.USER and p.text == "Which?" for p in view.parts)


async def test_a_branch_from_the_first_message_is_an_empty_thread(home):
    async with House(home) as house:
        house.grok.says("Because.")
        answer = await house.ask(Ask("Why?"))

        branch = await house.hub.branch(answer.question.id)

        assert await house.hub.messages(branch.id) == ()
        assert branch.title == "Why? (branch)"

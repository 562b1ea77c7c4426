"""Open questions whose answer is a value: what an agent posts is its vote."""

import pytest

from hub.consensus.verify import differences
from hub.domain.ask import Ask, Mode
from hub.domain.decision import AnswerKind, Verdict
from hub.domain.event import BallotMissing
from hub.domain.turn import Purpose
from tests.fakes.hubs import NAMES, House
from tests.fakes.voices import failure

pytestmark = pytest.mark.anyio

ASK = Ask("What is six times seven?", Mode.DECIDE, kind=AnswerKind.NUMBER)


def say(house, *rounds):
    """Let everybody post, by round, what its name says there."""
    spoken = {}

    def line(view):
        name = view.persona.name
        spoken[name] = spoken.get(name, 0) + 1
        return rounds[min(spoken[name], len(rounds)) - 1][name]

    for voice in house.voices.values():
        voice.script = line


async def test_three_posts_are_three_votes_and_the_same_number_is_one_option(home):
    async with House(home) as house:
        said = ("7 * 6.\nAnswer: 42", "Six sevens.\nAnswer: 42.0", "A guess.\nAnswer: 41")
        say(house, dict(zip(NAMES, said, strict=True)))
        answer = await house.ask(ASK)

        decision = answer.decision
        assert [v.purpose for v in house.asked] == [Purpose.DRAFT] * 3
        assert all("`Answer:` and the number" in v.parts[-1].text for v in house.asked)
        assert {o.authors for o in decision.proposal.options} == {NAMES[:2][::-1], NAMES[2:]}
        assert decision.tally.verdict is Verdict.DECIDED
        assert decision.tally.families == ("gpt", "grok")
        assert decision.dissent[0].argument == "A guess."
        assert differences(decision) == ()
        assert (await house.hub.estimate(ASK)).calls == answer.usage.calls == 3
        house.books.agree()


async def test_a_split_brings_one_more_look_at_the_others_and_new_answers_may_come(home):
    async with House(home) as house:
        first = dict(zip(NAMES, ("Answer: 40", "Answer: 41", "Answer: 43"), strict=True))
        then = dict.fromkeys(NAMES, "I see now.\nAnswer: 42")
        say(house, first, then)
        answer = await house.ask(ASK)

        decision = answer.decision
        assert [v.purpose for v in house.asked].count(Purpose.BALLOT) == 0
        assert answer.usage.calls == 6
        assert decision.option(decision.tally.winner).text == "42"
        assert len(decision.proposal.options) == 4
        assert [b.round for b in decision.ballots] == [1, 1, 1, 2, 2, 2]
        assert len(decision.flips) == 3


async def test_a_post_without_an_answer_is_no_vote_and_one_that_fails_keeps_its_first(home):
    async with House(home) as house:
        first = dict(zip(NAMES, ("Answer: 1", "Answer: 2", "Well,\nwho knows."), strict=True))
        then = dict(zip(NAMES, ("Answer: 2", failure(), "Answer: 2"), strict=True))
        say(house, first, then)
        answer = await house.ask(ASK)

        decision = answer.decision
        assert [e.voter for e in house.events(BallotMissing)] == [NAMES[2]]
        assert [(b.voter, b.round) for b in decision.ballots if b.voter == NAMES[1]] == [
            (NAMES[1], 1)
        ]
        assert decision.option(decision.tally.winner).text == "2"
        assert decision.tally.cast == 3
        house.books.agree()


async def test_nobody_who_names_a_value_leaves_nothing_to_vote_on(home):
    async with House(home) as house:
        say(house, dict.fromkeys(NAMES, "Well,\nwho knows."))
        answer = await house.ask(ASK)

        assert answer.decision is None
        assert len(answer.messages) == 3

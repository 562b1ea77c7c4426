"""What a person types about the decision on the screen, and what comes of it."""

import pytest

from hub.domain.ask import Ask, Mode
from hub.domain.decision import AnswerKind, Rule
from hub.errors import UsageError
from tests.fakes.hubs import NAMES, House
from tests.fakes.voices import ballot, label_of, votes
from ui.votes import Voted, carry_out, voted

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("name", "argument", "wanted"),
    [
        ("vote", "A", Voted("vote", "A")),
        ("vote", "tabs | spaces because they align", Voted("vote", "tabs | spaces", "they align")),
        ("veto", "It breaks because it must.", Voted("veto", reason="It breaks because it must.")),
        ("option", "because", Voted("option", "because")),
        ("override", "B BECAUSE house style", Voted("override", "B", "house style")),
        ("mark", "wrong the other one", Voted("mark", "wrong", "the other one")),
        ("mark", "right", Voted("mark", "right")),
        ("join", "A | C because alike", Voted("join", "A | C", "alike")),
        ("split", "A | critic because no", Voted("split", "A | critic", "no")),
    ],
)
def test_a_command_about_a_decision_is_taken_apart(name, argument, wanted):
    assert voted(name, argument) == wanted


async def test_each_command_does_what_it_says(home):
    async with House(home, only="openai") as house:
        house.openai.script = lambda v: ballot(label_of(v, "tabs")) if votes(v) else "Tabs."
        ask = Ask("Which?", Mode.DECIDE, options=("tabs", "spaces"), rule=Rule.MAJORITY, rounds=0)
        decision = (await house.ask(ask)).decision

        said = await carry_out(house.hub, decision, voted("vote", "a because I like them"))
        assert said == "your ballot counts"
        decided = await house.hub.decision(decision.id)
        assert (decided.ballots[-1].reason, decided.tally.verdict) == ("I like them", "decided")
        await carry_out(house.hub, decided, voted("mark", "wrong spaces"))
        await carry_out(house.hub, decided, voted("override", "spaces because I must"))
        newest = (await house.hub.decisions())[0]
        assert (newest.tally.override, newest.proposal.supersedes) == ("you", decided.id)
        assert len(newest.ballots) == len(NAMES) + 2


async def test_options_of_an_open_question_are_joined_and_split_by_what_is_typed(home):
    async with House(home, only="openai") as house:
        house.openai.script = lambda v: f"Answer: {len(v.persona.name)}"
        ask = Ask("How long?", Mode.DECIDE, kind=AnswerKind.NUMBER, rounds=1)
        decision = (await house.ask(ask)).decision
        assert [o.text for o in decision.proposal.options] == ["6", "8", "10"]

        await carry_out(house.hub, decision, voted("join", "A | 8 because near enough"))
        joined = (await house.hub.decisions())[0]
        assert [o.text for o in joined.proposal.options] == ["6", "10"]
        await carry_out(house.hub, joined, voted("split", "A | proposer because it is not"))
        split = (await house.hub.decisions())[0]
        assert [c.reason for c in split.proposal.regroupings] == ["near enough", "it is not"]
        with pytest.raises(UsageError, match="a reason"):
            voted("join", "A | B")

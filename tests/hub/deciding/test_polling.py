"""Who is asked for a ballot under each rule, in which form, and when nobody else is."""

from dataclasses import replace

import pytest

from hub.consensus.early_stop import ENOUGH, SURE, UNASSAILABLE
from hub.consensus.verify import differences
from hub.domain.ask import Ask, Mode
from hub.domain.decision import Rule, Verdict
from hub.domain.turn import Purpose
from hub.errors import UsageError
from tests.fakes.hubs import NAMES, House, consensus, persona
from tests.fakes.voices import ballot, failure, label_of, listing, votes, voting

pytestmark = pytest.mark.anyio

OPTIONS = ("tabs", "spaces", "both")
ORDERS = {
    "proposer": ("tabs", "both", "spaces"),
    "critic": ("both", "tabs", "spaces"),
    "synthesist": ("both", "spaces", "tabs"),
}
FIVE = tuple(persona(f"a{n}") for n in range(5))
RANKED = (Rule.BORDA, Rule.RUNOFF, Rule.RANKED_PAIRS, Rule.SCHULZE)


def say(house, line):
    for voice in house.voices.values():
        voice.script = lambda view: line(view) if view.schema else f"{view.persona.name} thinks."


def voters(house):
    return [view.persona.name for view in house.asked if votes(view)]


def texts(decision, ids):
    return tuple(decision.option(id_).text for id_ in ids)


@pytest.mark.parametrize("rule", RANKED)
async def test_a_rule_that_ranks_is_given_rankings(home, rule):
    async with House(home) as house:
        say(house, lambda view: listing(view, *ORDERS[view.persona.name]))
        answer = await house.ask(Ask("Which?", Mode.DECIDE, options=OPTIONS, rule=rule))

        decision = answer.decision
        assert {b.voter: texts(decision, b.ranking) for b in decision.ballots} == ORDERS
        assert (decision.tally.rule, decision.tally.verdict) == (rule, Verdict.DECIDED)
        assert texts(decision, [decision.tally.winner]) == ("both",)
        assert decision.tally.margins
        assert "Rank the labels" in next(filter(votes, house.asked)).parts[-1].text


async def test_approval_takes_every_option_that_a_voter_could_live_with(home):
    async with House(home) as house:
        say(house, lambda view: listing(view, *ORDERS[view.persona.name][:2]))
        ask = Ask("Which?", Mode.DECIDE, options=OPTIONS, rule=Rule.APPROVAL, rounds=0)
        answer = await house.ask(ask)

        tally = answer.decision.tally
        assert texts(answer.decision, [tally.winner]) == ("both",)
        assert tally.scores[0].votes == 3


async def test_under_consent_a_voter_may_block_and_is_told_so(home):
    async with House(home) as house:

        def line(view):
            if view.persona.name == "critic":
                return ballot("block", "It would break the build.")
            return ballot(label_of(view, "tabs"))

        say(house, line)
        ask = Ask("Which?", Mode.DECIDE, options=OPTIONS, rule=Rule.CONSENT, rounds=0)
        answer = await house.ask(ask)

        assert answer.decision.tally.verdict is Verdict.NO_CONSENSUS
        assert "critic blocks: It would break the build." in answer.decision.tally.reason
        assert '"block"' in next(filter(votes, house.asked)).parts[-1].text


@pytest.mark.parametrize("rule", [r for r in Rule if r not in {*RANKED, Rule.APPROVAL}])
async def test_every_other_rule_comes_to_an_outcome_without_any_mark(home, rule):
    async with House(home) as house:
        say(house, lambda view: ballot(label_of(view, "tabs")))
        answer = await house.ask(Ask("Which?", Mode.DECIDE, options=OPTIONS, rule=rule))

        decision = answer.decision
        assert texts(decision, [decision.tally.winner]) == ("tabs",)
        assert await house.hub.decision(decision.id) == decision
        house.books.agree()


async def test_a_cascade_asks_the_strongest_only_where_the_cheap_pair_differs(home):
    for wanted, asked in ((("tabs", "tabs"), 2), (("tabs", "spaces"), 3)):
        async with House(home, agents=FIVE) as house:
            lines = iter((*wanted, "spaces", "spaces"))
            say(house, lambda view: ballot(label_of(view, next(lines))))  # noqa: B023  at once
            ask = Ask("Which?", Mode.DECIDE, options=OPTIONS, rule=Rule.CASCADE)
            answer = await house.ask(ask)

            strongest = answer.decision.tally.weighing.order[0]
            assert strongest in voters(house) or asked == 2
            assert len(voters(house)) == len(house.asked) <= asked
            assert {b.family for b in answer.decision.ballots[:2]} == {"gpt", "grok"}
            assert answer.decision.stop_reason == ENOUGH
            assert answer.decision.tally.verdict is Verdict.DECIDED


async def test_a_chair_is_asked_alone_and_twice_the_options_the_other_way_round(home):
    async with House(home) as house:
        say(house, lambda view: ballot(label_of(view, "tabs")))
        ask = Ask("Which?", Mode.DECIDE, options=OPTIONS, rule=Rule.CHAIR, chair="critic")
        answer = await house.ask(ask)

        assert voters(house) == ["critic", "critic"]
        first, second = (view.parts[-1].text for view in house.asked)
        assert [first.index(o) for o in sorted(OPTIONS, key=first.index)] != [
            second.index(o) for o in sorted(OPTIONS, key=first.index)
        ]
        assert answer.decision.tally.verdict is Verdict.ADVISORY
        assert texts(answer.decision, [answer.decision.tally.winner]) == ("tabs",)


async def test_a_chair_that_takes_whatever_comes_first_has_abstained(home):
    async with House(home) as house:
        say(house, lambda _: ballot("A"))
        ask = Ask("Which?", Mode.DECIDE, options=OPTIONS, rule=Rule.CHAIR, chair="critic")
        answer = await house.ask(ask)

        assert answer.decision.tally.verdict is Verdict.NO_CONSENSUS
        assert answer.decision.tally.abstained == 1


async def test_a_single_agent_that_fails_leaves_the_word_to_the_next(home):
    async with House(home) as house:
        asked = []

        def line(view):
            asked.append(view.persona.name)
            return failure() if view.persona.name == asked[0] else ballot(label_of(view, "tabs"))

        say(house, line)
        ask = Ask("Which?", Mode.DECIDE, options=OPTIONS, rule=Rule.SINGLE)
        answer = await house.ask(ask)

        assert len(dict.fromkeys(asked)) == 2
        assert [b.voter for b in answer.decision.ballots] == [asked[-1]]
        assert answer.decision.tally.verdict is Verdict.ADVISORY


async def test_a_lead_that_nobody_can_take_any_more_ends_the_vote(home):
    async with House(home, agents=FIVE) as house:
        say(house, lambda view: ballot(label_of(view, "tabs")))
        ask = Ask("Which?", Mode.DECIDE, options=OPTIONS, rounds=0, stop_early=True)
        answer = await house.ask(ask)

        assert len(voters(house)) == 3
        assert answer.decision.stop_reason == UNASSAILABLE
        assert answer.decision.tally.verdict is Verdict.DECIDED
        assert len(answer.decision.tally.absent) == 2


async def test_nobody_is_left_out_while_the_lead_can_still_be_taken(home):
    async with House(home, agents=FIVE, consensus=consensus(stop_early=True)) as house:
        lines = iter(("tabs", "tabs", "spaces", "spaces", "spaces"))
        say(house, lambda view: ballot(label_of(view, next(lines))))
        answer = await house.ask(Ask("Which?", Mode.DECIDE, options=OPTIONS, rounds=0))

        assert len(answer.decision.ballots) == 5
        assert texts(answer.decision, [answer.decision.tally.winner]) == ("spaces",)
        assert answer.decision.stop_reason == "all ballots are in"


async def test_from_thirty_marks_on_a_panel_stops_when_sure_and_auto_trusts_them(home):
    seated = tuple(persona(f"a{n}", ("grok", "openai")[n % 2]) for n in range(5))
    wants = {"a0": "tabs", "a1": "tabs", "a2": "tabs", "a3": "spaces", "a4": "both"}
    async with House(home, agents=seated) as house:
        say(house, lambda view: ballot(label_of(view, wants[view.persona.name])))
        ask = Ask("Which?", Mode.DECIDE, options=OPTIONS, rounds=0)
        for _ in range(30):
            decision = (await house.ask(ask)).decision
            await house.hub.mark_decision(decision.id, right=True)
        before = len(voters(house))
        panel = (await house.ask(replace(ask, rule=Rule.PANEL))).decision

        assert 2 <= len(voters(house)) - before < 5
        assert panel.stop_reason in (SURE, UNASSAILABLE)
        assert panel.tally.weighing.marks == 30
        auto = (await house.ask(ask)).decision
        assert auto.tally.weighing.rule in (Rule.SINGLE, Rule.STACKED)
        assert any("on 30 marked decisions" in note for note in auto.tally.notes)
        assert auto.tally.chance > 0.9
        assert differences(auto) == differences(panel) == ()


async def test_a_seat_that_fails_over_counts_under_the_family_that_served_it(home):
    async with House(home) as house:
        house.grok.script = lambda _: failure()
        house.openai.script = voting(dict.fromkeys(NAMES, "tabs"))
        answer = await house.ask(Ask("Which?", Mode.DECIDE, options=OPTIONS, rounds=0))

        decision = answer.decision
        assert {seat.family for seat in decision.proposal.seats} == {"gpt", "grok"}
        assert {b.family for b in decision.ballots} == {"gpt"}
        assert {b.deployment for b in decision.ballots} == {"openai/gpt-4o"}
        assert decision.tally.verdict is Verdict.ADVISORY
        assert "With a second provider, or your own vote" in decision.tally.reason


async def test_a_ballot_says_which_posts_its_voter_had_read(home):
    async with House(home) as house:
        house.openai.script = house.grok.script = voting(dict.fromkeys(NAMES, "tabs"))
        answer = await house.ask(Ask("Which?", Mode.DECIDE, options=OPTIONS))

        posts = {message.id for message in answer.messages}
        assert all(set(b.seen) == posts for b in answer.decision.ballots)


async def test_a_chair_that_is_not_asked_is_refused_before_anything_is_sent(home):
    async with House(home) as house:
        ask = Ask("Which?", Mode.DECIDE, options=OPTIONS, rule=Rule.CHAIR, chair="nobody")
        with pytest.raises(UsageError, match="none of those asked"):
            await house.ask(ask)

        assert Purpose.BALLOT not in [view.purpose for view in house.asked]


async def test_a_tie_is_settled_by_one_more_ballot_of_another_model(home):
    wants = {"a0": "tabs", "a1": "tabs", "a2": "spaces", "a3": "spaces"}
    async with House(home, agents=FIVE) as house:

        def line(view):
            casting = "yours settles it" in view.parts[-1].text
            return ballot(label_of(view, "spaces" if casting else wants[view.persona.name]))

        say(house, line)
        ask = Ask("Which?", Mode.DECIDE, agents=tuple(wants), options=OPTIONS)
        answer = await house.ask(replace(ask, rule=Rule.PLURALITY, rounds=0))

        decision = answer.decision
        *votes_, last = decision.ballots
        assert [b.casting for b in votes_] == [False] * 4
        assert last.casting
        assert last.voter in wants
        assert last.family != next(b.family for b in votes_ if b.voter == last.voter)
        assert texts(decision, [decision.tally.winner]) == ("spaces",)
        assert decision.tally.cast == 4
        assert f"one more ballot: {last.voter} chose" in decision.tally.tie_steps[-1]
        view = next(v for v in house.asked if "yours settles it" in v.parts[-1].text)
        assert "both" not in view.parts[-1].text.split("\n\n")[1]
        assert differences(decision) == ()
        assert decision.flips == ()


async def test_a_tie_of_one_model_family_is_left_to_the_lot(home):
    async with House(home, only="openai") as house:
        wants = dict(zip(NAMES, OPTIONS, strict=True))
        say(house, lambda view: ballot(label_of(view, wants[view.persona.name])))
        ask = Ask("Which?", Mode.DECIDE, options=OPTIONS, rule=Rule.PLURALITY, rounds=0)
        decision = (await house.ask(ask)).decision

        assert len(decision.ballots) == 3
        assert decision.tally.tie_steps[-1].startswith("lot")


async def test_a_tie_that_is_left_to_the_person_waits_for_their_vote(home):
    async with House(home, consensus=consensus(ties="person")) as house:
        wants = dict(zip(NAMES, OPTIONS, strict=True))
        say(house, lambda view: ballot(label_of(view, wants[view.persona.name])))
        ask = Ask("Which?", Mode.DECIDE, options=OPTIONS, rule=Rule.PLURALITY, rounds=0)
        decision = (await house.ask(replace(ask, provider="openai"))).decision

        assert decision.tally.verdict is Verdict.NO_CONSENSUS
        assert "left to the person" in decision.tally.reason
        now = await house.hub.vote(decision.id, ["tabs"])
        assert now.tally.verdict is Verdict.DECIDED

"""What the router learns while a program runs, keeps for the next one, and hears from another."""

import json

import pytest

from hub.beside.learning import NAME, PAUSE_S
from hub.config import RouterSettings
from hub.domain.ask import Ask
from hub.domain.change import KeepLearned
from hub.domain.query import Learned
from hub.errors import NotFoundError, UsageError
from tests.fakes.hubs import House, budget

pytestmark = pytest.mark.anyio

ADAPTIVE = RouterSettings(strategy="adaptive")


def learned(house):
    return house.hub._parts.router.state.learned


def marks(house):
    """Return how many marks each deployment has, as far as the router has read them."""
    known = learned(house)
    return {name: belief.marks for name, belief in known.beliefs.items()} if known else {}


async def answered(house, question="Why?"):
    return (await house.ask(Ask(question))).messages[0]


async def kept(house):
    found = await house.hub._parts.store.read(Learned(NAME))
    return found and (json.loads(found[0]), found[1])


async def test_before_the_first_mark_nothing_is_learned_or_kept(home):
    async with House(home, router=ADAPTIVE) as house:
        await answered(house)
        await house.clock.advance(PAUSE_S)
        assert learned(house) is None
    async with House(home, router=ADAPTIVE) as house:
        assert await kept(house) is None


async def test_a_mark_turns_the_next_turn_and_survives_a_restart(home):
    async with House(home, router=ADAPTIVE) as house:
        first = await answered(house)
        served = (await house.hub.explain(first.turn_id))[0].route.deployment.id
        marked = await house.hub.mark(first.id, right=True)

        assert marked == first
        assert marks(house) == {served: 1}
        route = (await house.hub.explain((await answered(house)).turn_id))[0].route
        assert route.learning.marks == 1
    async with House(home, router=ADAPTIVE) as house:
        assert learned(house) is None  # nobody has needed it yet
        route = (await house.hub.explain((await answered(house)).turn_id))[0].route
        assert route.learning.marks == 1
        assert marks(house) == {served: 1}
        assert learned(house).turns == 1, "the turn between mark and restart"


@pytest.mark.parametrize("first", ["asked again", "marked"])
async def test_what_the_person_marks_right_is_not_held_against_it_for_being_asked_again(
    home, first
):
    async with House(home, router=ADAPTIVE) as house:
        message = await answered(house)
        doings = [house.hub.retry(message.id), house.hub.mark(message.id, right=True)]
        for doing in doings if first == "asked again" else reversed(doings):
            await doing

        (belief,) = learned(house).beliefs.values()
        assert (belief.marks, belief.gram[0, 0], belief.moment[0]) == (1, 1.0, 1.0)
        ((tally,),) = (tallies.values() for tallies in learned(house).tasks.values())
        assert tally.mean == 1.0
    async with House(home, router=ADAPTIVE) as house:
        await house.hub._parts.store.commit(KeepLearned(NAME, '{"version":9}', 1_000))
    async with House(home, router=ADAPTIVE) as house:
        await answered(house)
        (anew,) = learned(house).beliefs.values()
        assert (anew.marks, anew.gram[0, 0], anew.mean) == (1, 0.5, belief.mean)


async def test_turns_teach_their_bills_after_a_pause(home):
    async with House(home, router=ADAPTIVE) as house:
        await house.hub.mark((await answered(house)).id, right=True)
        for _ in range(3):
            await answered(house)
        assert learned(house).turns == 0
        await house.clock.advance(PAUSE_S)

        assert learned(house).turns == 3
        assert sum(bill.calls for bill in learned(house).bills.values()) == 3


async def test_marks_made_in_another_program_are_taken_in_once(home):
    async with (
        House(home, router=ADAPTIVE) as ours,
        House(home, ours.clock, router=ADAPTIVE) as other,
    ):
        message = await answered(ours)
        await other.hub.mark(message.id, right=False)
        await ours.pass_until(lambda: marks(ours))
        await other.hub.create_thread("something else happens")
        await ours.clock.advance(1)

        assert list(marks(ours).values()) == [1]


async def test_of_two_programs_the_one_that_knows_fewer_marks_overwrites_nothing(home):
    async with House(home, router=ADAPTIVE) as ours:
        message = await answered(ours)
        await ours.hub.mark(message.id, right=True)
        async with House(home, ours.clock, router=ADAPTIVE) as other:
            await other.hub.mark(message.id, right=True)
        ours.hub._learning._marks = 1  # it has not heard of the second one
        await answered(ours)
    async with House(home, router=ADAPTIVE) as house:
        assert (await kept(house))[1] == 2


async def test_what_another_version_kept_is_learned_anew_from_the_marks_at_half_their_weight(home):
    async with House(home, router=ADAPTIVE) as house:
        await house.hub.mark((await answered(house)).id, right=True)
        (weight,) = [b.gram[0, 0] for b in learned(house).beliefs.values()]
    async with House(home, router=ADAPTIVE) as house:
        state, _ = await kept(house)
        text = json.dumps({**state, "version": 0}, separators=(",", ":"))
        await house.hub._parts.store.commit(KeepLearned(NAME, text, 1))
    async with House(home, router=ADAPTIVE) as house:
        await answered(house)
        assert [b.gram[0, 0] for b in learned(house).beliefs.values()] == [weight / 2]


async def test_what_no_agent_wrote_cannot_be_marked(home):
    async with House(home) as house:
        answer = await house.ask(Ask("Why?"))

        with pytest.raises(UsageError, match="Only an agent's answer can be marked"):
            await house.hub.mark(answer.question.id, right=True)
        with pytest.raises(NotFoundError):
            await house.hub.mark("nothing", right=True)


async def test_a_cap_of_the_day_is_spread_over_the_turns_that_days_before_brought(home):
    async with House(home, router=ADAPTIVE, budget=budget(day=1_000_000)) as house:
        await house.hub.mark((await answered(house)).id, right=True)
        for _ in range(3):
            for _ in range(2):
                await answered(house)
            house.clock.shift(24 * 3_600)
        routes = [routed.route for routed in await house.hub.routes()]
        assert all(r.learning is None or r.learning.rate is None for r in routes)
        message = await answered(house)

        learning = (await house.hub.explain(message.turn_id))[0].route.learning
        assert learning.rate == pytest.approx(1_000_000 / (7 / 3), rel=0.01)

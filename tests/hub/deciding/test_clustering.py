"""Drafts that say the same become one option, where judges of two families agree in both orders."""

import json
import re

import pytest

from hub.domain.ask import Ask, Mode
from tests.fakes.hubs import NAMES, House
from tests.fakes.voices import ballot, failure, judges

pytestmark = pytest.mark.anyio

DRAFTS = {
    "proposer": "Keep it in SQLite.",
    "critic": "Use an embedded database such as SQLite.",
    "synthesist": "PostgreSQL.",
}


def same_store(view):
    """Put together what speaks of SQLite, whatever the order."""
    drafts = re.findall(r"^Draft (\d+):\n<<\w+\n(.*)$", view.parts[-1].text, re.MULTILINE)
    return json.dumps({"groups": [[int(n) for n, text in drafts if "SQLite" in text]]})


def script(house, judge):
    def say(view):
        if view.schema is None:
            return DRAFTS[view.persona.name]
        return judge(view) if judges(view) else ballot("A")

    for voice in house.voices.values():
        voice.script = say


def judged(house):
    return [view for view in house.asked if judges(view)]


async def test_two_drafts_that_all_four_judgements_put_together_are_one_option(home):
    async with House(home) as house:
        script(house, same_store)
        answer = await house.ask(Ask("Which store?", Mode.DECIDE))

        options = answer.decision.proposal.options
        assert {o.authors for o in options} == {("critic", "proposer"), ("synthesist",)}
        views = judged(house)
        assert len(views) == 4
        assert len({tuple(re.findall(r"Draft (\d)", v.parts[-1].text)) for v in views}) == 2
        house.books.agree()


async def test_one_judgement_that_differs_keeps_them_apart(home):
    async with House(home) as house:
        asked = []

        def judge(view):
            asked.append(view)
            return '{"groups": []}' if len(asked) == 3 else same_store(view)

        script(house, judge)
        answer = await house.ask(Ask("Which store?", Mode.DECIDE))

        assert len(answer.decision.proposal.options) == 3
        assert len(asked) == 4


async def test_a_first_judge_that_finds_nothing_alike_is_the_only_one_asked(home):
    async with House(home) as house:
        script(house, lambda _: '{"groups": []}')
        await house.ask(Ask("Which store?", Mode.DECIDE))

        (view,) = judged(house)
        told = "\n".join(part.text for part in view.parts if part.role == "user")
        assert not any(name in told for name in NAMES)


async def test_with_one_family_only_the_same_words_are_one_option(home):
    async with House(home, only="openai") as house:
        script(house, same_store)
        answer = await house.ask(Ask("Which store?", Mode.DECIDE))

        assert judged(house) == []
        assert len(answer.decision.proposal.options) == 3


@pytest.mark.parametrize(
    "broken", ["I think 1 and 2.", '{"groups": [[1, 9]]}', '{"groups": [[1, 2], [2, 3]]}']
)
async def test_a_judge_that_answers_nonsense_is_asked_once_more_and_then_left(home, broken):
    async with House(home) as house:
        script(house, lambda _: broken)
        answer = await house.ask(Ask("Which store?", Mode.DECIDE))

        assert len(judged(house)) == 2
        assert len(answer.decision.proposal.options) == 3
        assert answer.decision.closed_at is not None
        house.books.agree()


async def test_judges_that_fail_merge_nothing(home):
    async with House(home) as house:
        script(house, lambda _: failure())
        answer = await house.ask(Ask("Which store?", Mode.DECIDE))

        assert len(answer.decision.proposal.options) == 3
        house.books.agree()

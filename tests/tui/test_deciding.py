"""Commands about the vote on the screen, typed into the composer."""

from dataclasses import replace

import pytest

from hub.domain.event import DecisionOpened
from hub.errors import NotFoundError
from tests.fakes import transcripts
from tests.tui.stage import hub_with_thread, played

pytestmark = pytest.mark.anyio


class Deciding:
    """What a hub does with commands about a decision; keeps them."""

    def __init__(self, *, drafting):
        self.did = []
        self.drafting = drafting

    def put_into(self, hub):
        hub.propose, hub.join, hub.split = self.propose, self.join, self.split

    async def propose(self, ref, text):
        if not self.drafting:
            raise NotFoundError("There is none.")
        self.did.append(("propose", ref, text))

    async def join(self, ref, options, *, reason):
        self.did.append(("join", ref, options, reason))

    async def split(self, ref, option, drafts, *, reason):
        self.did.append(("split", ref, option, drafts, reason))


async def test_an_option_typed_while_drafts_are_written_goes_to_the_thread_s_question(tmp_path):
    hub, doing = hub_with_thread(tmp_path), Deciding(drafting=True)
    doing.put_into(hub)
    async with played(hub) as play:
        await play.send("/option Write it on paper")

        assert doing.did == [("propose", play.app.view.thread_id, "Write it on paper")]
        assert "along with the drafts" in play.hint


async def test_without_drafts_or_a_vote_an_option_is_refused_in_one_sentence(tmp_path):
    hub, doing = hub_with_thread(tmp_path), Deciding(drafting=False)
    doing.put_into(hub)
    async with played(hub) as play:
        await play.send("/option Write it on paper")

        assert "There is no decision in this thread yet" in play.hint


async def test_joining_and_splitting_reach_the_decision_on_the_screen(tmp_path):
    hub, doing = hub_with_thread(tmp_path), Deciding(drafting=False)
    doing.put_into(hub)
    async with played(hub) as play:
        thread = play.app.view.thread_id
        decision = replace(transcripts.decision(), thread_id=thread, closed_at=None, tally=None)
        await play.publish(DecisionOpened(decision))
        await play.send("/join A | B because they are alike")
        assert "one option now" in play.hint
        await play.send("/split A | critic because they are not")

        assert doing.did == [
            ("join", decision.id, ["A", "B"], "they are alike"),
            ("split", decision.id, "A", ["critic"], "they are not"),
        ]

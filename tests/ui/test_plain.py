from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.agent import Deployment, ProviderKind
from hub.domain.event import (
    Delta,
    HedgeEnded,
    HedgeSent,
    Lagged,
    MessagePosted,
    Notice,
    RoundStarted,
    RouteChosen,
    TurnChanged,
    TurnFailed,
)
from hub.domain.ids import MessageId, ThreadId, TurnId
from hub.domain.route import Route
from hub.domain.text import sanitize
from hub.domain.thread import Message, MessageKind
from hub.domain.turn import Purpose, Turn, TurnOrder, TurnState
from ui.plain import Floor, PlainReporter

HERE = ThreadId("here")


class Paper:
    """What a reporter wrote."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> None:
        self.text += text


@pytest.fixture
def paper() -> Paper:
    return Paper()


@pytest.fixture
def reporter(paper: Paper) -> PlainReporter:
    return PlainReporter(HERE, paper.write)


def turn(name: str, state: TurnState = TurnState.RUNNING, **more) -> Turn:
    order = TurnOrder(Purpose.DRAFT, name)
    return Turn(TurnId(name), HERE, order, "p", state, queued_at=0, **more)


def post(name: str, body: str) -> MessagePosted:
    return MessagePosted(
        Message(
            MessageId(f"m-{name}"), HERE, 1, name, MessageKind.DRAFT, body, 0, turn_id=TurnId(name)
        )
    )


def delta(name: str, text: str) -> Delta:
    return Delta(HERE, TurnId(name), name, text)


def test_text_is_shown_as_it_streams(reporter, paper):
    reporter.event(TurnChanged(turn("ann")))
    reporter.event(delta("ann", "Tea"))

    assert paper.text == "\nann, draft:\n  Tea"

    reporter.event(delta("ann", " it is.\nYes"))
    reporter.event(post("ann", "Tea it is.\nYes."))

    assert paper.text == "\nann, draft:\n  Tea it is.\n  Yes.\n"


def test_who_speaks_second_waits_and_what_is_told_meanwhile_comes_after(reporter, paper):
    for name in ("ann", "bob"):
        reporter.event(TurnChanged(turn(name)))
    reporter.event(delta("ann", "one "))
    reporter.event(delta("bob", "uno "))
    reporter.event(Notice("by the way", HERE))
    reporter.event(delta("ann", "two"))
    reporter.event(post("ann", "one two"))
    reporter.event(delta("bob", "dos"))
    reporter.event(post("bob", "uno dos"))

    assert paper.text == ("\nann, draft:\n  one two\n* by the way\n\nbob, draft:\n  uno dos\n")


def test_a_post_that_did_not_stream_is_shown_whole(reporter, paper):
    reporter.event(TurnChanged(turn("ann")))
    reporter.event(post("ann", "All at once."))

    assert paper.text == "\nann, draft:\n  All at once.\n"


def test_a_post_that_differs_from_what_streamed_is_shown_as_posted(reporter, paper):
    reporter.event(TurnChanged(turn("ann")))
    reporter.event(delta("ann", "Teq"))
    reporter.event(post("ann", "Coffee."))

    assert paper.text == "\nann, draft:\n  Teq\n  (posted as:)\n  Coffee.\n"


def test_a_turn_that_fails_ends_its_line_and_says_why(reporter, paper):
    reporter.event(TurnChanged(turn("ann")))
    reporter.event(delta("ann", "Well"))
    failed = turn("ann", TurnState.FAILED, partial="Well, I")
    reporter.event(TurnChanged(failed))
    reporter.event(TurnFailed(failed, "the line broke"))

    assert paper.text == "\nann, draft:\n  Well, I\n! ann: the line broke\n"


def test_an_answer_names_whom_it_answers(reporter, paper):
    reporter.event(TurnChanged(turn("ann")))
    reporter.event(post("ann", "Tea."))
    reply = turn("bob")
    order = replace(reply.order, purpose=Purpose.CRITIQUE, prompt_to=MessageId("m-ann"))
    reporter.event(TurnChanged(replace(reply, order=order)))
    reporter.event(post("bob", "No."))

    assert paper.text.endswith("\nbob, critique to ann:\n  No.\n")


def test_rounds_and_routes_are_told_with_their_reason(reporter, paper):
    deployment = Deployment("grok", "grok-3-mini", ProviderKind.GROK)
    route = Route(TurnId("ann"), "ann", "hybrid", deployment, (), "it is cheap")
    reporter.event(RoundStarted(HERE, 1, 2, "draft", ("ann", "bob")))
    reporter.event(RouteChosen(HERE, route))

    assert paper.text == ("\nRound 1 of 2, draft: ann, bob\nann -> grok/grok-3-mini: it is cheap\n")


def test_a_second_call_is_told_and_which_of_the_two_goes_on(reporter, paper):
    deployment = Deployment("grok", "grok-3-mini", ProviderKind.GROK)
    route = Route(TurnId("ann"), "ann", "hedge", deployment, (), "the first is late")
    reporter.event(HedgeSent(HERE, route, 2.5))
    reporter.event(HedgeEnded(HERE, route, "openai/gpt-4o", failed=False))

    assert paper.text == (
        "ann: the first is late\nann -> grok/grok-3-mini goes on: openai/gpt-4o was slower.\n"
    )


def test_other_threads_are_passed_over_and_gaps_are_told(reporter, paper):
    reporter.event(Notice("elsewhere", ThreadId("there")))
    reporter.event(TurnChanged(replace(turn("ann"), thread_id=ThreadId("there"))))
    reporter.event(Lagged(3))

    assert paper.text.startswith("* 3 events were missed")
    assert "elsewhere" not in paper.text


ANY = st.characters(exclude_categories=[]) | st.sampled_from(
    "\u200b\u00ad\u200d\ufe0f👩\u0301\x1b \n"
)


@pytest.mark.control("S1")
@given(st.lists(st.text(ANY, max_size=8), max_size=6))
def test_however_a_hostile_text_is_cut_only_plain_indented_lines_come_out(pieces):
    paper = Paper()
    floor = Floor(paper.write)
    for piece in pieces:
        floor.hear(TurnId("t"), "x:", piece)
    floor.end(TurnId("t"), "x:", "".join(pieces))

    whole = Paper()
    Floor(whole.write).end(TurnId("t"), "x:", "".join(pieces))
    assert paper.text.rstrip() == whole.text.rstrip() or not sanitize("".join(pieces)).strip()
    assert not set("\x1b\x07\x9b\u202e\r") & set(paper.text)
    assert all(line[:2] in ("", "x:", "  ") for line in paper.text.split("\n"))

"""The retry scoreboard."""

from hub.analytics.retries import retries
from hub.domain.ids import ThreadId
from hub.domain.insight import Retries
from hub.domain.interaction import LoggedCall
from hub.domain.turn import CallState, Purpose


def call(deployment, *, ok=True, tries=1, n=1):
    state = CallState.DONE if ok else CallState.REJECTED
    return LoggedCall(
        ThreadId("t"), "a", Purpose.REPLY, deployment, deployment, state,
        n=n, tries=tries, started_at=0, ended_at=1, first_token_s=None, tokens=1, cost=1,
        error="", strategy="hybrid",
    )  # fmt: skip


def test_each_provider_has_what_its_repeats_saved_and_who_stood_in():
    calls = [
        call("openai/a"),
        call("openai/b", tries=3),
        call("openai/a", tries=4, ok=False),
        call("openai/a", ok=False),
        call("grok/c", n=2),
    ]

    assert retries(calls) == (
        Retries("grok", calls=1, repeats=0, saved=0, given_up=0, failed=0, stood_in=1),
        Retries("openai", calls=4, repeats=5, saved=1, given_up=1, failed=2, stood_in=0),
    )


def test_without_calls_there_is_no_row():
    assert retries([]) == ()

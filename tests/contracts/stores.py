"""Stores to run the contract on, and sample values to put into them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from hub.domain.agent import Deployment, Persona, ProviderKind
from hub.domain.change import BeginTurn, CreateThread, EndTurn, PostMessage, QueueTurn
from hub.domain.ids import CallId, MessageId, ThreadId, TurnId, new_id
from hub.domain.route import Candidate, Route
from hub.domain.thread import Message, MessageKind, Thread
from hub.domain.turn import (
    Call,
    CallState,
    Part,
    PartRole,
    Purpose,
    SentRecord,
    Turn,
    TurnOrder,
    TurnState,
)
from hub.domain.usage import Booking, Cost, Hold, Price, PriceTier, Usage
from hub.ports import Store
from hub.storage.sqlite import SQLiteStore
from tests.fakes.clock import START, FakeClock

OpenStore = Callable[[], Awaitable[Store]]
"""Opens one more program's view of the same journal."""

PRICE = Price(2_500_000, 10_000_000, 1_250_000, tiers=(PriceTier(200_000, 5, 6, 7),))
GPT = Deployment("openai", "gpt-4o", ProviderKind.OPENAI, PRICE)
GROK = Deployment("grok", "grok-3-mini", ProviderKind.GROK)
CRITIC = Persona("critic", "Finds what breaks", "Be brief.", ("openai", "grok/grok-3-mini"), 0.4)


@pytest.fixture(params=["sqlite"])
async def open_store(home: Path, clock: FakeClock) -> AsyncIterator[OpenStore]:
    async with AsyncExitStack() as stack:

        async def open_one() -> Store:
            store = await SQLiteStore.open(home / "gitbridge.db", home=home, clock=clock)
            stack.push_async_callback(store.close)
            return store

        yield open_one


@pytest.fixture
async def store(open_store: OpenStore) -> Store:
    return await open_store()


async def a_thread(store: Store, title: str = "Which store?", at: int = START) -> Thread:
    return await store.commit(CreateThread(Thread(ThreadId(new_id()), title, at)))


def message(thread: Thread, body: str = "hello", **fields: object) -> Message:
    plain = Message(
        id=MessageId(new_id()),
        thread_id=thread.id,
        seq=0,
        author="you",
        kind=MessageKind.QUESTION,
        body=body,
        created_at=START,
    )
    return replace(plain, **fields)  # type: ignore[arg-type]  # each test names fields of Message


async def post(store: Store, thread: Thread, body: str = "hello", **fields: object) -> Message:
    return await store.commit(PostMessage(message(thread, body, **fields)))


async def queue(store: Store, thread: Thread, **order: object) -> Turn:
    wanted = replace(TurnOrder(Purpose.REPLY, "critic"), **order)  # type: ignore[arg-type]  # fields of TurnOrder
    turn = Turn(
        id=TurnId(new_id()),
        thread_id=thread.id,
        order=wanted,
        partition_key=thread.id,
        state=TurnState.QUEUED,
        queued_at=START,
    )
    return await store.commit(QueueTurn(turn))


def route(turn: Turn, deployment: Deployment = GPT) -> Route:
    return Route(
        turn_id=turn.id,
        agent="critic",
        strategy="hybrid",
        deployment=deployment,
        candidates=(
            Candidate(deployment.id, None, 120, 900, 1.5, 0.99, 0.7),
            Candidate("local/smollm2", removed="too small"),
        ),
        reason="It is cheap — and fast.",
        propensity=0.9,
        chain=(GROK,),
    )


def call(turn: Turn, n: int = 1, deployment: Deployment = GPT) -> Call:
    return Call(
        id=CallId(new_id()),
        turn_id=turn.id,
        n=n,
        provider=deployment.provider,
        model=deployment.model,
        started_at=START,
        request_hash="beef",
        price=deployment.price,
        reserved=900,
    )


def sent(text: str = "Answer.") -> SentRecord:
    return SentRecord(
        parts=(
            Part(PartRole.SYSTEM, "You are critic."),
            Part(PartRole.USER, text, MessageId("m1")),
        ),
        persona="critic",
        persona_version=CRITIC.version,
        attachments=("a" * 64,),
        left_out=3,
        max_output=400,
        temperature=0.4,
        schema={"type": "object", "required": ["choice"], "max": 1.5, "strict": True, "no": None},
    )


def begin(turn: Turn, *holds: Hold, first: Call | None = None) -> BeginTurn:
    return BeginTurn(turn.id, CRITIC, sent(), route(turn), first or call(turn), holds)


def done(made: Call, usage: Usage | None = None) -> Call:
    return replace(
        made,
        state=CallState.DONE,
        usage=usage or Usage(100, 20),
        served_model="gpt-4o-2024-08-06",
        status=200,
        first_token_s=0.25,
        ended_at=START + 2_000_000,
    )


def booking(
    turn: Turn, made: Call, prompt: int | None = 250, completion: int | None = 200, **fields: object
) -> Booking:
    plain = Booking(
        call_id=made.id,
        agent=turn.order.agent,
        thread_id=turn.thread_id,
        provider=made.provider,
        model=made.model,
        usage=Usage(100, 20, cached_tokens=10, reasoning_tokens=5),
        cost=Cost(prompt, completion),
        day="2026-11-23",
        created_at=START,
    )
    return replace(plain, **fields)  # type: ignore[arg-type]  # fields of Booking


def end(turn: Turn, made: Call, body: str | None = "I see a flaw.", **fields: object) -> EndTurn:
    """Return the end of a turn that went well; `turn` carries the fence."""
    answer = None
    if body is not None:
        answer = Message(
            id=MessageId(new_id()),
            thread_id=turn.thread_id,
            seq=0,
            author=turn.order.agent,
            kind=MessageKind.REPLY,
            body=body,
            created_at=START,
            turn_id=turn.id,
        )
    plain = EndTurn(
        turn.id,
        turn.fence,
        TurnState.DONE,
        call=done(made),
        booking=booking(turn, made),
        message=answer,
    )
    return replace(plain, **fields)  # type: ignore[arg-type]  # fields of EndTurn

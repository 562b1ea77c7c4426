"""Answers that arrive and cannot be taken as they are."""

from __future__ import annotations

import json
import tracemalloc

import pytest

from hub.domain.ask import Ask
from hub.domain.query import Messages
from hub.errors import (
    BudgetRefusedError,
    ContentFilterError,
    ProviderError,
    ProviderResponseError,
    TurnError,
)
from tests.faults.server import (
    FaultServer,
    bomb,
    chunk,
    delta,
    done,
    event,
    raw,
    reply,
    split,
    stream,
    verbatim,
)
from tests.faults.wired import ANSWER, CHAT, Wired, answered

pytestmark = [pytest.mark.anyio, pytest.mark.network]

HOSTILE = "a\x00\x1b]52;c;Zm9v\x07\x9b2J\u202eb\u200f\ud800c\r\nd \u2028 👋"
CLEAN = "a]52;c;Zm9v2Jbc\nd \u2028 👋"


async def one(home, script, **parts):
    """Ask one provider that plays a script; return what came, or the error, and the house."""
    async with FaultServer() as grok:
        grok.on(CHAT, script)
        async with Wired(home, grok=grok, **parts) as house:
            try:
                return await house.ask(Ask("Why?")), house, grok
            except (ProviderError, TurnError) as error:
                return error, house, grok


@pytest.mark.fault(30)
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("seed", range(3))
async def test_a_stream_reads_alike_wherever_the_network_cuts_it(home, seed, ends):
    text = "Grüße \u2028 👋 \x85"
    pieces = [json.dumps(chunk({"content": part}), ensure_ascii=False) for part in text]
    body = "\ufeff" + "".join(f"event: chunk{ends}data: {p}{ends}{ends}" for p in pieces)
    whole = json.dumps(chunk({}, "stop"), indent=1).splitlines()
    body += "".join(f"data: {line}{ends}" for line in whole) + f"{ends}data: [DONE]{ends}{ends}"
    answer, _, _ = await one(home, stream(split(seed), verbatim(body.encode())))

    assert answer.messages[0].body == text.replace("\x85", "").strip()


@pytest.mark.fault(31)
async def test_hostile_text_is_cleaned_once_on_its_way_in(home):
    bytes_ = b'data: {"choices":[{"index":0,"delta":{"content":"\xff\xfe \\u0000\\ud800e"}}]}\n\n'
    answer, house, _ = await one(home, stream(delta(HOSTILE), verbatim(bytes_), done()))
    expected = CLEAN + "\ufffd\ufffd e"

    assert answer.messages[0].body == expected
    stored = house.books.value("SELECT body FROM message WHERE turn_id IS NOT NULL")
    assert stored == expected
    assert house.books.value("SELECT length(body) FROM message WHERE turn_id IS NOT NULL") == len(
        expected
    )


@pytest.mark.fault(31)
async def test_what_is_stored_is_what_is_read_back(home):
    async with FaultServer() as grok:
        grok.on(CHAT, answered(HOSTILE, "grok-4.3"))
        async with Wired(home, grok=grok) as house:
            answer = await house.ask(Ask(f"Say {HOSTILE}"))
            stored = await house.hub._parts.store.read(Messages(answer.thread.id))

            assert [m.body for m in stored] == [f"Say {CLEAN}", CLEAN]
            assert (await house.hub.search("Zm9v2Jbc"))[0].body in {f"Say {CLEAN}", CLEAN}


@pytest.mark.fault(32)
@pytest.mark.parametrize("count", ["NaN", "1e999", "-Infinity", "-1", '"12"', "true", "null", "[]"])
async def test_token_counts_that_are_none_are_estimated_and_meet_no_budget(home, count):
    counts = f'{{"prompt_tokens":{count},"completion_tokens":{count},"total_tokens":{count}}}'
    body = f'data: {{"choices":[],"usage":{counts}}}\n\n'
    answer, house, _ = await one(home, answered("Because.", counts=verbatim(body.encode())))

    assert answer.messages[0].body == "Because."
    [(cost, estimated)] = house.books.rows("SELECT cost, estimated FROM ledger")
    assert (cost > 0, estimated) == (True, 1)
    for spent, reserved in house.books.rows("SELECT spent, reserved FROM budget"):
        assert (spent, reserved) == (cost, 0)


@pytest.mark.fault(32)
async def test_missing_token_counts_are_estimated(home):
    _, house, _ = await one(home, answered("Because.", counts=event({"choices": []})))

    assert house.books.rows("SELECT estimated, cost > 0 FROM ledger") == [(1, 1)]


@pytest.mark.fault(33)
@pytest.mark.parametrize(
    "script",
    [
        reply(200, {}, b'{"choices":' + b"[" * 200_000),
        reply(200, {}, b'{"choices":' + b"[" * 200_000 + b"]" * 200_000 + b"}"),
        stream(event('{"choices":' + "[" * 200_000)),
        reply(400, {}, b'{"error":' * 200_000),
    ],
    ids=["whole", "closed", "event", "error"],
)
async def test_json_deeper_than_any_answer_is_a_typed_error(home, script):
    error, _, _ = await one(home, script)

    assert isinstance(error, ProviderError)


@pytest.mark.fault(34)
@pytest.mark.parametrize(
    ("script", "says"),
    [
        (bomb(200_000_000), "larger than 8 MB"),
        (reply(200, {}, b'{"choices":"' + b" " * 8_100_000), "larger than 8 MB"),
        (stream(*[delta("x" * 1_000_000)] * 9, done()), "larger than 8 MB"),
        (raw(b"HTTP/1.1 200 OK\r\nx: " + b"y" * 300_000), "no HTTP"),
    ],
    ids=["bomb", "body", "stream", "header"],
)
async def test_bodies_and_headers_without_end_stop_at_a_bound(home, script, says):
    tracemalloc.start()
    try:
        error, _, grok = await one(home, script)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert isinstance(error, ProviderError)
    assert says in str(error)
    assert grok.seen[0].headers["accept-encoding"] == "identity"
    assert peak < 100_000_000


FILTERED = {"choices": [{"message": {"content": ""}, "finish_reason": "content_filter"}]}
TOOL = {"choices": [{"message": {"content": None, "tool_calls": [
    {"id": "c1", "type": "function", "function": {"name": "ls", "arguments": "{}"}}]},
    "finish_reason": "tool_calls"}]}  # fmt: skip


@pytest.mark.fault(35)
@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (reply(200, {"content-type": "image/png"}, b"\x89PNG\r\n"), ProviderResponseError),
        (reply(200, {}, {"error": {"message": "overloaded"}}), ProviderError),
        (reply(204), ProviderResponseError),
        (reply(200, {}, {"choices": []}), ProviderResponseError),
        (reply(200, {}, {"choices": None}), ProviderResponseError),
        (reply(200, {}, b"null"), ProviderResponseError),
        (reply(200, {}, {"choices": [{"message": {"content": None}}]}), ProviderResponseError),
        (reply(200, {}, FILTERED), ContentFilterError),
        (stream(done("content_filter")), ContentFilterError),
        (stream(done("length")), ProviderResponseError),
        (stream(delta(" \n "), done()), ProviderResponseError),
        (reply(200, {}, TOOL), TurnError),
    ],
)
async def test_what_is_no_answer_is_a_typed_error_and_never_an_empty_message(home, script, kind):
    error, house, _ = await one(home, script)

    assert isinstance(error, kind)
    assert house.books.rows("SELECT id FROM message WHERE trim(body) = ''") == []
    assert house.books.states()[0] in ("failed", "unknown")


@pytest.mark.fault(35)
async def test_a_refusal_is_a_message_with_the_models_own_words(home):
    answer, _, _ = await one(home, stream(event(chunk({"refusal": "I cannot help."})), done()))

    assert answer.messages[0].body == "I cannot help."


@pytest.mark.fault(36)
async def test_another_model_than_asked_is_priced_and_shown_as_itself(home):
    prices = {
        "grok/grok-4.3": {"input": 1_250_000, "output": 2_500_000, "cached": 0},
        "grok/grok-9": {"input": 125_000_000, "output": 250_000_000, "cached": 0},
    }
    from hub.config import PriceSettings

    priced = {name: PriceSettings(**price) for name, price in prices.items()}
    answer, house, _ = await one(home, answered("Because.", "grok-9"), prices=priced)

    assert answer.messages[0].body == "Because."
    assert house.books.rows("SELECT model, served_model FROM call") == [("grok-4.3", "grok-9")]
    assert house.books.rows("SELECT model, cost FROM ledger") == [("grok-9", 9 * 125 + 2 * 250)]


@pytest.mark.fault(36)
async def test_a_model_without_a_price_is_refused_under_a_cap_and_unknown_without_one(
    home, monkeypatch
):
    from tests.fakes.hubs import budget

    monkeypatch.setattr("agents.catalog.FREE", None)  # loopback servers are free otherwise
    async with FaultServer() as grok:
        grok.on(CHAT, answered("Because.", "grok-4.3"))
        unpriced = {"prices": {}, "grok": grok}
        monkeypatch.setattr("hub.ledger.prices.ConfiguredPrices.price", lambda *_: None)
        async with Wired(home, **unpriced, budget=budget(question=1_000_000)) as house:
            with pytest.raises(BudgetRefusedError, match="price"):
                await house.ask(Ask("Why?"))
            assert grok.count == 0
        async with Wired(home, **unpriced) as house:
            await house.ask(Ask("Why?"))
            assert house.books.rows("SELECT cost FROM ledger") == [(None,)]
            assert (await house.hub.usage("total"))[0].unknown_cost_calls == 1


@pytest.mark.fault(36)
async def test_a_price_that_the_person_writes_is_the_ceiling_of_a_model_without_one(home):
    from hub.config import PriceSettings
    from tests.fakes.hubs import budget

    ceiling = {"grok/grok-4.3": PriceSettings(input=5_000_000, output=5_000_000)}
    async with FaultServer() as grok:
        grok.on(CHAT, ANSWER)
        async with Wired(
            home, grok=grok, prices=ceiling, budget=budget(question=1_000_000)
        ) as house:
            await house.ask(Ask("Why?"))

            assert 0 < house.books.spent() <= 1_000_000

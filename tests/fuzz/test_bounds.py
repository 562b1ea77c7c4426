"""What a provider sends without end or measure: one typed error, in time, in little memory.

Each case is a call in a process of its own, so that its memory and its computing can be measured. A
case that is cheap takes a second of computing at most; were it read in time that grows with its square,
it would take minutes: the limit lies between, far from both.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from tests.faults.server import (
    FaultServer,
    bomb,
    chunk,
    comment_flood,
    delta,
    done,
    event,
    raw,
    reply,
    slow_loris,
    stream,
    usage,
    verbatim,
)

resource = pytest.importorskip("resource", reason="memory is measured by what Unix counts")
pytestmark = [pytest.mark.anyio, pytest.mark.network]

PATH = "/v1/chat/completions"
RESPONSES = "/v1/responses"
GOOD = stream(delta("Hello"), usage(9, 2), done())
MOST_MB = 100
CPU_S = 10
"""Computing that a call may take, its imports included."""
DEADLINE_S = 0.4
PATIENT_S = 120.0
"""For what ends by itself."""
HANGS_S = 150.0
"""A guard: nothing below comes near it unless it hangs."""
DEEP = b"[" * 200_000
NAN = chunk({}, "stop") | {"usage": {"prompt_tokens": float("nan"), "completion_tokens": 1e999}}


async def called(script, *, seconds=PATIENT_S, path=PATH, model="gpt-4o"):
    """What a call came to that was answered so."""
    async with FaultServer() as server:
        server.on(PATH, GOOD, script)
        if path != PATH:
            server.on(path, script)
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.fuzz.bounded", server.url, str(seconds), str(CPU_S), model,
            cwd=Path(__file__).parents[2], stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            async with asyncio.timeout(HANGS_S):
                out, _ = await child.communicate()
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
    assert child.returncode == 0, f"ended by {child.returncode}: too much computing, or a crash"
    return json.loads(out)


def blank_comments(count):
    return verbatim((b": " + b"x" * 65_536 + b"\n\n") * count)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        pytest.param(bomb(200_000_000), "larger than 8 MB", id="bomb", marks=pytest.mark.fault(34)),
        pytest.param(reply(200, {}, b" " * 9_000_000), "larger than 8 MB", id="blanks",
                     marks=pytest.mark.fault(34)),
        pytest.param(stream(blank_comments(130)), "larger than 8 MB", id="comments",
                     marks=pytest.mark.fault(34)),
        pytest.param(stream(delta("a"), verbatim(b"data: " + b"x" * 5_000_000)),
                     "larger than 4000000", id="event", marks=pytest.mark.fault(34)),
        pytest.param(reply(200, {}, b'{"choices":' + DEEP), "no JSON", id="deep",
                     marks=pytest.mark.fault(33)),
        pytest.param(stream(delta("a"), verbatim(b"data: " + DEEP + b"\n\n")), "nonsense",
                     id="deep event", marks=pytest.mark.fault(33)),
        pytest.param(reply(500, {}, b'{"error":' + DEEP), "failed (500)", id="deep error",
                     marks=pytest.mark.fault(33)),
        pytest.param(raw(b"HTTP/1.1 200 X\r\n" + b"a: b\r\n" * 3_000_000), "no HTTP",
                     id="headers", marks=pytest.mark.fault(34)),
    ],
)  # fmt: skip
async def test_what_is_too_large_ends_in_an_error_and_takes_little_memory(script, said):
    result = await called(script)

    assert "ProviderResponseError" in result["kinds"]
    assert said in result["said"]
    assert result["grown_mb"] < MOST_MB


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(stream(comment_flood(0)), id="comments", marks=pytest.mark.fault(26)),
        pytest.param(stream(delta("Hel"), slow_loris(1.0), delta("lo")), id="slow stream",
                     marks=pytest.mark.fault(27)),
        pytest.param(stream(slow_loris(1.0), delta("lo")), id="slow start",
                     marks=pytest.mark.fault(27)),
        pytest.param(stream(slow_loris(1.0), verbatim(b"<html>"), status=500), id="slow error",
                     marks=pytest.mark.fault(27)),
    ],
)  # fmt: skip
async def test_what_never_ends_meets_its_deadline_and_takes_little_memory(script):
    result = await called(script, seconds=DEADLINE_S)

    assert "ProviderTimeoutError" in result["kinds"]
    assert f"not done after {DEADLINE_S:g} s" in result["said"]
    assert result["grown_mb"] < MOST_MB


@pytest.mark.fault(32)
@pytest.mark.parametrize(
    "script",
    [stream(delta("Hello"), event(NAN), done()),
     reply(200, {}, {"choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}],
                     "usage": NAN["usage"]})],
    ids=["stream", "whole"],
)  # fmt: skip
async def test_counts_that_are_no_numbers_are_estimated_and_the_answer_is_kept(script):
    result = await called(script)

    assert (result["kinds"][0], result["said"]) == ("Reply", "Hello")
    assert result["estimated"]
    assert result["grown_mb"] < MOST_MB


@pytest.mark.fault(32)
async def test_counts_that_are_no_numbers_beside_no_answer_are_an_error():
    result = await called(stream(event(NAN), done()))

    assert "ProviderResponseError" in result["kinds"]
    assert result["grown_mb"] < MOST_MB


def response(said):
    return {"type": "response.output_text.delta", "item_id": "a", "delta": said}


def finished(texts):
    parts = [[{"type": "output_text", "text": text}] for text in texts]
    output = [{"type": "message", "id": f"b{n}", "content": part} for n, part in enumerate(parts)]
    return event({"type": "response.completed", "response": {"output": output}})


def repeated(value, times):
    return verbatim(f"data: {json.dumps(value)}\n\n".encode() * times)


def tools(page):
    calls = b",".join(b'{"index":%d}' % (page * 80_000 + n) for n in range(80_000))
    return verbatim(b'data: {"choices":[{"delta":{"tool_calls":[' + calls + b"]}}]}\n\n")


PIECE = response("x" * 20)
AGAIN = {"type": "response.output_text.done", "item_id": "a", "text": "x"}


@pytest.mark.parametrize(
    ("script", "model", "path"),
    [
        (stream(repeated(PIECE, 30_000), finished(["x" * 19 + "y"] * 20_000)), "gpt-5-pro", RESPONSES),
        (stream(event(response("x" * 3_500_000)), repeated(PIECE, 15_000), repeated(AGAIN, 15_000)),
         "gpt-5-pro", RESPONSES),
        (stream(*map(tools, range(5)), done("tool_calls")), "gpt-4o", PATH),
    ],
    ids=["closing event", "deltas", "tools"],
)  # fmt: skip
async def test_no_answer_takes_long_to_read_or_much_memory(script, model, path):
    result = await called(script, model=model, path=path)

    assert {"Reply", "ProviderResponseError"} & set(result["kinds"])
    assert result["grown_mb"] < MOST_MB


def answer(text):
    return {"choices": [{"message": {"content": text}, "finish_reason": "stop"}]}


@pytest.mark.fault(31)
@pytest.mark.fault(34)
async def test_the_longest_answer_is_cleaned_in_little_memory():
    long = json.dumps(answer("👋\0" + "x" * 7_800_000), ensure_ascii=False).encode()

    result = await called(reply(200, {}, long))

    assert result["kinds"][0] == "Reply"
    assert result["grown_mb"] < MOST_MB


MANY = 2_600_000


@pytest.mark.fault(34)
@pytest.mark.parametrize(
    "script",
    [
        reply(200, {}, b'{"choices":[' + b"{}," * MANY + b"{}]}"),
        reply(200, {}, b'{"choices":[' + b"[]," * MANY + b"[]]}"),
        reply(200, {}, b'{"choices":[' + b'{"":1},' * (MANY * 3 // 7) + b"{}]}"),
        reply(200, {}, b'{"choices":[' + b'"ab",' * (MANY * 3 // 5) + b"{}]}"),
        stream(verbatim(b'data: {"choices":[' + b'{"":1},' * (MANY * 3 // 14) + b"{}]}\n\n")),
    ],
    ids=["objects", "lists", "fields", "texts", "event"],
)
async def test_an_answer_of_nothing_but_small_values_takes_little_memory(script):
    result = await called(script)

    assert "ProviderResponseError" in result["kinds"]
    assert result["grown_mb"] < MOST_MB

"""What a provider sends without end or measure: one typed error, in time, in little memory.

Each case is a call in a process of its own, so that its memory and its computing can be measured.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from tests.agents.calls import KEY
from tests.faults.server import (
    FaultServer,
    bomb,
    chunk,
    comment_flood,
    delta,
    done,
    event,
    reply,
    slow_loris,
    stream,
    usage,
    verbatim,
)

resource = pytest.importorskip("resource", reason="memory is measured by what Unix counts")
pytestmark = [pytest.mark.anyio, pytest.mark.network]

PATH = "/v1/chat/completions"
GOOD = stream(delta("Hello"), usage(9, 2), done())
MOST_MB = 100
CPU_S = 5
"""Computing that a call may take, its imports included; what is longer holds up everybody else."""
DEADLINE_S = 0.4
PATIENT_S = 20.0
"""For what ends by itself."""
HANGS_S = 30.0
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


@pytest.mark.fault(33)
@pytest.mark.fault(34)
@pytest.mark.parametrize(
    ("script", "said"),
    [
        (bomb(200_000_000), "larger than 8 MB"),
        (reply(200, {}, b'{"choices":' + DEEP), "no JSON"),
        (stream(delta("a"), verbatim(b"data: " + DEEP + b"\n\n")), "nonsense"),
        (stream(delta("a"), verbatim(b"data: " + b"x" * 5_000_000)), "larger than 4000000"),
        (stream(verbatim(b": " + b"x" * 65_536 + b"\n\n"), *[verbatim(b": " + b"x" * 65_536 + b"\n\n")] * 130),
         "larger than 8 MB"),
        (reply(200, {}, b" " * 9_000_000), "larger than 8 MB"),
        (reply(500, {}, b'{"error":' + DEEP), "failed (500)"),
    ],
    ids=["bomb", "deep", "deep event", "event", "comments", "blanks", "deep error"],
)  # fmt: skip
async def test_what_is_too_large_ends_in_an_error_and_takes_little_memory(script, said):
    result = await called(script)

    assert "ProviderResponseError" in result["kinds"]
    assert said in result["said"]
    assert result["grown_mb"] < MOST_MB


@pytest.mark.fault(27)
@pytest.mark.parametrize(
    "script",
    [
        stream(comment_flood(0)),
        stream(delta("Hel"), slow_loris(1.0), delta("lo")),
        stream(slow_loris(1.0), delta("lo")),
        stream(slow_loris(1.0), verbatim(b"<html>"), status=500),
    ],
    ids=["comments", "slow stream", "slow start", "slow error"],
)
async def test_what_never_ends_meets_its_deadline_and_takes_little_memory(script):
    result = await called(script, seconds=DEADLINE_S)

    assert "ProviderTimeoutError" in result["kinds"]
    assert result["grown_mb"] < MOST_MB


@pytest.mark.fault(32)
async def test_counts_that_are_no_numbers_are_estimated():
    result = await called(stream(delta("Hello"), event(NAN), done()))

    assert result["kinds"][0] == "Reply"
    assert result["estimated"]
    assert result["grown_mb"] < MOST_MB


def closing(items):
    part = {"type": "output_text", "text": "x" * 19 + "y"}
    output = [{"type": "message", "id": f"b{n}", "content": [part]} for n in range(items)]
    response = {"status": "completed", "output": output, "usage": None}
    return event({"type": "response.completed", "response": response})


def streamed(pieces):
    one = {"type": "response.output_text.delta", "item_id": "a", "delta": "x" * 20}
    return verbatim(f"data: {json.dumps(one)}\n\n".encode() * pieces)


@pytest.mark.parametrize(
    ("script", "model", "path"),
    [
        (reply(200, {}, {"error": {"message": "model" * 1_500_000}}), "gpt-4o", PATH),
        (reply(200, {}, {"error": {"message": "api key " * 900_000}}), "gpt-4o", PATH),
        (stream(streamed(30_000), closing(6_000)), "gpt-5-pro", "/v1/responses"),
        (reply(429, {"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "1" * 8_000},
               b""), "gpt-4o", PATH),
        (reply(400, {}, {"error": {"message": "*a" * 30_000 + KEY}}), "gpt-4o", PATH),
    ],
    ids=["models", "keys", "closing event", "digits", "stars"],
)  # fmt: skip
async def test_no_answer_takes_long_to_read(script, model, path):
    result = await called(script, model=model, path=path)

    assert KEY not in result["said"]
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

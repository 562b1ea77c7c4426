"""Providers for the soak: well-behaved ones whose answers a seeded draw replaces by faults."""

from __future__ import annotations

import random
from collections import Counter

from typing_extensions import override

from tests.faults.http import Connection
from tests.faults.server import (
    bomb,
    chunk,
    comment_flood,
    delta,
    done,
    event,
    latency,
    raw,
    redirect,
    reply,
    reset,
    slow_loris,
    split,
    stall,
    stream,
    truncate,
    usage,
    verbatim,
)
from tests.loopback import LoopbackProvider

KEY = "sk-canary-50a4c0ffee5f3a9e71c2"
"""Looked for in every file and every line of output afterwards."""
_SAYS = delta("Half a sen")
_HOSTILE = delta("a\x1b]52;c;Zm9v\x07\x9b2J\u202eb\x00c \u2028 👋")
_LIMIT = {"error": {"message": f"Rate limit reached for {KEY}", "code": "rate_limit_exceeded"}}
_QUOTA = {"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}}
_WRONG = {"error": {"message": f"Incorrect API key provided: {KEY}", "code": "invalid_api_key"}}
_SENSELESS = b'data: {"choices":[],"usage":{"prompt_tokens":NaN,"completion_tokens":-1}}\n\n'
_FILTERED = {"choices": [{"message": {"content": ""}, "finish_reason": "content_filter"}]}

MENU = {
    "18 retry-after 1": (4, reply(429, {"retry-after": "1"}, _LIMIT)),
    "18 retry-after 9": (2, reply(429, {"retry-after": "9"}, _LIMIT)),
    "18 retry-after of years": (1, reply(429, {"retry-after": "99999999"}, _LIMIT)),
    "18 retry-after of no sense": (2, reply(429, {"retry-after": "-soon"}, _LIMIT)),
    "20 quota": (1, reply(429, {}, _QUOTA)),
    "20 payment": (1, reply(402)),
    "21 500": (4, reply(500, {"content-type": "text/html"}, "<html>")),
    "21 502": (2, reply(502)),
    "21 503": (6, reply(503)),
    "21 529": (2, reply(529)),
    "22 wrong key": (1, reply(401, {}, _WRONG)),
    "24 never answers": (3, stall()),
    "25 stall": (3, stream(_SAYS, stall())),
    "26 comments": (2, stream(comment_flood(0.05))),
    "27 slow": (2, stream(_SAYS, slow_loris(0.05), delta("x" * 100), done())),
    "28 reset at once": (5, reset()),
    "28 reset": (5, stream(_SAYS, latency(0.01), reset())),
    "29 closed": (4, stream(_SAYS, truncate(length=False))),
    "29 shorter than promised": (3, stream(_SAYS, truncate(length=True))),
    "29 no reason": (3, stream(_SAYS, done(finish=None))),
    "30 cut JSON": (3, stream(_SAYS, verbatim(b'data: {"choices":[{"del'))),
    "30 split": (4, stream(split(7), delta("Grüße \u2028 👋"), usage(9, 2), done())),
    "31 hostile": (4, stream(_HOSTILE, verbatim(b"data: \xff\xfe\n\n: x\n\n"), done())),
    "31 hostile, whole": (4, stream(_HOSTILE, usage(9, 2), done())),
    "32 senseless usage": (4, stream(delta("Well."), verbatim(_SENSELESS), done())),
    "33 deep": (2, reply(200, {}, b'{"choices":' + b"[" * 200_000)),
    "34 bomb": (1, bomb(20_000_000)),
    "34 header": (1, raw(b"HTTP/1.1 200 OK\r\nx: " + b"y" * 300_000)),
    "35 empty": (3, reply(204)),
    "35 no choices": (3, reply(200, {}, {"choices": []})),
    "35 filtered": (2, reply(200, {}, _FILTERED)),
    "35 error in a stream": (3, stream(_SAYS, event({"error": _LIMIT["error"]}, "error"))),
    "35 out of tokens": (2, stream(done("length"))),
    "36 other model": (4, stream(event({**chunk({"content": "Yes."}), "model": "gpt-99"}), done())),
    "37 redirect": (2, redirect("https://elsewhere.example/v1")),
}
"""Row of the matrix and what it is: how often it comes, and the answer."""


class FaultyProvider(LoopbackProvider):
    """Answers sensibly but for a share of its answers."""

    def __init__(self, provider: str, seed: str, share: float) -> None:
        super().__init__(provider=provider, vote="tabs", key=KEY)
        self._draw = random.Random(seed)  # noqa: S311  a schedule of faults, not a secret
        self.share = share
        self.played: Counter[str] = Counter()

    @override
    async def answer(self, connection: Connection) -> None:
        """Answer one request, or play a fault instead."""
        if self._draw.random() < self.share:
            weights = [weight for weight, _ in MENU.values()]
            [name] = self._draw.choices(list(MENU), weights)
            self.played[name] += 1
            await MENU[name][1](connection)
        else:
            await super().answer(connection)

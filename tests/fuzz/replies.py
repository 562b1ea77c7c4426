"""The parsers of what a provider sends, through the client that uses them."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Coroutine
from contextlib import asynccontextmanager
from functools import cache

from pydantic import SecretStr

from agents.classify import failure_of, problem_of
from agents.client import ProviderAgent
from agents.decode import BodyDecoder
from agents.failure import FailedCallError
from agents.listing import key_trouble, listed_prices, model_names
from agents.sse import EventParser, OversizedEventError
from agents.usage import read_usage
from agents.waiting import duration, retry_after
from agents.wire import Endpoint
from hub.domain.agent import ProviderKind
from hub.domain.text import sanitize
from hub.domain.usage import Usage
from hub.errors import ProviderError
from tests.agents.calls import KEY, HastyClock, view
from tests.fuzz.corpus import seeds
from tests.fuzz.mutation import Mutator
from tests.fuzz.targets import Target, law

STATUSES = (200, 301, 400, 401, 402, 403, 404, 408, 409, 413, 418, 422, 429, 500, 503, 529, 599)
LONGEST_WAIT_S = 1e9
"""Thirty years: what is longer cannot be counted in microseconds, or shown as a time."""
SSE_PIECES = (
    b"data: one", b"data:two", b"data", b"data:", b'data: {"t":"\xc3\xa9 \xe2\x80\xa8"}', b"event: x",
    b": ping", b"id: 7", b"retry: 1", b"\n", b"\n", b"\r", b"\r\n", b"\n\n", b"\xef\xbb\xbf", b"\xff",
    b"\x00", b"x" * 50, b":", b"data: [DONE]",
)  # fmt: skip
HEADER_NAMES = (
    "retry-after", "retry-after-ms", "date", "x-ratelimit-remaining-requests",
    "x-ratelimit-reset-requests", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens",
    "x-request-id", "x-should-retry",
)  # fmt: skip
WAITS = (
    b"1", b"30", b"-1", b"0", b".5", b"1e3", b"1e400", b"nan", b"inf", b"6ms", b"1.2s", b"1m2.5s",
    b"1h2m3.4s", b"1d", b"Wed, 21 Oct 2026 07:28:00 GMT", b"Mon, 01 Jan ", b"0001 ", b"9999 ", b"00:00:00 ",
    b"23:59:60 ", b"+0000", b"-2359", b"+9959", b"99", b"9" * 30, b"try again in ", b"retry after ",
    b" second", b" minute", b"\xd9\xa1", b" ", b",", b":", b"-", b"(", b"true", b"req_1",
)  # fmt: skip

WHOLE_WAITS = (
    (b"Wed, ", b"21", b" Oct ", b"2026", b" 07", b":28", b":00 ", b"GMT"),
    (b"Mon, ", b"01", b" Jan ", b"2027", b" 00", b":00", b":00 ", b"+0000"),
    (b"1", b"h", b"2", b"m", b"3", b".", b"4", b"s"),
    (b"Please ", b"try again in ", b"23", b".03", b"s", b"."),
    (b"Please ", b"retry after ", b"5", b" second", b"s"),
)
"""Waits as they are written, in the pieces that are swapped."""


class FedExchange:
    """A body that is there already; implements `agents.wire.Exchange`."""

    request_id = "req_1"
    tries = 1
    declined = 0

    def __init__(self, pieces: list[bytes]) -> None:
        self.headers: dict[str, str] = {}
        self._pieces = pieces

    async def pieces(self):
        """Yield what there is."""
        for piece in self._pieces:
            yield piece

    def content_came(self) -> None:
        """Hear of it."""


class FedWire:
    """Answers with one status and body; implements as much of `agents.wire.Wire` as a call needs."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self.pieces: list[bytes] = []
        self.status = 200
        self.headers: dict[str, str] = {}

    @asynccontextmanager
    async def post(self, path, payload, deadlines):
        """Enter the answer, or fail as the transport does."""
        if self.status != 200:
            problem = problem_of(b"".join(self.pieces).decode("utf-8", "replace"))
            failed = failure_of(self._endpoint, self.status, self.headers, problem, 1_800_000_000)
            raise FailedCallError(failed)
        yield FedExchange(self.pieces)

    def hide(self, text: str) -> str:
        """Return it."""
        return text


@cache
def _agent(api: str) -> tuple[ProviderAgent, FedWire]:
    key = SecretStr(KEY)
    endpoint = Endpoint(
        "openai", ProviderKind.OPENAI, "https://h/v1", key, "environment K", api=api
    )
    wire = FedWire(endpoint)

    def connect(*_: object) -> FedWire:
        return wire

    return ProviderAgent(endpoint, HastyClock(), temperature=0.3, connect=connect), wire


VIEW = view()


def drive(work: Coroutine):
    """Run what never really waits, without the cost of an event loop."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value
    finally:
        work.close()
    raise AssertionError("a parser waited")


def answered(
    api: str, pieces: list[bytes], *, status: int = 200, headers: dict[str, str] | None = None
) -> None:
    """Have one call answered so; the reply or the error keeps its promises."""
    agent, wire = _agent(api)
    agent._refusals.clear()
    wire.pieces, wire.status, wire.headers = pieces, status, headers or {}
    said: list[str] = []
    try:
        reply = drive(agent.reply(VIEW, said.append))
    except ProviderError as error:
        _lawful_error(error)
        raise
    clean = [
        reply.text,
        reply.model,
        *said,
        *(v for tool in reply.tool_calls for v in tool.values()),
    ]
    law(all(text == sanitize(text) for text in clean), "uncleaned text in a reply")
    law(reply.text.strip() or reply.tool_calls, "an empty reply is a success")
    _lawful_usage(reply.usage)


def _lawful_error(error: ProviderError) -> None:
    text = str(error)
    law(text == sanitize(text) and "\n" not in text, "an error of more than one clean line")
    law(KEY not in text, "a key in an error")
    wait = error.retry_after_s
    law(wait is None or 0 <= wait <= LONGEST_WAIT_S, "a wait that is no time")
    law(error.partial == sanitize(error.partial), "uncleaned text in an error")
    if error.spent is not None:
        _lawful_usage(Usage(*error.spent))


def _lawful_usage(usage: Usage) -> None:
    law(0 <= usage.cached_tokens <= usage.prompt_tokens <= 2 * 10**9, "buckets at odds")
    law(0 <= usage.reasoning_tokens <= usage.completion_tokens <= 4 * 10**9, "buckets at odds")
    law(usage.billed is None or 0 <= usage.billed <= 10**9, "an absurd bill")
    law(usage.fees is None or usage.fees >= 0, "negative fees")


def _seeded(kind: str) -> Callable[[Mutator], bytes]:
    def make(mutator: Mutator) -> bytes:
        some = seeds(kind)
        return mutator.mutate(mutator.draw.choice(some), mutator.draw.choice(some))

    return make


def _sse_input(mutator: Mutator) -> bytes:
    if mutator.draw.random() < 0.5:
        return mutator.put_together(SSE_PIECES, 24)
    return _seeded("chat")(mutator)


def events_of(pieces: list[bytes], limit: int = 4_000_000):
    """Return all events of a body; None where one is too large."""
    parser = EventParser(limit)
    try:
        return [event for piece in pieces for event in parser.feed(piece)] + parser.close()
    except OversizedEventError:
        return None


def run_sse(data: bytes, mutator: Mutator) -> None:
    """However a body is cut, its events are the same."""
    whole = events_of([data])
    law(events_of(mutator.cut(data)) == whole, "a cut changes the events")
    if len(data) < 200:
        single = [data[i : i + 1] for i in range(len(data))]
        law(events_of(single) == whole, "single bytes change the events")


def _headers_input(mutator: Mutator) -> bytes:
    return b"\n".join(_wait(mutator) for _ in range(3))


def _wait(mutator: Mutator) -> bytes:
    if mutator.draw.random() < 0.5:
        return mutator.put_together(WAITS, 7)
    words = list(mutator.draw.choice(WHOLE_WAITS))
    words[mutator.draw.randrange(len(words))] = mutator.draw.choice(WAITS)
    return b"".join(words)


def headers_from(data: bytes, mutator: Mutator) -> dict[str, str]:
    """Return headers whose values are the lines of the input, and a limit that is used up."""
    names = mutator.draw.sample(HEADER_NAMES, 3)
    lines = data.decode("latin-1").split("\n")
    used = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-remaining-tokens": "0"}
    return {**used, **dict(zip(names, lines, strict=False))}


def run_waiting(data: bytes, mutator: Mutator) -> None:
    """A wait is None, or a number of seconds that can be waited."""
    headers = headers_from(data, mutator)
    message = data.decode("utf-8", "replace")
    for wait in (retry_after(headers, message, 1_800_000_000_000_000), duration(message)):
        law(wait is None or 0 <= wait <= LONGEST_WAIT_S, "a wait that is no time")


def run_errors(data: bytes, mutator: Mutator) -> None:
    """An error body becomes an error, whatever its status."""
    status = mutator.draw.choice(STATUSES)
    headers = headers_from(_headers_input(mutator), mutator) if status > 400 else {}
    answered("chat", mutator.cut(data), status=status, headers=headers)


def run_usage(data: bytes, mutator: Mutator) -> None:
    """Whatever is counted, the buckets hold together."""
    try:
        raw = json.loads(data)
    except (ValueError, RecursionError):
        return
    _lawful_usage(read_usage(raw, prompt_tokens=11, text="x" * 9))


def run_lists(data: bytes, mutator: Mutator) -> None:
    """A list is a list or none; names are clean."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return
    names = [*(model_names(found) or ()), *(listed_prices(found) or {})]
    law(all(name == sanitize(name) for name in names), "an uncleaned name")
    key_trouble(found)


def _packed(mutator: Mutator) -> bytes:
    body = _seeded("chat")(mutator)
    wrap = mutator.draw.choice((31, 15))
    packer = zlib.compressobj(1, wbits=wrap)
    packed = packer.compress(body) + packer.flush()
    return mutator.changed(packed, packed) if mutator.draw.random() < 0.8 else packed


def run_decode(data: bytes, mutator: Mutator) -> None:
    """What unfolds stays within its limit."""
    limit = mutator.draw.choice((10, 1_000, 100_000))
    decoder = BodyDecoder(mutator.draw.choice(("gzip", " GZIP", "deflate", "", "br")), limit)
    got = sum(len(decoder.feed(piece)) for piece in mutator.cut(data))
    law(got <= limit, "more than the limit")


REPLIES = (
    Target("sse", 190, _sse_input, run_sse),
    Target("chat", 150, _seeded("chat"), lambda d, m: answered("chat", m.cut(d))),
    Target("responses", 150, _seeded("responses"), lambda d, m: answered("responses", m.cut(d))),
    Target("errors", 90, _seeded("errors"), run_errors),
    Target("waiting", 90, _headers_input, run_waiting),
    Target("usage", 90, _seeded("usage"), run_usage),
    Target("lists", 20, _seeded("lists"), run_lists),
    Target("decode", 50, _packed, run_decode),
)

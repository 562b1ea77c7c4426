"""The body of an answer, read as it arrives."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing
from dataclasses import replace

from agents.answer import Answer, problem_reported
from agents.classify import Problem, failure_of, truncated_answer, useless_answer
from agents.decode import parse_json
from agents.failure import FailedCallError
from agents.sse import Event, EventParser, OversizedEventError
from agents.wire import Endpoint, Exchange
from hub.errors import SendOutcome

_DONE = "[DONE]"
_BLANK = b"\xef\xbb\xbf \t\r\n"


class AnswerReader:
    """Reads one exchange into an answer: events, or one object from servers that do not stream."""

    def __init__(
        self,
        endpoint: Endpoint,
        answer: Answer,
        exchange: Exchange,
        on_text: Callable[[str], None],
        now: int,
    ) -> None:
        """Read nothing yet.

        Args:
            endpoint: Who answers.
            answer: Takes what is read.
            exchange: The answer that has begun.
            on_text: Called with each piece of visible text.
            now: UTC microseconds.
        """
        self._answer = answer
        self._endpoint = endpoint
        self._exchange = exchange
        self._on_text = on_text
        self._now = now
        self._begun = False
        self._fresh = False
        """True while content has come that the idle deadline has not heard of."""

    async def read(self) -> None:
        """Read until the closing event, or the end of a whole answer.

        Raises:
            FailedCallError: The answer is cut, an error, or makes no sense.
        """
        async with aclosing(self._exchange.pieces()) as pieces:
            head = b""
            while not head:
                piece = await anext(pieces, None)
                if piece is None:
                    raise useless_answer(self._endpoint, "sent an empty answer")
                head = piece.lstrip(_BLANK)
            if head[:1] in (b"{", b"[", b"<"):
                self._whole(b"".join([head, *[piece async for piece in pieces]]))
            else:
                await self._stream(head, pieces)

    async def _stream(self, first: bytes, pieces: AsyncIterator[bytes]) -> None:
        """Read events until the closing one."""
        parser = EventParser()
        try:
            self._events(parser.feed(first))
            while not self._answer.closed and (piece := await anext(pieces, b"")):
                self._events(parser.feed(piece))
        except OversizedEventError as error:
            raise useless_answer(self._endpoint, f"sent nonsense ({error})") from error
        if not self._answer.closed:
            self._events(parser.close(), last=True)
        if not self._answer.closed:
            raise truncated_answer(self._endpoint)

    def _events(self, events: list[Event], *, last: bool = False) -> None:
        """Take events up to the closing one; the deadline hears once of what came together."""
        self._take(events, last=last)
        if self._fresh:
            self._fresh = False
            self._exchange.content_came()

    def _take(self, events: list[Event], *, last: bool) -> None:
        for event in events:
            if self._answer.closed:
                return
            if event.data.strip() == _DONE:
                if not self._answer.finished:
                    raise truncated_answer(self._endpoint)
                self._answer.closed = True
                return
            found = parse_json(event.data)
            if isinstance(found, dict):
                self._chunk(found, event.name)
            elif last:
                raise truncated_answer(self._endpoint)
            elif event.name in ("", "message", "error") or event.name.startswith("response."):
                raise useless_answer(self._endpoint, "sent nonsense in its answer")

    def _chunk(self, chunk: Mapping[str, object], event: str) -> None:
        """Take one chunk of a stream."""
        problem = problem_reported(chunk, event)
        if problem is not None:
            raise self._reported(problem)
        visible, content = self._answer.take_event(chunk, event)
        if content:
            self._begun = self._fresh = True
        if visible:
            self._on_text(visible)

    def _whole(self, body: bytes) -> None:
        """Take an answer that came in one piece."""
        found = parse_json(body)
        if not isinstance(found, dict):
            raise useless_answer(self._endpoint, "answered with something that is no JSON")
        problem = problem_reported(found)
        if problem is not None:
            raise self._reported(problem)
        visible = self._answer.take_whole(found)
        if visible is None:
            raise useless_answer(self._endpoint, "answered with something that is no answer")
        if visible:
            self._on_text(visible)

    def _reported(self, problem: Problem) -> FailedCallError:
        """Return the error that an answer under status 200 carries."""
        headers = self._exchange.headers
        failure = failure_of(self._endpoint, 200, headers, problem, self._now)
        if self._begun:
            failure = replace(failure, outcome=SendOutcome.UNKNOWN)
        return FailedCallError(failure)

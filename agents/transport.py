"""Requests to one provider, and what their answers say of it.

What cannot have cost anything is repeated (agents.retry); everything else goes up with what is known
about it (STORAGE: outcome of a call).
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import astuple, dataclass

import httpx

from agents.classify import Problem, failure_of, problem_of, redacted_id, useless_answer
from agents.connection import LINK_LOCAL, Connections, Progress
from agents.deadlines import Deadlines, Watch
from agents.decode import BodyDecoder, BodyError
from agents.failure import FailedCallError, Failure
from agents.retry import retry_with_backoff
from agents.retry_statistics import RetryStatistics
from agents.wire import Endpoint
from hub.domain.masking import Mask
from hub.domain.retries import RetryBudget
from hub.errors import (
    AuthenticationError,
    ProviderConnectionError,
    ProviderError,
    ProviderResponseError,
    ProviderTimeoutError,
    SendOutcome,
)
from hub.ports import Clock

_ERROR_BODY = 65_536
_OK = 200
_ASKED = {"accept": "*/*", "accept-encoding": "identity", "user-agent": "gitbridge"}
_POSTED = {**_ASKED, "content-type": "application/json"}
_LINGER_S = 0.25
"""Wait for the end of a body whose content is complete, so that its connection can be kept."""


class _KeyAuth:
    """Attaches the key when a request is sent, and to the configured origin alone."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        url = httpx.URL(endpoint.base_url)
        self._origin = (url.scheme, url.host, url.port)
        self.hide = Mask([endpoint.key.get_secret_value()] if endpoint.key else [])

    def __call__(self, request: httpx.Request) -> httpx.Request:
        """Attach the key."""
        url, key = request.url, self._endpoint.key
        if key is not None and (url.scheme, url.host, url.port) == self._origin:
            value = key.get_secret_value()
            if not (value.isascii() and value.isprintable()):
                raise FailedCallError(
                    Failure(
                        AuthenticationError,
                        f"The key of {self._endpoint.title} holds characters that no key has; "
                        f"check the key from {self._endpoint.key_source or 'config.toml'}.",
                        SendOutcome.NOT_SENT,
                    )
                )
            request.headers["authorization"] = f"Bearer {value}"
        return request


@dataclass(slots=True)
class _Sending:
    """One call's requests so far."""

    watch: Watch
    progress: Progress
    tries: int = 0
    declined: int = 0
    response: httpx.Response | None = None


@dataclass(slots=True)
class _Answer:
    """An answer that has begun; implements `agents.wire.Exchange`."""

    raw: AsyncIterator[bytes]
    sending: _Sending
    endpoint: Endpoint
    headers: Mapping[str, str]
    request_id: str | None

    @property
    def tries(self) -> int:
        """Requests that were needed."""
        return self.sending.tries

    @property
    def declined(self) -> int:
        """How many of them the provider declined: a rate limit, or overload."""
        return self.sending.declined

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """Yield the decoded body as it arrives."""
        try:
            decoder = BodyDecoder(self.headers.get("content-encoding", ""))
            async for chunk in self.raw:
                if piece := decoder.feed(chunk):
                    yield piece
        except BodyError as error:
            raise useless_answer(self.endpoint, f"cannot be read: {error}") from error
        except httpx.HTTPError as error:
            failure = _broken(self.endpoint, error, self.sending.progress)
            raise FailedCallError(failure) from error

    def content_came(self) -> None:
        """Start the idle deadline anew."""
        self.sending.watch.content_came()

    async def drain(self) -> None:
        """Read what follows the content, if it comes at once."""
        with suppress(httpx.HTTPError, TimeoutError):
            async with asyncio.timeout(_LINGER_S):
                async for _ in self.raw:
                    pass


class Transport:
    """One provider's connections; implements `agents.wire.Wire`."""

    def __init__(
        self, endpoint: Endpoint, clock: Clock, *, draw: Callable[[], float] = random.random
    ) -> None:
        """Open nothing yet.

        Raises:
            ConfigError: The private CA or the proxy cannot be used.
        """
        self._endpoint = endpoint
        self._clock = clock
        self._draw = draw
        self.statistics = RetryStatistics()
        self._repeats = RetryBudget()
        self._auth = _KeyAuth(endpoint)
        self._connections = Connections(endpoint)
        self._urls: dict[str, httpx.URL] = {}

    @asynccontextmanager
    async def post(
        self, path: str, payload: Mapping[str, object], deadlines: Deadlines
    ) -> AsyncIterator[_Answer]:
        """Send a request, repeat it where that is free, and enter once its answer has begun.

        Raises:
            FailedCallError: On entering or while the body is read.
        """
        body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
        watch = Watch(deadlines)
        sending = _Sending(watch, Progress())
        try:
            async with watch.timer:
                response = await self._begin(path, body, deadlines, sending)
                answer = self._answer(response, sending)
                yield answer
                await answer.drain()
        except TimeoutError as error:
            sent = sending.progress.sent
            failure = Failure(
                ProviderTimeoutError,
                f"{self._endpoint.title} {watch.passed()}; try again or use another provider.",
                SendOutcome.UNKNOWN if sent else SendOutcome.NOT_SENT,
            )
            raise FailedCallError(failure, sending.tries) from error
        except FailedCallError as error:
            error.tries = max(sending.tries, 1)
            raise
        finally:
            if sending.response is not None:
                await sending.response.aclose()

    async def get(self, path: str, *, timeout_s: float) -> bytes:
        """Return the body of a free question, asked once.

        Raises:
            FailedCallError: It was not answered.
        """
        deadlines = Deadlines(timeout_s, timeout_s, timeout_s, min(timeout_s, 5.0))
        sending = _Sending(Watch(deadlines), Progress())
        try:
            async with sending.watch.timer:
                response = await self._send("GET", path, sending.progress, deadlines, None)
                try:
                    answer = self._answer(response, sending)
                    return b"".join([piece async for piece in answer.pieces()])
                finally:
                    await response.aclose()
        except TimeoutError as error:
            sentence = f"{self._endpoint.title} did not answer within {timeout_s:g} s."
            failure = Failure(ProviderTimeoutError, sentence, SendOutcome.REJECTED)
            raise FailedCallError(failure) from error

    def hide(self, text: str) -> str:
        """Return text with this provider's own key replaced, however it is written there."""
        return self._auth.hide(text)

    async def close(self) -> None:
        """Close all connections."""
        await self._connections.aclose()

    async def _begin(
        self, path: str, body: bytes, deadlines: Deadlines, sending: _Sending
    ) -> httpx.Response:
        """Send until an answer begins; repeat what cannot have cost anything."""
        statistics = self.statistics
        self._repeats = self._repeats.called()
        loop = retry_with_backoff(
            clock=self._clock, draw=self._draw, allowed=self._may_repeat, statistics=statistics
        )
        try:
            async for attempt in loop:
                with attempt:
                    sending.response = await self._try(path, body, deadlines, sending)
        finally:
            statistics.ended(sending.tries, answered=sending.response is not None)
        assert sending.response is not None  # noqa: S101  the loop raises otherwise
        return sending.response

    def _may_repeat(self) -> bool:
        left = self._repeats.taken(round(self._clock.monotonic() * 1e6))
        self._repeats = left or self._repeats
        return left is not None

    async def _try(
        self, path: str, body: bytes, deadlines: Deadlines, sending: _Sending
    ) -> httpx.Response:
        """Send once; between two tries only the total deadline counts."""
        sending.tries += 1
        sending.progress = Progress()
        sending.watch.request_begins()
        try:
            return await self._send("POST", path, sending.progress, deadlines, body)
        except FailedCallError as error:
            sending.declined += error.failure.outcome is SendOutcome.REJECTED
            sending.watch.between_requests()
            raise

    def _answer(self, response: httpx.Response, sending: _Sending) -> _Answer:
        headers = self._headers(response)
        request_id = redacted_id(headers.get("x-request-id"))
        return _Answer(response.aiter_raw(), sending, self._endpoint, headers, request_id)

    def _headers(self, response: httpx.Response) -> Mapping[str, str]:
        """Return an answer's headers, names in lower case, none with the key in it."""
        return {name: self.hide(value) for name, value in response.headers.items()}

    async def _send(
        self,
        method: str,
        path: str,
        progress: Progress,
        deadlines: Deadlines,
        body: bytes | None,
    ) -> httpx.Response:
        """Send one request; return its answer if the status is 200, body unread."""
        url = self._urls.setdefault(path, httpx.URL(self._endpoint.base_url + path))
        extensions = {"progress": progress, "connect_s": deadlines.connect_s}
        headers = _POSTED if body else _ASKED
        request = httpx.Request(method, url, content=body, headers=headers, extensions=extensions)
        try:
            response = await self._connections.handle_async_request(self._auth(request))
        except httpx.HTTPError as error:
            raise FailedCallError(_broken(self._endpoint, error, progress)) from error
        if response.status_code == _OK:
            return response
        try:
            problem = problem_of((await _beginning(response)).decode("utf-8", "replace"))
        finally:
            await response.aclose()
        status, told, now = response.status_code, self._headers(response), self._clock.now()
        # Hidden after parsing, which undoes escapes, and before anything is cut off.
        problem = Problem(*map(self.hide, astuple(problem)))
        raise FailedCallError(failure_of(self._endpoint, status, told, problem, now))


async def _beginning(response: httpx.Response) -> bytes:
    """Return the first bytes of an error's body; what cannot be decoded says nothing."""
    got = bytearray()
    try:
        decoder = BodyDecoder(response.headers.get("content-encoding", ""), _ERROR_BODY)
        async for chunk in response.aiter_raw():
            got += decoder.feed(chunk)
    except (BodyError, httpx.HTTPError):
        pass
    return bytes(got)


def _broken(endpoint: Endpoint, error: httpx.HTTPError, progress: Progress) -> Failure:
    """Return the failure that a broken connection is."""
    kind: type[ProviderError] = ProviderConnectionError
    again: bool | None = None
    if not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.ProxyError):
        happened = "broke the connection"
        advice = "try again or use another provider"
        if isinstance(error, httpx.RemoteProtocolError):
            kind, happened = ProviderResponseError, "sent something that is no HTTP"
    else:
        happened = "cannot be reached"
        host = httpx.URL(endpoint.base_url).netloc.decode("ascii", "replace")
        advice = f"check the network and the address {host}"
        if isinstance(error, httpx.ProxyError):
            happened, advice = "cannot be reached through the proxy", "check `proxy` in config.toml"
        elif "CERTIFICATE" in str(error).upper():
            happened, advice = (
                "has a certificate that is not trusted",
                "check the address or `ca_bundle`",
            )
            again = False
        elif LINK_LOCAL in str(error):
            happened, again = f"is not called: {LINK_LOCAL}", False
    outcome = SendOutcome.UNKNOWN if progress.sent else SendOutcome.NOT_SENT
    sentence = f"{endpoint.title} {happened}; {advice}."
    return Failure(kind, sentence, outcome, should_retry=again)

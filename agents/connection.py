"""The connections to one provider: httpx's requests and answers, carried by aiohttp.

aiohttp parses HTTP in C and keeps its pool in constant time: a call takes about half as long as over
httpx's own transport, fifty at once even less each (benchmarks.client). The errors are told apart
here by whether anything was sent, which the adapters on offer do not do.
"""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import httpx
from aiohttp.abc import AbstractStreamWriter
from typing_extensions import override
from yarl import URL

from agents.wire import Endpoint
from hub.addresses import address_is_forbidden
from hub.errors import ConfigError

LINK_LOCAL = "its name leads to a link-local address"
"""Why a connection is not made: such addresses hand out a machine's own secrets."""
_PIECE = 1 << 18
"""Bytes of a body that are handed over at once, so that a large one does not hold up the others."""
_ERRORS: tuple[tuple[type[Exception], type[httpx.HTTPError]], ...] = (
    (aiohttp.ClientProxyConnectionError, httpx.ProxyError),
    (aiohttp.ClientHttpProxyError, httpx.ProxyError),
    (aiohttp.ClientConnectorError, httpx.ConnectError),
    (aiohttp.ServerTimeoutError, httpx.ConnectTimeout),
    (aiohttp.ClientSSLError, httpx.ConnectError),
    (aiohttp.ServerDisconnectedError, httpx.ReadError),
    (aiohttp.ClientPayloadError, httpx.ReadError),
    (aiohttp.ClientConnectionError, httpx.ReadError),
    (aiohttp.ClientError, httpx.RemoteProtocolError),
    (OSError, httpx.ReadError),
)
"""Whose name an error takes; the first that fits."""


@dataclass(slots=True)
class Progress:
    """How far one request has come: decides between NOT_SENT and UNKNOWN."""

    sent: bool = False
    """True once all of it was handed over: from then on the provider may act on it."""


class Connections(httpx.AsyncBaseTransport):
    """Carries requests to one provider; keeps its lines open, its cookies nowhere."""

    def __init__(self, endpoint: Endpoint) -> None:
        """Open nothing yet.

        Raises:
            ConfigError: The private CA or the proxy cannot be used.
        """
        self._session: aiohttp.ClientSession | None = None
        try:
            self._tls = _tls(endpoint)
            self._proxy = _proxy(endpoint)
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"The network settings of {endpoint.title} cannot be used "
                f"({type(error).__name__}); check `proxy` and `ca_bundle` in config.toml."
            ) from error
        self._guarded = not endpoint.on_loopback and self._proxy is None

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; return its answer, body unread. Redirects are not followed.

        Its extensions hold `progress`, and `connect_s`: the seconds to wait for a connection.

        Raises:
            httpx.HTTPError: There is no answer.
        """
        if self._session is None:
            self._session = self._open()
        body, extensions = request.content, request.extensions
        progress: Progress = extensions["progress"]
        with _errors_of_httpx():
            answer = await self._session.request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=request.headers,
                data=_Sending(body, progress) if body else None,
                allow_redirects=False,
                proxy=self._proxy,
                timeout=aiohttp.ClientTimeout(sock_connect=extensions["connect_s"]),
            )
        return httpx.Response(
            answer.status, headers=answer.raw_headers, stream=_Body(answer), request=request
        )

    @override
    async def aclose(self) -> None:
        """Close all connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _open(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ssl=self._tls, socket_factory=self._socket),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
        )

    def _socket(self, address: tuple[Any, ...]) -> socket.socket:
        """Make the socket for an address, unless a name has led to a link-local one."""
        family, kind, protocol, _, place = address
        if self._guarded and address_is_forbidden(str(place[0]).partition("%")[0]):
            raise OSError(errno.EACCES, LINK_LOCAL)
        return socket.socket(family, kind, protocol)


class _Sending(aiohttp.Payload):
    """The body of a request; knows when it was handed over whole, which half a JSON never is."""

    _value: bytes

    def __init__(self, body: bytes, progress: Progress) -> None:
        super().__init__(body)
        self._size = len(body)
        self._progress = progress

    @override
    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return self._value.decode(encoding, errors)

    @override
    async def write(self, writer: AbstractStreamWriter) -> None:
        for start in range(0, len(self._value), _PIECE):
            await writer.write(self._value[start : start + _PIECE])
        self._progress.sent = True


class _Body(httpx.AsyncByteStream):
    """The body of an answer as it arrives, still encoded."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    @override
    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _errors_of_httpx():
            async for piece in self._answer.content.iter_any():
                yield piece

    @override
    async def aclose(self) -> None:
        """Give the connection back if all was read, else close it."""
        self._answer.close()


@contextmanager
def _errors_of_httpx() -> Iterator[None]:
    try:
        yield
    except (aiohttp.ClientError, OSError) as error:
        kind = next(theirs for ours, theirs in _ERRORS if isinstance(error, ours))
        raise kind(str(error)) from error


def _proxy(endpoint: Endpoint) -> str | None:
    """Return the proxy to use: none to this machine.

    Raises:
        ValueError: It is no address of an HTTP proxy.
    """
    written = endpoint.network.proxy
    if not written or endpoint.on_loopback:
        return None
    url = URL(written)
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("a proxy is http or https")
    return written


def _tls(endpoint: Endpoint) -> ssl.SSLContext:
    bundle = endpoint.network.ca_bundle
    if endpoint.base_url.startswith("http://"):
        # Loading certificates takes 20 ms; a context that trusts none is never used here.
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if bundle:
        return ssl.create_default_context(cafile=bundle)
    return httpx.create_ssl_context(trust_env=False)

"""Who may come in: one browser on this machine, by a token that works once.

textual-serve has no login. Anything on the machine, and any page that the browser has open, can send
requests to a port: so each needs the cookie that the token was traded for, and must be addressed to,
and come from, this very server (SECURITY S15).
"""

from __future__ import annotations

import hmac
import secrets

from aiohttp import web
from aiohttp.typedefs import Handler

COOKIE = "gitbridge"
_SAYS = (
    "This is not for you: open the address that `gitbridge web` printed, once, in one browser.\n"
)
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:;"
    " img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)


class Door:
    """Trades the token for a cookie, once, and lets nobody else in."""

    def __init__(self, port: int) -> None:
        """Make a new token.

        Args:
            port: Where the server listens, on loopback.
        """
        self._hosts = frozenset(f"{name}:{port}" for name in ("127.0.0.1", "localhost"))
        self._token = secrets.token_urlsafe(32)
        self._session = secrets.token_urlsafe(32)
        self.address = f"http://127.0.0.1:{port}/?token={self._token}"
        """What the person opens."""

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer a request, or refuse it."""
        if request.host not in self._hosts or not self._is_own(request.headers.get("Origin")):
            return web.Response(status=403, text=_SAYS)
        if self._has_token(request):
            return self._let_in()
        if not hmac.compare_digest(_plain(request.cookies.get(COOKIE)), self._session.encode()):
            return web.Response(status=403, text=_SAYS)
        response = await handler(request)
        if not response.prepared:
            response.headers["Content-Security-Policy"] = _POLICY
            response.headers["Referrer-Policy"] = "no-referrer"
            response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    def _is_own(self, origin: str | None) -> bool:
        """Tell whether a request comes from our own page; browsers send no origin with the first."""
        return origin is None or origin.removeprefix("http://") in self._hosts

    def _has_token(self, request: web.Request) -> bool:
        sent = request.query.get("token")
        return bool(self._token) and hmac.compare_digest(_plain(sent), self._token.encode())

    def _let_in(self) -> web.Response:
        """Void the token, and lead to the address without it: histories keep addresses."""
        self._token = ""
        response = web.Response(status=303, headers={"Location": "/", "Cache-Control": "no-store"})
        response.set_cookie(COOKIE, self._session, httponly=True, samesite="Strict", path="/")
        return response


def _plain(text: str | None) -> bytes:
    return (text or "").encode(errors="replace")

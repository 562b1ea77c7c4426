"""Refuses sockets: everything beyond this machine always, this machine unless a test says so."""

from __future__ import annotations

import ipaddress
import socket
import sys
from typing import Any

import pytest

from hub.addresses import host_is_loopback


class NetworkGuard:
    """Stands between `socket.socket` and the world for a whole test session."""

    def __init__(self) -> None:
        self.loopback = True
        """Whether this machine may be reached; fixtures wider than a test may."""
        self._originals = {
            name: getattr(socket.socket, name)
            for name in ("connect", "connect_ex", "bind", "sendto")
        }
        self._getaddrinfo = socket.getaddrinfo

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Put the guard in place."""
        for name, original in self._originals.items():
            patch.setattr(socket.socket, name, self._guarded(original))
        patch.setattr(socket, "getaddrinfo", self._resolve)

    def _guarded(self, original: Any) -> Any:
        def checked(sock: socket.socket, *args: Any) -> Any:
            # sendto takes its address last, the others first and only.
            address = args[-1] if args else None
            if sock.family in (socket.AF_INET, socket.AF_INET6) and isinstance(address, tuple):
                self._check(str(address[0]))
            return original(sock, *args)

        return checked

    def _resolve(self, host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name and not _is_address(name):
            self._check(name)
        return self._getaddrinfo(host, *args, **kwargs)

    def _check(self, host: str) -> None:
        if host_is_loopback(host):
            # Windows builds asyncio's own socket pair out of two loopback sockets.
            if self.loopback or sys.platform == "win32":
                return
            pytest.fail(f"a test without the `network` mark opened a socket to {host}")
        pytest.fail(f"a test tried to reach {host}; tests stay on this machine")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True

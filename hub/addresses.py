"""Which addresses a key may be sent to, and which are this machine (SECURITY S8)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

_METADATA = ipaddress.ip_network("fd00:ec2::/64")
"""Amazon's second address of machine credentials."""
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""IPv4 behind a translator (RFC 6052)."""


def check_base_url(url: str, *, allow_http: bool = False) -> str:
    """Return a base URL without the slash at its end, if a key may be sent there (SECURITY S8).

    Args:
        url: As configured, or as given to a constructor.
        allow_http: True for one endpoint that the person opted in, on the home network.

    Raises:
        ValueError: With the reason, which does not repeat the address.
    """
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise ValueError("an address is ASCII without spaces or backslashes")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("an address starts with https:// and a host")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError(
            "an address holds no user, password, query or fragment; keys go into `key`"
        )
    if parts.port == 0:
        raise ValueError("port 0 cannot be reached")
    if address_is_forbidden(parts.hostname):
        raise ValueError("link-local addresses serve machine credentials and are never called")
    if parts.scheme == "http" and not (allow_http or host_is_loopback(parts.hostname)):
        raise ValueError(
            "http would show the key to the network; use https, or for a server of your own "
            "network write `allow_http = true` beside base_url in config.toml"
        )
    return url.rstrip("/")


def host_is_loopback(host: str) -> bool:
    """Tell whether a host is this machine: `localhost` or a literal, nothing that is looked up."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def address_is_forbidden(host: str) -> bool:
    """Tell whether a host, as written or as resolved, is a link-local address.

    Numbers that are no plain IPv4 address (decimal, hexadecimal, octal, short) are forbidden too:
    resolvers read them as addresses.
    """
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:
        last = host.lower().rstrip(".").rsplit(".", 1)[-1]
        return last.isdigit() or bool(re.fullmatch(r"0x[0-9a-f]*", last))
    return ip in _METADATA or any(address.is_link_local for address in (ip, *_embedded(ip)))


def _embedded(
    ip: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> Iterator[ipaddress.IPv4Address]:
    """Yield the IPv4 addresses that an IPv6 address stands for."""
    if isinstance(ip, ipaddress.IPv4Address):
        return
    yield from (inner for inner in (ip.ipv4_mapped, ip.sixtofour) if inner is not None)
    if ip in _TRANSLATED or int(ip) < 1 << 32:
        yield ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)

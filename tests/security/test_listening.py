"""The embedded model listens to this machine alone, and is not told who asks (SECURITY S15)."""

from __future__ import annotations

import re
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.fakes.embedded import shared_process

pytestmark = [
    pytest.mark.network,
    pytest.mark.embedded,
    pytest.mark.control("S15"),
    pytest.mark.skipif(find_spec("xllamacpp") is None, reason="the embedded model is missing here"),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc"),
]
_LISTENS, _LOOPBACK = "0A", {"0100007F", "00000000000000000000000001000000"}


def listening(process: int) -> set[str]:
    """Return the addresses, as /proc writes them, at which a process can be reached."""
    folder = Path(f"/proc/{process}")
    links = [str(link.readlink()) for link in (folder / "fd").iterdir()]
    sockets = {found[1] for link in links if (found := re.match(r"socket:\[(\d+)\]", link))}
    rows = [
        row.split()
        for table in ("tcp", "tcp6")
        for row in (folder / "net" / table).read_text().splitlines()[1:]
    ]
    return {row[1].partition(":")[0] for row in rows if row[3] == _LISTENS and row[9] in sockets}


def test_it_can_be_reached_from_this_machine_alone():
    process = shared_process()
    process.start()

    assert listening(process._child.pid) <= _LOOPBACK
    assert listening(process._child.pid)


def test_its_environment_is_empty():
    process = shared_process()
    process.start()

    assert Path(f"/proc/{process._child.pid}/environ").read_bytes() == b""

"""A client that stays open holds no more after many calls than after few."""

from __future__ import annotations

import pytest

from benchmarks.canned import serving
from benchmarks.endurance import endure


@pytest.mark.anyio
@pytest.mark.network
async def test_sockets_and_tasks_do_not_grow_with_calls_and_cancelled_streams():
    with serving() as url:
        before, after = await endure(url, calls=300, cancelled=100)

    assert after.tasks == before.tasks
    assert after.sockets == before.sockets

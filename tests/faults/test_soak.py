"""Seeds that failed once are replayed for a moment; `make soak` goes on for minutes."""

from __future__ import annotations

import sys

import pytest

from tests.faults.soak import SEEDS, soak

pytestmark = [pytest.mark.anyio, pytest.mark.network]
REPLAY_S = 4.0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no kill -9")
@pytest.mark.parametrize("seed", [int(line) for line in SEEDS.read_text().split()])
async def test_a_seed_of_the_soak_violates_nothing(home, seed):
    result = await soak(seed, REPLAY_S, home)

    assert result.violations == []
    assert result.turns > 0
    assert result.faults > 0


@pytest.mark.soak
async def test_five_minutes_violate_nothing(home):
    result = await soak(0, 300.0, home)

    assert result.violations == []
    assert (result.turns >= 2_000, result.faults >= 1_000) == (True, True)

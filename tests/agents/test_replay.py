"""Recorded exchanges, replayed through the clients, against what the official SDK reads.

Where ours differs on purpose, `benchmarks.recorded` says why; everything else has to be equal.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.recorded import rows
from benchmarks.replay import Replay, pieces

RECORDED = Path(__file__).parents[3] / "shared" / "fixtures" / "recorded.jsonl.gz"


def recorded(step):
    if not RECORDED.exists():
        pytest.skip("the recorded exchanges are not on this machine")
    return list(rows(RECORDED))[::step]


@pytest.mark.anyio
@pytest.mark.network
@pytest.mark.parametrize(
    ("modes", "step"),
    [(["whole"], 1), (["cut"], 6), (["bytes"], 40), (["whole", "broken"], 5)],
    ids=lambda value: "-".join(value) if isinstance(value, list) else str(value),
)
async def test_recorded_exchanges_are_read_as_the_official_sdk_reads_them(modes, step):
    report = await Replay(modes).run(recorded(step))

    assert report.different == []
    assert report.outside_tree == []
    assert report.exchanges == report.equal + report.deliberate
    assert report.unequal_costs == []
    assert report.cost_equal == report.cost_checked > 0


@pytest.mark.parametrize("mode", ["whole", "bytes", "cut"])
@pytest.mark.parametrize("size", [0, 1, 39, 9_000])
def test_however_a_body_is_cut_its_bytes_are_all_there(mode, size):
    body = bytes(range(256)) * 36

    cut = pieces(body[:size], mode, "seed")

    assert b"".join(cut) == body[:size]
    assert b"" not in cut


def test_a_broken_body_is_shorter():
    assert len(b"".join(pieces(b"x" * 50, "broken", "seed"))) < 50

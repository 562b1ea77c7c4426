"""The whole path with the real embedded model, as `make demo HEADLESS=1` runs it."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.network,
    pytest.mark.embedded,
    pytest.mark.skipif(find_spec("xllamacpp") is None, reason="the embedded model is missing here"),
]

NAMES = ("proposer", "critic", "synthesist")


async def test_the_demo_discusses_votes_books_and_writes_without_any_key(bare):
    result = await bare("demo", "--headless", patience_s=900)

    assert result.status == 0, result.err
    out = result.out
    assert "The model is a toy" in out
    for name in NAMES:
        assert f"\n{name} -> local/" in out
        assert f"\n{name}, draft:\n  " in out
        assert f"\n{name}, critique to " in out
    assert "Outcome: advisory" in out or "Outcome: no consensus" in out
    written = [Path(line[9:]) for line in out.splitlines() if line.startswith("Written: ")]
    assert [path.suffix for path in written] == [".md", ".json", ".html", ".png"]

    stored = json.loads(written[1].read_text(encoding="utf-8"))
    agents = [m for m in stored["messages"] if m["author"] in NAMES]
    assert len(agents) == 6
    assert all(m["turn"]["route"]["reason"] for m in agents)
    assert all(m["turn"]["cost_usd"] == 0 for m in agents)
    (row,) = (await bare("usage", "--json")).json
    assert (row["key"], row["cost_usd"], row["unknown_cost_calls"]) == ("local", 0, 0)
    assert row["completion_tokens"] > 0

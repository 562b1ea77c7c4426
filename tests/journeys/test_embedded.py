"""The main job with the real embedded model over HTTP on loopback: no key, no cost.

Two agents and one round: the model writes some ten words a second on a slow machine. `demo` itself
runs in `tests/ui/cli/test_demo.py` with quicker providers.
"""

from __future__ import annotations

from importlib.util import find_spec

import pytest

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.network,
    pytest.mark.embedded,
    pytest.mark.skipif(find_spec("xllamacpp") is None, reason="the embedded model is missing here"),
]

NAMES = ("proposer", "critic")


async def test_the_embedded_model_discusses_votes_and_is_booked_without_any_key(bare):
    agents = [word for name in NAMES for word in ("--agent", name)]
    result = await bare(
        "ask", "Tabs?", *agents, "--option", "tabs", "--option", "spaces", "--rounds", "1",
        "--json", patience_s=600,
    )  # fmt: skip

    assert result.status in (0, 5), result.err
    answer = result.json
    spoken = [m for m in answer["messages"] if m["author"] in NAMES]
    assert sorted(m["author"] for m in spoken) == sorted(NAMES)
    assert all(m["body"] and m["turn"]["route"]["reason"] for m in spoken)
    assert all(m["turn"]["model"] == "smollm2-135m-instruct" for m in spoken)
    ballots = answer["decision"]["ballots"]
    assert {b["choice"] for b in ballots} <= {"tabs", "spaces", None}
    assert answer["decision"]["outcome"] in ("advisory", "no consensus")
    assert answer["usage"]["cost_usd"] == 0

    (row,) = (await bare("usage", "--json")).json
    assert (row["key"], row["cost_usd"], row["unknown_cost_calls"]) == ("local", 0, 0)
    assert row["completion_tokens"] == answer["usage"]["completion_tokens"] > 0

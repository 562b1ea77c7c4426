"""The commands that sum up and draw, over a hub with a decision in it."""

from __future__ import annotations

import asyncio
import io
import json
import re

import networkx as nx
import pytest

import ui.wiring
from hub.config import load
from hub.domain.change import MarkDecision
from hub.domain.ids import DecisionId
from hub.domain.mark import Mark
from hub.facade.drawings import KINDS


@pytest.fixture
def decided(cli):
    """Take one decision; return the runner."""
    assert cli("ask", "Tea?", "--option", "tea", "--option", "coffee").status == 0
    return cli


def test_the_dashboard_says_who_drives_what_consensus_costs_and_how_deployments_do(decided):
    board = decided("dashboard", "--json").json

    assert {row["name"] for row in board["agents"]} == {"proposer", "critic", "synthesist"}
    assert (board["consensus"]["closed"], board["consensus"]["contested"]) == (1, 1)
    assert {tuple(row["agents"]): row["share"] for row in board["agreement"]} == {
        ("critic", "proposer"): 0, ("critic", "synthesist"): 0, ("proposer", "synthesist"): 1,
    }  # fmt: skip
    assert board["consensus"]["support_rate"] == pytest.approx(2 / 3)
    assert sum(row["calls"] for row in board["deployments"]) > 5
    assert sum(b["calls"] for b in board["series"]["buckets"]) == sum(
        row["calls"] for row in board["deployments"]
    )
    assert sum(row["cost_usd"] for row in board["deployments"]) == pytest.approx(
        sum(row["cost_usd"] for row in decided("usage", "--json").json)
    )
    assert board["decisions"][0]["winner"] == "tea"
    text = decided("dashboard").out
    assert "collaboration" in text
    assert re.search(r"^critic +\d", text, re.MULTILINE)


def test_a_thread_has_a_dashboard_of_its_own_and_a_span_can_be_named(decided):
    assert decided("dashboard", "last", "--json").json["threads"] == 1
    assert decided("dashboard", "--since", "12h", "--json").status == 0
    assert decided("dashboard", "--since", "1999-13-01").status == 2


def test_an_empty_hub_has_a_dashboard_a_scoreboard_and_metrics(cli):
    assert cli("dashboard", "--json").json["consensus"]["collaboration_score"] is None
    assert cli("dashboard").status == 0
    assert cli("scoreboard", "--json").json == []
    assert "Nothing is marked yet" in cli("scoreboard").err
    assert "gitbridge_threads 0" in cli("metrics").out


def test_metrics_are_written_to_a_file_in_one_step_and_again(decided, tmp_path):
    path = tmp_path / "gitbridge.prom"

    for _ in range(2):
        assert decided("metrics", "-o", str(path)).out == f"{path}\n"
    assert 'gitbridge_decisions{outcome="accepted"} 1' in path.read_text()


FORMATS = [(kind, f) for kind, formats in KINDS.items() for f in formats]


@pytest.mark.parametrize(("kind", "format_"), FORMATS)
def test_every_kind_is_drawn_in_every_format_it_has(decided, tmp_path, kind, format_):
    subject = decided("decision", "list", "--json").json[0]["id"] if kind == "card" else "last"
    path = tmp_path / "drawn"

    result = decided("graph", subject, "--kind", kind, "--format", format_, "-o", str(path))

    assert (result.status, result.err) == (0, "")
    begins = {
        "png": b"\x89PNG", "svg": b"<svg", "html": b"<!doctype html>", "graphml": b"<?xml",
        "json": b"{", "dot": b"digraph", "mermaid": b"",
    }  # fmt: skip
    assert path.read_bytes().startswith(begins[format_])


def test_the_graph_over_all_and_of_a_day_is_read_by_networkx(decided):
    everything = decided("graph", "--all", "--format", "graphml").out
    empty = decided("graph", "--day", "1999-01-01", "--format", "json").json

    assert nx.read_graphml(io.BytesIO(everything.encode())).number_of_nodes() == 4
    assert empty["nodes"] == []


def test_what_cannot_be_drawn_so_is_refused_with_what_can(decided):
    wrong = decided("graph", "--kind", "pie", "--format", "png")

    assert wrong.status == 2
    assert "A pie is mermaid, not png" in wrong.err
    assert decided("graph", "--kind", "card").status == 2
    assert decided("graph", "last", "--all").status == 2
    assert decided("graph", "--kind", "sequence", "--all").status == 2


def test_drawing_leaves_a_line_in_the_visualizers_log(decided, home):
    decided("graph", "--kind", "agreement", "--format", "svg")

    [line] = (home / "logs" / "visualizer.log").read_text().splitlines()
    assert re.search(r"component=visualizer event=agreement of=\w+ format=svg bytes=\d+", line)


def test_the_scoreboard_is_by_what_was_marked(decided):
    decision = decided("decision", "list", "--json").json[0]["id"]
    _mark(decision, right=True)

    rows = {row["name"]: row for row in decided("scoreboard", "--json").json}
    assert {name: row["share"] for name, row in rows.items()} == {
        "proposer": 1.0, "synthesist": 1.0, "critic": 0.0,
    }  # fmt: skip
    assert rows["critic"]["high"] > 0.5
    assert rows["proposer"]["right_per_usd"] > 0
    assert "95 % OF IT" in decided("scoreboard", "--by", "deployment").out


def _mark(decision: str, *, right: bool) -> None:
    """Mark as `decision mark` does."""

    async def work():
        async with ui.wiring.open_hub(load()) as hub:
            await hub._parts.store.commit(
                MarkDecision(DecisionId(decision), Mark(right), hub.now())
            )

    asyncio.run(work())


def test_json_of_the_dashboard_is_ascii_and_whole(decided):
    text = decided("dashboard", "--json").out

    assert text.isascii()
    assert json.loads(text)["strategy"]


def test_the_retry_scoreboard_has_a_row_for_each_provider_that_was_asked(decided):
    [row, *_] = decided("usage", "--retries", "--json").json

    assert list(row) == ["provider", "calls", "repeats", "saved", "given_up", "failed", "stood_in"]
    assert row["calls"] > 0
    assert row["repeats"] == row["failed"] == 0
    assert f"{row['provider']} " in decided("usage", "--retries", "--since", "2026-01-01").out


def test_a_decision_is_exported_as_a_card_by_its_format_or_its_ending(decided, tmp_path):
    decision = decided("decision", "list", "--json").json[0]["id"]
    folder, svg = tmp_path / "cards", tmp_path / "card.svg"
    folder.mkdir()

    assert (
        decided("decision", "export", decision, "--format", "card", "-o", str(folder)).status == 0
    )
    assert decided("decision", "export", decision, "-o", str(svg)).status == 0

    assert (folder / f"decision-{decision}.png").read_bytes().startswith(b"\x89PNG")
    assert b"won" in svg.read_bytes()
    wrong = decided(
        "decision", "export", decision, "--format", "json", "-o", str(tmp_path / "x.png")
    )
    assert wrong.status == 2

"""Dashboards and scoreboards as the JSON that scripts rely on; money in US dollars, times ISO 8601."""

from __future__ import annotations

from collections.abc import Sequence

from hub.domain.insight import (
    Bucket,
    ConsensusFigures,
    Dashboard,
    DecisionPoint,
    DeploymentFigures,
    Standing,
    VoiceFigures,
)
from hub.domain.transcript import Accord
from hub.domain.usage import MICRO
from hub.exports.shapes import Json, money_json, time_json


def dashboard_json(board: Dashboard) -> Json:
    """Return everything at a glance."""
    return {
        "time": time_json(board.at),
        "since": time_json(board.since),
        "strategy": board.strategy,
        "threads": board.threads,
        "consensus": consensus_json(board.consensus),
        "agents": [_voice(voice) for voice in board.voices],
        "agreement": accord_json(board.accord),
        "deployments": [_deployment(row) for row in board.deployments],
        "strategies": dict(board.strategies),
        "series": {"step_s": board.step / MICRO, "buckets": [_bucket(b) for b in board.series]},
        "decisions": [_point(point) for point in board.decisions],
    }


def consensus_json(found: ConsensusFigures) -> Json:
    """Return what decisions came to."""
    return {
        "closed": found.closed,
        "open": found.open,
        "accepted": found.accepted,
        "unanimous": found.unanimous,
        "contested": found.contested,
        "consensus_ratio": found.consensus_ratio,
        "average_confidence": found.average_confidence,
        "support_rate": found.support_rate,
        "collaboration_score": found.collaboration_score,
        "cost_usd": money_json(found.cost),
        "unknown_cost_calls": found.unknown_cost_calls,
        "cost_per_accepted_usd": money_json(found.cost_per_accepted),
    }


def accord_json(accord: Sequence[Accord]) -> list[Json]:
    """Return each pair of agents with how often both chose, and how often alike."""
    return [
        {
            "agents": [pair.a, pair.b],
            "together": pair.together,
            "alike": pair.alike,
            "share": round(pair.share, 4),
        }
        for pair in accord
    ]


def standing_json(row: Standing) -> Json:
    """Return a row of the scoreboard."""
    return {
        "name": row.name,
        "judged": row.judged,
        "right": row.right,
        "share": row.share,
        "low": row.low,
        "high": row.high,
        "cost_usd": money_json(row.cost),
        "unknown_cost": row.unknown_cost,
        "right_per_usd": row.per_dollar,
        "right_per_usd_low": row.per_dollar_low,
        "right_per_usd_high": row.per_dollar_high,
    }


def _voice(voice: VoiceFigures) -> Json:
    return {
        "name": voice.name,
        "provider": voice.provider,
        "messages": voice.messages,
        "drives": voice.drives,
        "ignored": voice.ignored,
        "ballots": voice.ballots,
        "flips": voice.flips,
        "agreement": voice.agreement,
        "tokens": voice.tokens,
        "cost_usd": money_json(voice.cost),
        "unknown_cost_turns": voice.unknown_cost_turns,
    }


def _deployment(row: DeploymentFigures) -> Json:
    return {
        "deployment": row.deployment,
        "calls": row.calls,
        "share": row.share,
        "success": row.success,
        "latency_p50_s": row.latency_p50_s,
        "latency_p95_s": row.latency_p95_s,
        "first_token_p50_s": row.first_token_p50_s,
        "failovers": row.failovers,
        "repeats": row.repeats,
        "saved_by_repeats": row.saved,
        "tokens": row.tokens,
        "cost_usd": money_json(row.cost),
        "unknown_cost_calls": row.unknown_cost_calls,
        "last_error": row.last_error,
    }


def _bucket(bucket: Bucket) -> Json:
    return {
        "time": time_json(bucket.at),
        "deployment": bucket.deployment,
        "calls": bucket.calls,
        "answered": bucket.answered,
        "tokens": bucket.tokens,
        "cost_usd": money_json(bucket.cost),
        "unknown_cost_calls": bucket.unknown_cost_calls,
        "latency_p50_s": bucket.latency_p50_s,
        "latency_p95_s": bucket.latency_p95_s,
    }


def _point(point: DecisionPoint) -> Json:
    return {
        "time": time_json(point.at),
        "id": point.id,
        "question": point.question,
        "outcome": point.outcome,
        "winner": point.winner,
        "votes": point.votes,
        "chose": point.chose,
        "cost_usd": money_json(point.cost),
    }

"""What another policy would have made of the recorded turns, as lines and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from hub.domain.route import Replay
from hub.exports.shapes import Json, money_json
from hub.router.strategies import ADAPTIVE
from ui.format import money

_TOO_LITTLE = "too little data"


def replay_lines(replay: Replay) -> Iterator[str]:
    """Yield how many turns would have moved, the difference in cost, and what is known of quality."""
    if not replay.turns:
        yield f"{replay.strategy}: there is nothing to replay, no recorded turn was answered."
        return
    was, would, unknown = replay.costs
    if replay.strategy == ADAPTIVE:
        yield "Turns that adaptive did not decide are replayed as hybrid: what it knew is not recorded."
    yield f"{replay.strategy}: {len(replay.moved)} of {len(replay.turns)} turns would have moved"
    for (before, after), turns in Counter((t.was, t.now) for t in replay.moved).most_common():
        yield f"  {turns} from {before} to {after}"
    yield f"Cost: {money(was)} as recorded, {money(would)} replayed, {_difference(was, would)}"
    if unknown:
        yield f"  {unknown} turns are of unknown cost on one side and in neither sum"
    quality = replay.quality
    if quality is None:
        yield (
            f"Quality: {_TOO_LITTLE}; {replay.marks} of these turns are marked, and about 30 marks "
            "of turns that would have gone the same way are needed"
        )
    else:
        yield (
            f"Quality: {quality.recorded:.3f} as recorded, {quality.replayed:.3f} replayed "
            f"({quality.low:.3f} to {quality.high:.3f}), from {quality.marks} marks"
        )
    if replay.left_out:
        yield f"{replay.left_out} recorded calls had no answer, and are left out"


def _difference(was: int, would: int) -> str:
    sign = "-" if would < was else "+"
    share = f" ({sign}{abs(would - was) / was:.0%})" if was else ""
    return f"{sign}{money(abs(would - was))}{share}"


def replay_json(replay: Replay) -> Json:
    """Return the object of `route replay --json`; `quality` is a text where too little is known."""
    was, would, unknown = replay.costs
    quality = replay.quality
    return {
        "strategy": replay.strategy,
        "turns": len(replay.turns),
        "moved": [
            {
                "turn": t.turn_id,
                "from": t.was,
                "to": t.now,
                "cost_usd": money_json(t.cost),
                "would_have_cost_usd": money_json(t.would_cost),
            }
            for t in replay.moved
        ],
        "cost_usd": money_json(was),
        "replayed_cost_usd": money_json(would),
        "difference_usd": money_json(would - was),
        "unknown_cost_turns": unknown,
        "left_out": replay.left_out,
        "marks": replay.marks,
        "quality": _TOO_LITTLE
        if quality is None
        else {
            "recorded": quality.recorded,
            "replayed": quality.replayed,
            "interval": [quality.low, quality.high],
            "marks": quality.marks,
        },
    }

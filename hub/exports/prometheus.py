"""Figures in Prometheus' text format, for its scraper or a node exporter's text files.

Source: Prometheus documentation, "Exposition formats", text-based format 0.0.4.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from hub.domain.insight import ConsensusFigures
from hub.domain.interaction import LATENCY_BOUNDS, CallSums, Histogram
from hub.domain.text import one_line
from hub.domain.usage import MICRO, Budget, UsageRow

Labels = Mapping[str, str]


class Exposition:
    """Collects families of samples and writes them."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def family(
        self, name: str, kind: str, text: str, samples: Iterable[tuple[Labels, float]]
    ) -> None:
        """Add a family with one sample for each set of labels.

        Args:
            name: After `gitbridge_`; counters end in `_total`.
            kind: `counter` or `gauge`.
            text: What it says, one line.
            samples: Labels and value.
        """
        self._head(name, kind, text)
        self._lines += [_sample(f"gitbridge_{name}", labels, value) for labels, value in samples]

    def histogram(self, name: str, text: str, found: Sequence[Histogram]) -> None:
        """Add a histogram for each deployment."""
        self._head(name, "histogram", text)
        for one in found:
            labels = _deployment(one.deployment)
            for bound, below in zip(LATENCY_BOUNDS, one.below, strict=True):
                bucket = {**labels, "le": f"{bound:g}"}
                self._lines.append(_sample(f"gitbridge_{name}_bucket", bucket, below))
            every = {**labels, "le": "+Inf"}
            self._lines.append(_sample(f"gitbridge_{name}_bucket", every, one.count))
            self._lines.append(_sample(f"gitbridge_{name}_sum", labels, one.total_s))
            self._lines.append(_sample(f"gitbridge_{name}_count", labels, one.count))

    def text(self) -> str:
        """Return everything, one sample a line."""
        return "\n".join([*self._lines, ""])

    def _head(self, name: str, kind: str, text: str) -> None:
        self._lines.append(f"# HELP gitbridge_{name} {text}")
        self._lines.append(f"# TYPE gitbridge_{name} {kind}")


def to_prometheus(
    *,
    calls: CallSums,
    providers: Sequence[UsageRow],
    models: Sequence[UsageRow],
    budgets: Iterable[Budget],
    consensus: ConsensusFigures,
    threads: int,
    messages: int,
    open_turns: int,
) -> str:
    """Return the hub's figures.

    Counters of calls lose what was deleted with its thread, which a scraper takes for a restart;
    tokens and costs come from the ledger, which loses nothing.

    Args:
        calls: All that ended, summed up.
        providers: The ledger by provider.
        models: The ledger by model.
        budgets: With what counts against them; those without a cap have none.
        consensus: Of all decisions.
        threads: How many there are.
        messages: How many are in them.
        open_turns: Turns that have not ended.
    """
    out = Exposition()
    _calls(out, calls)
    _money(out, "provider", providers)
    _money(out, "model", models)
    _budgets(out, list(budgets))
    outcomes = {
        "accepted": consensus.accepted,
        "no_consensus": consensus.closed - consensus.accepted,
        "open": consensus.open,
    }
    out.family(
        "decisions", "gauge", "Decisions by outcome.",
        [({"outcome": name}, count) for name, count in outcomes.items()],
    )  # fmt: skip
    ratio = consensus.consensus_ratio
    out.family("consensus_ratio", "gauge", "Accepted of the closed decisions.", _known(ratio))
    score = consensus.collaboration_score
    out.family("collaboration_score", "gauge", "Agreement of the agents, 0 to 100.", _known(score))
    out.family("threads", "gauge", "Threads in the journal.", [({}, threads)])
    out.family("messages", "gauge", "Messages in the journal.", [({}, messages)])
    out.family("turns_open", "gauge", "Turns that have not ended.", [({}, open_turns)])
    return out.text()


def _calls(out: Exposition, calls: CallSums) -> None:
    out.family(
        "calls_total", "counter", "Calls that ended, by how.",
        [
            ({**_deployment(one.deployment), "state": one.state.value}, one.calls)
            for one in calls.counts
        ],
    )  # fmt: skip
    repeats: Counter[str] = Counter()
    for one in calls.counts:
        repeats[one.deployment] += one.repeats
    out.family(
        "repeats_total", "counter", "Requests beyond the first of each call.",
        [(_deployment(name), count) for name, count in repeats.items()],
    )  # fmt: skip
    latency = "From sending to the end of the answer."
    out.histogram("call_latency_seconds", latency, calls.latency)
    out.histogram(
        "first_token_seconds", "From sending to the first visible token.", calls.first_token
    )


def _money(out: Exposition, by: str, rows: Sequence[UsageRow]) -> None:
    prefix = "" if by == "provider" else "model_"
    kinds = ("prompt", "completion", "cached", "reasoning")
    out.family(
        f"{prefix}tokens_total", "counter", f"Tokens as booked, by {by} and kind.",
        [
            ({by: row.key, "kind": kind}, getattr(row, f"{kind}_tokens"))
            for row in rows
            for kind in kinds
        ],
    )  # fmt: skip
    out.family(
        f"{prefix}cost_usd_total", "counter", f"Known cost in US dollars, by {by}.",
        [({by: row.key}, row.cost / MICRO) for row in rows],
    )  # fmt: skip
    out.family(
        f"{prefix}unknown_cost_calls_total", "counter", f"Calls of unknown cost, by {by}.",
        [({by: row.key}, row.unknown_cost_calls) for row in rows],
    )  # fmt: skip


def _budgets(out: Exposition, budgets: Sequence[Budget]) -> None:
    of = [({"budget": budget.id}, budget) for budget in budgets]
    caps = [(labels, budget.cap) for labels, budget in of]
    capped = [(labels, cap / MICRO) for labels, cap in caps if cap is not None]
    out.family("budget_cap_usd", "gauge", "Caps in US dollars, by budget.", capped)
    for name, text in (("spent", "Booked"), ("reserved", "Reserved")):
        samples = [(labels, getattr(budget, name) / MICRO) for labels, budget in of]
        out.family(f"budget_{name}_usd", "gauge", f"{text} in US dollars, by budget.", samples)


def _known(value: float | None) -> list[tuple[Labels, float]]:
    """Return a sample of what is known, and none of what is not: unknown is not zero."""
    return [] if value is None else [({}, value)]


def _deployment(name: str) -> dict[str, str]:
    provider, _, model = name.partition("/")
    return {"provider": provider, "model": model}


def _sample(name: str, labels: Labels, value: float) -> str:
    inner = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
    return f"{name}{{{inner}}} {value:.15g}" if inner else f"{name} {value:.15g}"


def _escaped(text: str) -> str:
    return one_line(text, 200).replace("\\", "\\\\").replace('"', '\\"')

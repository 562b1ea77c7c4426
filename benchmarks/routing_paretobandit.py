"""ParetoBandit from its own package, run in an environment of its own on our vectors.

It gets the better of every reading of "warm": stored marks told by `update`, the same turned into a
file of priors as its own `generate_warmup_priors` does, or a stream of them that it routes itself;
each with a cost penalty of 0 and of .3. Source: arXiv 2604.00136, `paretobandit` 0.1.1.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.environments import python_of
from benchmarks.routing_data import Recorded

_SCRIPT = Path(__file__).parent / "peers" / "with_paretobandit.py"
_DOLLAR = 1e6


class Deal(NamedTuple):
    """Rows that are known before, and rows that are streamed."""

    known: list[int]
    order: list[int]


def run_paretobandit(
    recorded: Recorded, deals: Sequence[Deal], budgets: Sequence[float]
) -> list[float]:
    """Return the mean quality at each budget (dollars a prompt) of the best of its variants."""
    constant_last = np.hstack((recorded.vectors[:, 1:], recorded.vectors[:, :1]))
    with tempfile.TemporaryDirectory() as folder:
        job = Path(folder) / "job.npz"
        np.savez(
            job,
            vectors=constant_last,
            scores=recorded.scores,
            costs=recorded.costs / _DOLLAR,
            models=np.array(recorded.models),
            budgets=np.array(budgets),
            known=np.array([deal.known for deal in deals]),
            order=np.array([deal.order for deal in deals]),
        )
        ran = subprocess.run(
            [python_of("paretobandit"), "-P", "-W", "ignore", _SCRIPT, job],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    variants: dict[str, list[float]] = json.loads(ran.stdout)
    return [max(values) for values in zip(*variants.values(), strict=True)]

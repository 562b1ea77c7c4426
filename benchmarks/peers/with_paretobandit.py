"""Runs ParetoBandit over recorded streams; started by path in the environment that has it.

Prints one JSON object: mean quality by budget for each of its variants.
"""

from __future__ import annotations

import copy
import json
import logging
import sys
import tempfile
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from pareto_bandit.budget_pacer import BudgetPacer
from pareto_bandit.feature_service import FeatureService
from pareto_bandit.router import BanditRouter

_PLASTICITY = 0.1
_TOKENS = 1_000.0
_KNOWN_PRICES = {
    "gpt-4o-mini-2024-07-18": (0.15, 0.6),
    "gpt-4o-2024-08-06": (2.5, 10.0),
    "grok-2-1212": (2.0, 10.0),
    "meta-llama/llama-3.1-8b-instruct": (0.1, 0.1),
    "mistralai/mistral-large-2512": (0.5, 1.5),
    "google/gemini-2.5-pro": (1.25, 10.0),
}
"""Dollars per million tokens, in and out: list prices, those of its own registry where it has them."""


def registry(job: Any) -> dict[str, dict[str, float]]:
    """Return its registry of models; one without a known price is priced by its mean cost."""
    found = {}
    for model, cost in zip(job["models"].tolist(), job["costs"].mean(0).tolist(), strict=True):
        usual = cost / _TOKENS * 1e6
        price = _KNOWN_PRICES.get(model, (usual, usual))
        found[model] = {"input_cost_per_m": price[0], "output_cost_per_m": price[1]}
    return found


def router(job: Any, seed: int, priors: str) -> BanditRouter:
    """Return a router on precomputed vectors."""
    return BanditRouter.create(
        model_registry=registry(job),
        feature_service=FeatureService.for_precomputed(job["vectors"].shape[1]),
        priors=priors,
        bandit_seed=seed,
    )


def prior_file(job: Any, known: Any, folder: str) -> str:
    """Write the priors that `generate_warmup_priors` would make of the stored marks."""
    vectors, scores = job["vectors"][known], job["scores"][known]
    models = job["models"].tolist()
    gram = np.eye(vectors.shape[1]) + vectors.T @ vectors
    path = Path(folder) / "priors.joblib"
    joblib.dump(
        {
            "A": dict.fromkeys(models, _PLASTICITY * gram),
            "b": {m: _PLASTICITY * vectors.T @ scores[:, k] for k, m in enumerate(models)},
            "models": models,
            "n_prompts": len(known),
            "context_dim": vectors.shape[1],
            "pca_components": vectors.shape[1] - 1,
            "pca_whitened": False,
        },
        path,
    )
    return str(path)


def answer(job: Any, bandit: BanditRouter, row: int) -> float:
    """Let it route one prompt, tell it what that cost and scored, and return the score."""
    model, log = bandit.route(job["vectors"][row])
    place = job["models"].tolist().index(model)
    log.cost_usd = float(job["costs"][row, place])
    score = float(job["scores"][row, place])
    bandit.process_feedback(log.request_id, score)
    return score


def told(job: Any, seed: int, warm: str) -> BanditRouter:
    """Return a router that has the stored marks, as far as it can be told them beforehand."""
    known = job["known"][seed]
    if warm == "priors":
        with tempfile.TemporaryDirectory() as folder:
            return router(job, seed, prior_file(job, known, folder))
    bandit = router(job, seed, "none")
    if warm == "told":
        for row in known:
            for place, model in enumerate(job["models"].tolist()):
                score = float(job["scores"][row, place])
                bandit.update(model, job["vectors"][row], score, advance_time=place == 0)
    return bandit


def stream(
    job: Any, seed: int, start: BanditRouter, budget: float, penalty: float, *, first: bool
) -> float:
    """Return the mean score of one stream, with a budget pacer of its own.

    Args:
        job: The set and its streams.
        seed: Which stream.
        start: What it knows.
        budget: Dollars a prompt.
        penalty: Its cost penalty.
        first: True: the known prompts are streamed before, routed and paced by itself.
    """
    bandit = copy.deepcopy(start)
    bandit.cost_penalty = penalty
    bandit.budget_pacer = BudgetPacer(budget)
    for row in job["known"][seed] if first else ():
        answer(job, bandit, row)
    return float(np.mean([answer(job, bandit, row) for row in job["order"][seed]]))


def main() -> int:
    """Run every variant over every stream and budget."""
    logging.disable(logging.CRITICAL)
    job = dict(np.load(sys.argv[1]))
    seeds, budgets = range(len(job["order"])), job["budgets"].tolist()
    found = {}
    for warm in ("told", "priors", "streamed"):
        starts = [told(job, seed, warm) for seed in seeds]
        first = warm == "streamed"
        for penalty in (0.0, 0.3):
            found[f"{warm}, penalty {penalty}"] = [
                float(
                    np.mean(
                        [stream(job, s, starts[s], budget, penalty, first=first) for s in seeds]
                    )
                )
                for budget in budgets
            ]
            print(f"  paretobandit, {warm}, penalty {penalty}", file=sys.stderr)
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())

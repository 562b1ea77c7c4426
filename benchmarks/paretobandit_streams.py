"""Runs ParetoBandit over recorded streams; started by path in the environment that has it.

Prints one JSON object: mean quality by budget for each of its variants.
"""

from __future__ import annotations

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


def router(job: Any, budget: float, penalty: float, seed: int, priors: str) -> BanditRouter:
    """Return a router on precomputed vectors with its budget pacer."""
    return BanditRouter.create(
        model_registry=registry(job),
        feature_service=FeatureService.for_precomputed(job["vectors"].shape[1]),
        priors=priors,
        cost_penalty=penalty,
        budget_pacer=BudgetPacer(budget),
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


def stream(job: Any, seed: int, budget: float, penalty: float, warm: str) -> float:
    """Return the mean score of one stream."""
    known, order = job["known"][seed], job["order"][seed]
    with tempfile.TemporaryDirectory() as folder:
        priors = prior_file(job, known, folder) if warm == "priors" else "none"
        bandit = router(job, budget, penalty, seed, priors)
    if warm == "told":
        for row in known:
            for place, model in enumerate(job["models"].tolist()):
                score = float(job["scores"][row, place])
                bandit.update(model, job["vectors"][row], score, advance_time=place == 0)
    elif warm == "streamed":
        for row in known:
            answer(job, bandit, row)
    return float(np.mean([answer(job, bandit, row) for row in order]))


def main() -> int:
    """Run every variant over every stream and budget."""
    logging.disable(logging.CRITICAL)
    job = dict(np.load(sys.argv[1]))
    found = {}
    for warm in ("told", "priors", "streamed"):
        for penalty in (0.0, 0.3):
            found[f"{warm}, penalty {penalty}"] = [
                float(
                    np.mean(
                        [stream(job, s, budget, penalty, warm) for s in range(len(job["order"]))]
                    )
                )
                for budget in job["budgets"].tolist()
            ]
            print(f"  paretobandit, {warm}, penalty {penalty}", file=sys.stderr)
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Recorded answers of real models, read from a folder of the documented format (shared/data/README.md)."""

from __future__ import annotations

import csv
import gzip
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hub.router.features import Floats, features

_DOLLAR = 1e6
_MINI, _OMNI, _GROK = "gpt-4o-mini-2024-07-18", "gpt-4o-2024-08-06", "grok-2-1212"
_JUDGED = (
    "meta-llama/llama-3.1-8b-instruct",
    "mistralai/mistral-large-2512",
    "google/gemini-2.5-pro",
)
_PAIR = ("mistralai/Mixtral-8x7B-Instruct-v0.1", "gpt-4-1106-preview")
_FEW_MODELS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Recorded:
    """One set: prompts by models, everything that was answered and graded."""

    name: str
    models: tuple[str, ...]
    vectors: Floats
    """(n, d): `hub.router.features.features` of each prompt."""
    scores: Floats
    """(n, k), 0..1."""
    costs: Floats
    """(n, k), micro-dollars."""
    tasks: tuple[str, ...]
    """What kind of task each prompt really is."""
    stream: NDArray[np.bool_] | None = None
    """True for the prompts that are streamed, False for those to learn from; None: not dealt."""
    seconds: Floats | None = None
    """(n, k): measured time; None: not measured."""

    def __len__(self) -> int:
        return len(self.scores)

    @property
    def best(self) -> int:
        """Place of the best single model."""
        return int(self.scores.mean(0).argmax())

    @property
    def cheapest(self) -> int:
        """Place of the cheapest model."""
        return int(self.costs.mean(0).argmin())


def load(folder: Path) -> dict[str, Recorded]:
    """Return the sets of a folder by name; those whose files are missing are left out.

    Args:
        folder: With the files, or with a folder `routing` that has them.

    Raises:
        FileNotFoundError: None of the files is there.
    """
    folder = folder / "routing" if (folder / "routing").is_dir() else folder
    readers = (_zeroeval, _judged, _routellm, _recent)
    found = [one for reader in readers for one in reader(folder)]
    if not found:
        raise FileNotFoundError(f"{folder} has none of the recorded sets.")
    return {one.name: one for one in found}


def _zeroeval(folder: Path) -> Iterator[Recorded]:
    rows = list(_json_lines(folder / "zeroeval_openai_xai.jsonl.gz"))
    for name, models in (
        ("zeroeval", (_MINI, _OMNI, _GROK)),
        ("zeroeval_mini_grok", (_MINI, _GROK)),
    ):
        whole = [row for row in rows if all(model in row["arms"] for model in models)]
        if not whole:
            continue
        arms = [[row["arms"][model] for model in models] for row in whole]
        yield Recorded(
            name,
            models,
            _seen([row["prompt"] for row in whole]),
            np.array([[float(arm["score"]) for arm in each] for each in arms]),
            np.array([[float(arm["usd"]) for arm in each] for each in arms]) * _DOLLAR,
            tuple(row["dataset"] for row in whole),
        )


def _judged(folder: Path) -> Iterator[Recorded]:
    prompts = _prompts(folder / "paretobandit_prompts.jsonl.gz")
    answers = _answers(folder / "paretobandit_outcomes.csv.gz")
    ids = [i for i in prompts if all(model in answers.get(i, {}) for model in _JUDGED)]
    if ids:
        dealt = np.array([prompts[i]["split"] == "test" for i in ids])
        tasks = [prompts[i]["dataset"] for i in ids]
        yield _table("paretobandit", _JUDGED, ids, prompts, answers, tasks, dealt)


def _routellm(folder: Path) -> Iterator[Recorded]:
    prompts = _prompts(folder / "routellm_prompts.jsonl.gz")
    answers = _answers(folder / "routellm_outcomes.csv.gz")
    for dataset in ("mmlu", "gsm8k"):
        ids = [
            i
            for i, row in prompts.items()
            if row["dataset"] == dataset and all(m in answers.get(i, {}) for m in _PAIR)
        ]
        if ids:
            tasks = [prompts[i]["category"] for i in ids]
            yield _table(f"routellm_{dataset}", _PAIR, ids, prompts, answers, tasks, None)


def _recent(folder: Path) -> Iterator[Recorded]:
    """Yield the set of 2026: the four models that answered most, the prompts that all four answered."""
    answers = _answers(folder / "zoonk_2026_outcomes.csv.gz", ("task", "prompt_id"))
    counts: dict[str, int] = defaultdict(int)
    for row in answers.values():
        for model in row:
            counts[model] += 1
    models = tuple(sorted(counts, key=lambda m: (-counts[m], m))[:_FEW_MODELS])
    priced = {
        key: row
        for key, row in answers.items()
        if all(row.get(model, {}).get("cost_usd") for model in models)
    }
    if priced:
        yield Recorded(
            "zoonk_2026",
            models,
            _seen([""] * len(priced)),
            _column(priced, models, "score"),
            _column(priced, models, "cost_usd") * _DOLLAR,
            tuple(key.partition("\0")[0] for key in priced),
            seconds=_column(priced, models, "latency_s"),
        )


def _table(
    name: str,
    models: tuple[str, ...],
    ids: Sequence[str],
    prompts: Mapping[str, Mapping[str, str]],
    answers: Mapping[str, Mapping[str, Mapping[str, str]]],
    tasks: Sequence[str],
    stream: NDArray[np.bool_] | None,
) -> Recorded:
    rows = {i: answers[i] for i in ids}
    return Recorded(
        name,
        models,
        _seen([prompts[i]["prompt"] for i in ids]),
        _column(rows, models, "score"),
        _column(rows, models, "cost_usd") * _DOLLAR,
        tuple(tasks),
        stream,
    )


def _seen(prompts: Sequence[str]) -> Floats:
    return np.array([features(prompt) for prompt in prompts])


def _column(
    rows: Mapping[str, Mapping[str, Mapping[str, str]]], models: Sequence[str], name: str
) -> Floats:
    return np.array([[float(row[model][name]) for model in models] for row in rows.values()])


def _prompts(path: Path) -> dict[str, dict[str, str]]:
    return {row["prompt_id"]: row for row in _json_lines(path)}


def _answers(
    path: Path, key: Sequence[str] = ("prompt_id",)
) -> dict[str, dict[str, dict[str, str]]]:
    found: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
    if path.is_file():
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                found["\0".join(row[name] for name in key)][row["model"]] = row
    return dict(found)


def _json_lines(path: Path) -> Iterator[dict[str, Any]]:
    if path.is_file():
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)

"""Recorded answers and the committees drawn from them.

Any folder with `SET_answers.csv.gz` (`question_id[,category,n_options],answer,<model>...`: an empty
cell is an answer in which none was found, `-` was not run) and, if there is one, the same shape in
`SET_output_chars.csv.gz`.
"""

from __future__ import annotations

import csv
import gzip
import random
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_ANSWERS, _CHARS = "_answers.csv.gz", "_output_chars.csv.gz"
_FIELDS = ("question_id", "category", "n_options", "answer")
_NOT_RUN = "-"
_SIZE = 5
"""Members of a committee that is drawn or picked."""

COMMITTEES: Mapping[str, Mapping[str, str]] = {
    "mmlu_pro": {
        "5 strong": "gemini-1.5-flash-002 Meta-Llama-3_1-70B-Instruct jamba-1.5-large "
        "Qwen1.5-72B-Chat gemini-1.5-pro-002",
        "best + 4 weak": "gemini-1.5-pro-002 Llama-2-7b-hf Llama-2-13b-hf Yi-6B "
        "Mistral-7B-Instruct-v0.1",
        "5 cheap": "gemini-1.5-flash-002 Meta-Llama-3_1-8B-Instruct Phi-3-mini-4k-instruct "
        "mathstral-7B Mixtral-8x7B-Instruct-v0.1",
    },
    "crux": {
        "5 vendors": "gpt-4o-2024-08-06 grok-2-1212 claude-3-5-sonnet-20241022 "
        "gemini-1.5-pro-exp-0827 Mistral-Large-2",
        "OpenAI+xAI": "gpt-4o-2024-08-06 gpt-4o-mini-2024-07-18 grok-2-1212 "
        "gpt-4-turbo-2024-04-09 gpt-3.5-turbo-0125",
        "o1, o1-mini, 4o, grok-2, 4o-mini": "o1-preview-2024-09-12 o1-mini-2024-09-12 "
        "gpt-4o-2024-08-06 grok-2-1212 gpt-4o-mini-2024-07-18",
        "early stop": "gpt-4o-mini-2024-07-18 grok-2-1212 gpt-4o-2024-08-06 "
        "gpt-4-turbo-2024-04-09 o1-mini-2024-09-12",
    },
    "gsm8k": {
        "5 vendors": "gpt-4o-2024-08-06 Llama-3.1-405B-Inst@sambanova "
        "claude-3-5-sonnet-20241022 gemini-1.5-pro-exp-0801 Mistral-Large-2",
        "early stop": "gpt-4o-mini-2024-07-18 claude-3-haiku-20240307 gpt-4o-2024-08-06 "
        "Mistral-Large-2 claude-3-5-sonnet-20241022",
    },
}
"""By set and name, members in the order in which they are asked (CONSENSUS: proof)."""

_VENDORS = {
    "openai": "gpt|chatgpt|o1|o3|o4|davinci",
    "xai": "grok",
    "anthropic": "claude",
    "google": "gemini|gemma|palm",
    "meta": "llama|meta",
    "mistral": "mistral|mixtral|mathstral|codestral|ministral",
    "alibaba": "qwen|qwq",
    "microsoft": "phi|wizardlm",
    "01": "yi",
    "deepseek": "deepseek",
    "cohere": "c4ai|command",
    "ai21": "jamba|jurassic",
    "reka": "reka",
    "nexusflow": "athene|starling",
    "moonshot": "kimi",
    "zhipu": "glm|chatglm",
}


@dataclass(frozen=True, slots=True)
class Question:
    """One question with its gold answer and what each model said."""

    id: str
    category: str
    options: int | None
    """None: an open question."""
    gold: str
    answers: Mapping[str, str | None]
    """By model; an empty answer is an abstention, None was not run."""
    chars: Mapping[str, int]
    """Characters written, by model."""


@dataclass(frozen=True, slots=True)
class Committee:
    """Some models of one set, in the order in which they are asked."""

    name: str
    members: tuple[str, ...]
    drawn: bool = False


def vendor(model: str) -> str:
    """Return who made a model, from its name; an unknown name is a vendor of its own."""
    for name, starts in _VENDORS.items():
        if re.match(rf"({starts})", model.casefold()):
            return name
    return re.split(r"[-_.\d]", model.casefold())[0] or model


def read(folder: Path) -> dict[str, list[Question]]:
    """Return the questions of each set in a folder.

    Raises:
        FileNotFoundError: There is none.
    """
    found = {}
    for path in sorted(folder.glob(f"*{_ANSWERS}")):
        name = path.name.removesuffix(_ANSWERS)
        chars_path = path.with_name(name + _CHARS)
        chars = _rows(chars_path) if chars_path.exists() else []
        written = {row["question_id"]: row for row in chars}
        found[name] = [_question(row, written.get(row["question_id"], {})) for row in _rows(path)]
    if not found:
        raise FileNotFoundError(f"no *{_ANSWERS} in {folder}: name the folder with --data")
    return found


def _rows(path: Path) -> list[dict[str, str]]:
    csv.field_size_limit(sys.maxsize)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _question(row: dict[str, str], written: Mapping[str, str]) -> Question:
    models = [name for name in row if name not in _FIELDS]
    return Question(
        id=row["question_id"],
        category=row.get("category") or "",
        options=int(row["n_options"]) if row.get("n_options") else None,
        gold=row["answer"],
        answers={m: None if row[m] in (None, _NOT_RUN) else row[m] for m in models},
        chars={m: int(float(written[m])) for m in models if _is_number(written.get(m))},
    )


def _is_number(text: str | None) -> bool:
    return bool(text) and re.fullmatch(r"\d+(\.\d+)?", text or "") is not None


def committees(name: str, questions: Sequence[Question], drawn: int) -> list[Committee]:
    """Return the document's committees of a set, else its five best of different vendors; then
    some drawn by seed.
    """  # noqa: D205  one sentence
    models = list(questions[0].answers)
    known = {title: tuple(text.split()) for title, text in COMMITTEES.get(name, {}).items()}
    found = [Committee(t, members) for t, members in known.items() if set(members) <= set(models)]
    if not found:
        found = [Committee("5 best of different vendors", _best(questions, models))]
    for number in range(1, drawn + 1):
        draw = random.Random(f"{name} {number}")  # noqa: S311  a draw to repeat, not a secret
        members = draw.sample(sorted(models), min(_SIZE, len(models)))
        found.append(Committee(f"drawn {number}", tuple(members), drawn=True))
    return found


def _best(questions: Iterable[Question], models: Iterable[str]) -> tuple[str, ...]:
    """Return the best model of each of the five best vendors, the best one last."""
    right = dict.fromkeys(models, 0)
    for question in questions:
        for model, answer in question.answers.items():
            right[model] += answer == question.gold
    best: dict[str, str] = {}
    for model in sorted(right, key=lambda m: (-right[m], m)):
        best.setdefault(vendor(model), model)
    return tuple(reversed(list(best.values())[:_SIZE]))

"""What published measurements say about models before the person has marked anything.

Means of one measurement compare with one another, not with those of another: a prior is given only
where one measurement covers all the candidates. Each table is a mean over graded answers of the
models themselves; none is an opinion, and none is a vendor's own figure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

_GENERAL_2026: Mapping[str, float] = {
    "gpt-5.6-luna": 0.994,
    "gemini-3.1-flash-lite": 0.993,
    "deepseek-v4-flash": 0.991,
    "gpt-5.4-mini": 0.989,
    "claude-haiku-4.5": 0.980,
}
"""Source: zoonk/zoonk (MIT), recorded evaluations of 2026, the 474 prompts that all five answered."""
_REASONING_2024: Mapping[str, float] = {
    "o1-mini": 0.915,
    "o1-preview": 0.899,
    "gpt-4o": 0.718,
    "chatgpt-4o-latest": 0.692,
    "grok-2": 0.677,
    "gpt-4o-mini": 0.632,
    "gpt-4-turbo": 0.607,
    "gpt-3.5-turbo": 0.343,
}
"""Source: WildEval/ZeroEval (Apache-2.0), CRUX and MATH level 5, 756 prompts; gpt-4o is 2024-08-06."""
_JUDGED_2025: Mapping[str, float] = {
    "gemini-2.5-pro": 0.931,
    "gemini-2.5-flash": 0.926,
    "mistral-large-2512": 0.921,
    "llama-3.1-8b-instruct": 0.789,
}
"""Source: ParetoBandit (Apache-2.0, arXiv 2604.00136), 1,796 prompts graded by one judge model."""
_KNOWLEDGE_2024: Mapping[str, float] = {
    "gemini-1.5-pro": 0.709,
    "gemini-1.5-flash": 0.651,
    "meta-llama-3.1-70b-instruct": 0.637,
    "llama-3.1-70b-instruct": 0.637,
    "jamba-1.5-large": 0.499,
    "qwen1.5-72b-chat": 0.480,
    "meta-llama-3.1-8b-instruct": 0.450,
    "llama-3.1-8b-instruct": 0.450,
    "phi-3-mini-4k-instruct": 0.429,
    "mathstral-7b": 0.426,
    "mixtral-8x7b-instruct-v0.1": 0.423,
    "mistral-7b-instruct-v0.2": 0.298,
}
"""Source: TIGER-AI-Lab/MMLU-Pro (Apache-2.0), recorded answers to 5,987 questions."""
_TABLES = (_GENERAL_2026, _REASONING_2024, _JUDGED_2025, _KNOWLEDGE_2024)
_DATED = re.compile(r"-(\d{4}-\d{2}-\d{2}|\d{4}|00[12])$")


def priors_of(deployments: Sequence[str]) -> Mapping[str, float] | None:
    """Return the expected quality of each deployment, or None where no measurement covers all.

    Args:
        deployments: `provider/model`; a date at the end of the model is looked past.
    """
    return _priors_of(tuple(deployments))


@lru_cache(maxsize=256)
def _priors_of(deployments: tuple[str, ...]) -> Mapping[str, float] | None:
    for table in _TABLES:
        found = {name: table.get(known) for name in deployments for known in [_known(name, table)]}
        if deployments and None not in found.values():
            return {name: value for name, value in found.items() if value is not None}
    return None


def _known(deployment: str, table: Mapping[str, float]) -> str:
    model = deployment.rpartition("/")[2].lower()
    return model if model in table else _DATED.sub("", model)

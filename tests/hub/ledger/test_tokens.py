import gzip
import json
from pathlib import Path
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.ledger.tokens import estimate_tokens

RECORDED = Path(__file__).parents[4] / "shared" / "fixtures" / "recorded.jsonl.gz"


def answers() -> list[tuple[str, int]]:
    """Recorded answers of plain text with the provider's own count of their tokens."""
    found = []
    with gzip.open(RECORDED, "rt", encoding="utf-8") as lines:
        for line in lines:
            official = json.loads(line)["official_sdk"] or {}
            usage, text = official.get("usage") or {}, official.get("text")
            output, hidden = usage.get("output") or 0, usage.get("reasoning") or 0
            if text and output >= 20 and not hidden and not official.get("tools"):
                found.append((text, output))
    return found


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded traffic is not on this machine")
def test_estimates_of_recorded_answers_are_near_and_rather_above():
    ratios = sorted(estimate_tokens(text) / tokens for text, tokens in answers())

    assert len(ratios) > 300
    assert 1.0 <= median(ratios) <= 1.15
    assert ratios[len(ratios) // 10] >= 0.85
    assert ratios[-len(ratios) // 20] <= 1.35


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("", 0, 0),
        ("Hello, world!", 4, 6),
        ("The quick brown fox jumps over the lazy dog.", 9, 13),
        ("1234567890", 4, 6),
        ("[1, 2, 3, 4, 5]", 10, 24),
        ("def add(a, b):\n    return a + b\n", 11, 20),
        ("私は猫が好きです。", 7, 14),
        ("Спасибо за помощь", 4, 16),
        ("👍" * 10, 10, 30),
    ],
)
def test_texts_of_many_kinds_stay_near_what_tokenizers_make_of_them(text, least, most):
    assert least <= estimate_tokens(text) <= most


@given(st.text(max_size=300), st.text(max_size=300))
def test_a_longer_text_never_has_fewer_tokens(start, more):
    assert estimate_tokens(start + "\n" + more) >= max(
        estimate_tokens(start), estimate_tokens(more)
    )


def test_long_letters_without_a_space_are_not_one_token():
    assert estimate_tokens("qwfpgjluyarstdhneio" * 100) > 500


def test_a_lone_surrogate_is_counted_rather_than_refused():
    assert estimate_tokens("a\ud800b") >= 2

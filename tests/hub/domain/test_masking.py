"""Keys are found however they are written (SECURITY S5)."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.masking import MASK, Mask, masked

pytestmark = pytest.mark.control("S5")

KEY = "canary-7f3a-b41c+9e/d0=x"
"""Looks like no key, so that only knowing it helps."""
KEYS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=60)
SPELLINGS = {
    "plain": str,
    "cut by control characters": "\x00\x1b".join,
    "cut by what takes no room": "\u200b".join,
    "cut by line ends": lambda key: f"{key[:9]}\r\n  {key[9:]}",
    "percent-encoded": lambda key: quote(key, safe=""),
    "percent-encoded twice": lambda key: quote(quote(key, safe=""), safe=""),
    "base64": lambda key: base64.b64encode(key.encode()).decode(),
    "base64 of a header": lambda key: base64.b64encode(f"Bearer {key}\n".encode()).decode(),
    "base64 for addresses": lambda key: base64.urlsafe_b64encode(f":{key}".encode()).decode(),
    "hexadecimal": lambda key: key.encode().hex().upper(),
}


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)
def test_a_key_is_hidden_in_every_usual_spelling(spell):
    text = Mask([KEY])(f"wrong key <{spell(KEY)}>, sorry")

    assert text.startswith("wrong key <")
    assert text.endswith(f"{MASK}>, sorry")
    assert len(text) < len("wrong key <>, sorry") + len(MASK) + len("QmVhcmVyI")


@given(KEYS, st.text(max_size=20), st.text(max_size=20), st.sampled_from(sorted(SPELLINGS)))
def test_whatever_stands_around_it(key, before, after, spelling):
    spelled = SPELLINGS[spelling](key)

    assert spelled not in Mask([key])(before + spelled + after)


def test_escapes_of_json_are_gone_once_it_is_parsed():
    body = json.dumps({"error": "".join(f"\\u{ord(c):04x}" for c in KEY)}).replace("\\\\", "\\")

    assert KEY in (said := json.loads(body)["error"])
    assert Mask([KEY])(said) == MASK


def test_a_word_that_serves_as_a_key_is_hidden_as_it_is_written_alone():
    assert Mask(["ollama"])("ollama o l l a m a") == f"{MASK} o l l a m a"


def test_without_a_key_a_text_stays():
    assert Mask(["", *()])("some text") == "some text"


@pytest.mark.parametrize(
    "text",
    [
        "sk-proj-AbCdEf0123456789xyz",
        "xai-AbCdEf0123456789xyz",
        "Authorization: Bearer abc.def",
        "https://host/v1?api_key=abcdef",
        "https://user:abcdef@host/v1",
        "AbCdEf0123456789AbCdEf0123456789",
        "sk-AbC****xyz",
    ],
)
def test_what_looks_like_a_key_is_hidden_unknown(text):
    shown = masked(text)

    assert MASK in shown
    assert "abc" not in shown.lower()


@pytest.mark.parametrize(
    "text",
    [
        "The task-force met.",
        "error-39200d1e8a8dbbb6.txt",
        "see https://host/v1/models",
        "risk-free",
    ],
)
def test_ordinary_words_stay(text):
    assert masked(text) == text


@pytest.mark.parametrize("piece", ["canary-7f3a ", "a", "c ", "Y2Fu", "/", "sk", "://", "bearer "])
def test_an_endless_text_is_searched_in_one_pass(piece):
    text = piece * (1_000_000 // len(piece))

    assert MASK not in Mask([KEY])(text)
    assert len(masked(text, [KEY])) <= len(text)

"""Whatever models and people write: read as what it is, or refused with one sentence."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agents.redaction import redact
from hub.config import load
from hub.consensus.ballot import BallotError
from hub.errors import ConfigError
from tests.agents.calls import KEY
from tests.fuzz.corpus import OURS
from tests.fuzz.mutation import Mutator, written
from tests.fuzz.strategies import JSON, parts_of, put
from tests.fuzz.texts import (
    GOOD,
    TABLES,
    TEXT,
    TOML_VALUES,
    configured,
    run_ballot,
    text_laws,
)

BALLOTS = [seed for seed in OURS["ballot"] if isinstance(seed, dict)]


class Drawn(Mutator):
    """Takes the first of whatever is drawn."""

    def __init__(self, first):
        super().__init__(self)
        self.choice = lambda some: some[first % len(some)]


def read_ballot(data, rule):
    with suppress(BallotError):
        run_ballot(data, Drawn(rule))


@given(st.binary(max_size=300) | st.text().map(str.encode), st.integers(0, 1))
def test_any_text_is_a_ballot_or_none(data, rule):
    read_ballot(data, rule)
    read_ballot(b'{"choice": "A", "reason": "' + data + b'"}', rule)


@given(st.sampled_from(BALLOTS), st.data(), st.integers(0, 1))
def test_any_part_of_a_ballot_may_be_anything(seed, data, rule):
    path = data.draw(st.sampled_from(list(parts_of(seed))))

    read_ballot(written(put(seed, path, data.draw(JSON))), rule)


def settings_or_error(text, dotenv=b""):
    """One clean sentence, where the settings are refused."""
    said = ""
    try:
        configured(text, dotenv)
    except ConfigError as error:
        said = str(error)
    assert "\n" not in said
    assert KEY not in said


VALUES = st.sampled_from((*TOML_VALUES, *GOOD.values()))
TOML = st.lists(
    st.sampled_from([(table, name) for table, names in TABLES.items() for name in names]),
    min_size=1,
    max_size=5,
    unique=True,
)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@example(b"x = " + b"9" * 4_400)
@example(b"[" * 5_000)
def test_any_file_is_settings_or_refused(text):
    settings_or_error(text)


@given(st.data())
def test_any_value_of_any_setting_is_taken_or_refused(data):
    tables = {}
    for table, name in data.draw(TOML):
        tables.setdefault(table, []).append(name.encode() + b" = " + data.draw(VALUES))
    text = b"".join(b"[" + t.encode() + b"]\n" + b"".join(lines) for t, lines in tables.items())

    settings_or_error(text)


@pytest.mark.parametrize(
    "value",
    ["~nobody-at-all/ca.pem", "a" * 300, "a/" * 3_000, "/etc", "\\u0000"],
    ids=["nobody's home", "long name", "long path", "folder", "NUL"],
)
def test_a_path_that_cannot_be_is_refused(value):
    with pytest.raises(ConfigError, match="ca_bundle"):
        configured(f'[network]\nca_bundle = "{value}"\n'.encode())


def test_a_state_folder_in_the_home_of_nobody_is_refused(monkeypatch):
    monkeypatch.setenv("GITBRIDGE_HOME", "~nobody-at-all/x")

    with pytest.raises(ConfigError, match="GITBRIDGE_HOME"):
        load()


def test_a_name_from_the_file_is_cleaned_and_cut_before_it_is_repeated():
    settings_or_error(b'[router]\n"a\\n\\u001b[2J' + b"b" * 5_000 + b'" = 1\n')
    with pytest.raises(ConfigError) as error:
        configured(b'[router]\n"' + b"b" * 5_000 + b'" = 1\n')

    assert len(str(error.value)) < 1_000


@pytest.mark.control("S7")
def test_a_dotenv_of_any_size_is_passed_over_with_a_warning(tmp_path):
    (tmp_path / ".env").write_text("OPENAI_API_KEY=k\n" + "# x\n" * 50_000)

    settings = load(folder=tmp_path)

    assert settings.providers["openai"].key is None
    assert [warning for warning in settings.warnings if "too large" in warning]


@given(st.binary(max_size=200) | st.text(alphabet="AKEY_=='\"\\\n #$", max_size=80).map(str.encode))
def test_any_dotenv_is_read_or_passed_over(text):
    settings_or_error(b"", text)
    settings_or_error(b"", b"OPENAI_API_KEY=" + text)


TEXTS = st.text(max_size=200) | st.lists(st.sampled_from(TEXT), max_size=16).map(
    lambda pieces: b"".join(pieces).decode("utf-8", "surrogateescape")
)


@pytest.mark.control("S1")
@given(TEXTS, st.integers(0, 400))
def test_any_text_is_cleaned_alike_however_it_is_cut(text, cut):
    text_laws(text, min(cut, len(text)))


@pytest.mark.control("S5")
@given(st.integers(1, len(KEY) - 1), st.sampled_from("\x00\x1b\x7f\x9b\u200e\u202e\u2066"))
def test_no_control_character_inside_a_key_keeps_it_from_being_hidden(at, control):
    assert KEY not in redact(f"wrong key {KEY[:at]}{control}{KEY[at:]}!")

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.text import sanitize
from hub.exports.csv import COLUMNS, guarded, to_csv
from tests.fakes.transcripts import PAYLOADS, deliberation, hostile

HARMFUL = ("=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", " =cmd|' /C calc'!A0", "＝1+1", "\n-2+3")
SPLITTING = "a;=HYPERLINK(1)\tb,=1\n=2"


def rows(text: str, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))


def with_bodies(*bodies: str):
    t = deliberation()
    said = zip(t.messages, bodies, strict=False)
    return replace(t, messages=tuple(replace(message, body=body) for message, body in said))


def as_libreoffice_does(text: str) -> list[str]:
    """Split at commas, semicolons and tabs alike: what its import has ticked unasked."""
    cell = r'"((?:[^"]|"")*)"(?:[,;\t\n]|$)'
    cells = re.findall(cell, text)
    assert re.sub(cell, "", text) == ""
    return cells


def test_every_message_is_a_row_with_who_what_and_its_cost():
    found = rows(to_csv(deliberation()))

    assert list(found[0]) == list(COLUMNS)
    assert [row["body"] for row in found] == [guarded(m.body) for m in deliberation().messages]
    assert found[1]["author"] == "proposer"
    assert (found[1]["provider"], found[1]["model"]) == ("openai", "gpt-4o")
    assert (found[1]["cost_usd"], found[1]["latency_s"]) == ("0.00418", "1.54")
    assert (found[0]["provider"], found[0]["cost_usd"]) == ("", "")
    assert found[6]["mentions"] == "critic proposer"


def test_a_cost_that_nobody_knows_is_empty_and_not_zero():
    t = deliberation()
    unknown = {id_: replace(turn, cost=None) for id_, turn in t.turns.items()}
    free = {id_: replace(turn, cost=0) for id_, turn in t.turns.items()}

    assert rows(to_csv(replace(t, turns=unknown)))[1]["cost_usd"] == ""
    assert rows(to_csv(replace(t, turns=free)))[1]["cost_usd"] == "0"


@pytest.mark.control("S10")
@pytest.mark.parametrize("text", HARMFUL)
def test_no_cell_begins_like_a_formula(text):
    (row,) = rows(to_csv(with_bodies(text)))

    assert row["body"] == "'" + sanitize(text)


@pytest.mark.control("S10")
def test_no_cell_of_a_hostile_thread_is_a_formula_in_any_reader():
    text = to_csv(hostile())

    for cell in (*(c for row in rows(text) for c in row.values()), *as_libreoffice_does(text)):
        assert not re.match(r"\s*[=+\-@＝＋－＠]", cell)
    assert sanitize(text) == text


@pytest.mark.control("S10")
def test_a_cell_that_holds_other_separators_stays_one_cell():
    cells = as_libreoffice_does(to_csv(with_bodies(SPLITTING)))

    assert len(cells) == 2 * len(COLUMNS)
    assert cells[-1] == SPLITTING


@pytest.mark.control("S10")
def test_line_ends_quotes_and_nul_stay_inside_their_cell():
    body = 'one\r\ntwo\n"three", four\0five'

    (row,) = rows(to_csv(with_bodies(body)))

    assert row["body"] == 'one\ntwo\n"three", fourfive'


def test_a_long_message_is_whole():
    (row,) = rows_of_any_size(to_csv(with_bodies("x" * 1_000_000)))

    assert len(row["body"]) == 1_000_000


def rows_of_any_size(text):
    before = csv.field_size_limit(2_000_000)
    try:
        return rows(text)
    finally:
        csv.field_size_limit(before)


@given(st.lists(st.one_of(st.text(), st.sampled_from(PAYLOADS)), min_size=1, max_size=4))
def test_pythons_own_reader_finds_what_was_written(bodies):
    found = rows(to_csv(with_bodies(*bodies)))

    assert [row["body"] for row in found] == [guarded(body) for body in bodies]

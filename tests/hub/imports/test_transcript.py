"""Whatever is wrong with a file of ours is refused with its line or its place."""

from __future__ import annotations

import copy
import json
import re
import tracemalloc

import pytest

from hub.domain.text import sanitize
from hub.errors import TranscriptError
from hub.exports.json_transcript import to_json, transcript_json
from hub.exports.jsonl import to_jsonl
from hub.imports import read
from hub.imports.read import LARGEST, read_transcripts
from tests.fakes.transcripts import FILES, deliberation, hostile

pytestmark = pytest.mark.control("S12")
GOOD = transcript_json(deliberation())
MISSING = object()

WRONG = [
    ("thread.id", "../../etc/passwd", "an id of 1 to 64"),
    ("thread.id", "last", "an id of 1 to 64"),
    ("thread.id", "-rf", "an id of 1 to 64"),
    ("thread.id", "a*", "an id of 1 to 64"),
    ("thread.id", "a\n", "an id of 1 to 64"),
    ("thread.id", "a" * 65, "an id of 1 to 64"),
    ("thread.messages", 7, "8 messages are in the file"),
    ("thread.created_at", "yesterday", "a time in UTC"),
    ("thread.created_at", "1969-12-31T23:59:59Z", "a time in UTC"),
    ("thread.created_at", "2025-11-22T10:00:00+01:00", "a time in UTC"),
    ("thread.created_at", "2025-02-30T10:00:00Z", "a time in UTC"),
    ("thread.cost_usd", -0.01, "a number from 0"),
    ("thread.cost_usd", 1e300, "a number from 0"),
    ("thread.cost_usd", 0.00000001, "at most six decimals"),
    ("thread.archived", 0, "true or false"),
    ("thread.archived", MISSING, "`archived` is missing"),
    ("thread.secret", 1, "`secret` is no part of this version"),
    ("messages", {}, "a list is wanted"),
    ("messages[0]", None, "an object is wanted"),
    ("messages[3].seq", 5, "4 is wanted"),
    ("messages[3].seq", True, "a whole number"),
    ("messages[3].seq", 4.0, "a whole number"),
    ("messages[3].id", GOOD["messages"][0]["id"], "stands in the file before"),
    ("messages[3].reply_to", GOOD["messages"][4]["id"], "no earlier message has this id"),
    ("messages[3].reply_to", GOOD["messages"][3]["id"], "no earlier message has this id"),
    ("messages[3].author", "", "a name of 1 to 64"),
    ("messages[3].author", "\u202e", "a name of 1 to 64"),
    ("messages[3].author", "x" * 65, "a name of 1 to 64"),
    ("messages[3].body", 3, "a text is wanted"),
    ("messages[3].kind", "order", "one of these is wanted: question, reply"),
    ("messages[3].to", "critic", "a list is wanted"),
    ("messages[3].turn.cost_usd", float("nan"), "a number from 0"),
    ("messages[3].turn.cost_usd", "0.1", "a number from 0"),
    ("messages[3].turn.latency_s", float("inf"), "a number from"),
    ("messages[3].turn.latency_s", 10**400, "a number from"),
    ("messages[3].turn.route.propensity", 1.5, "a number from 0 to 1"),
    ("messages[3].turn.route.candidates", [], "the chosen deployment is missing"),
    ("messages[3].turn.route.chain[0]", "openai", "`provider/model` is wanted"),
    ("messages[3].turn.route.turn", GOOD["messages"][2]["turn"]["route"]["turn"], "written something"),
    ("decisions[0].thread", "other", "another thread"),
    ("decisions[0].winner", "MongoDB", "none of the decision's options"),
    ("decisions[0].outcome", "maybe", "one of these is wanted: decided"),
    ("decisions[0].outcome", None, "an outcome and a tally come together"),
    ("decisions[0].tally", None, "an outcome and a tally come together"),
    ("decisions[0].rule", "dictate", "one of these is wanted: auto"),
    ("decisions[0].options[1]", GOOD["decisions"][0]["options"][0], "the same as an option before"),
    ("decisions[0].authors", [], "an object is wanted"),
    ("decisions[0].authors", {"MongoDB": ["x"]}, "none of the options"),
    ("decisions[0].proposal.eligible", ["a", "a"], "a name stands twice"),
    ("decisions[0].proposal.threshold", -1, "a number from 0 to 1"),
    ("decisions[0].tally.cast", -1, "a whole number"),
    ("decisions[0].tally.scores[0].option", "MongoDB", "none of the decision's options"),
    ("decisions[0].ballots[1].voter", "proposer", "has voted in round 1 before"),
    ("decisions[0].ballots[1].choice", "MongoDB", "none of the decision's options"),
    ("decisions[0].ballots[1].abstain", True, "it says two things at once"),
    ("decisions[0].ballots[1].confidence", 1.01, "a number from 0 to 1"),
    ("decisions[0].ballots[1].turn", GOOD["messages"][2]["turn"]["route"]["turn"], "written something"),
    ("decisions[0].dissent[0].option", "MongoDB", "none of the decision's options"),
    ("decisions[0].flips[0].before", "MongoDB", "none of the decision's options"),
    ("version", 0, "a whole number"),
    ("version", "1", "a whole number"),
    ("format", "gitbridge-secrets", "`gitbridge-transcript` is wanted"),
]  # fmt: skip


def steps(path: str) -> list[str | int]:
    return [
        int(step) if step.isdigit() else step
        for step in path.replace("[", ".").replace("]", "").split(".")
    ]


def changed(path: str, value: object) -> dict:
    whole = copy.deepcopy(GOOD)
    at = whole
    *way, last = steps(path)
    for step in way:
        at = at[step]
    if value is MISSING:
        del at[last]
    else:
        at[last] = value
    return whole


def refusal(data: bytes | str | dict) -> str:
    if isinstance(data, dict):
        data = json.dumps(data)
    with pytest.raises(TranscriptError) as caught:
        read_transcripts(data.encode() if isinstance(data, str) else data, 0)
    sentence = str(caught.value)
    assert sentence == sanitize(sentence)
    assert "\n" not in sentence
    return sentence


@pytest.mark.parametrize(("path", "value", "reason"), WRONG)
def test_what_is_wrong_is_refused_with_its_place_and_reason(path, value, reason):
    sentence = refusal(changed(path, value))

    assert reason in sentence
    named = re.match(r"The file is refused at (\S+): ", sentence)
    assert named
    assert path.startswith(named[1]) or named[1].startswith(path.rpartition(".")[0])


def test_without_an_outcome_there_is_no_winner():
    whole = changed("decisions[0].tally", None)
    whole["decisions"][0]["outcome"] = None

    assert "there is no winner" in refusal(whole)


def test_two_decisions_have_two_ids():
    whole = copy.deepcopy(GOOD)
    whole["decisions"] *= 2

    assert refusal(whole).startswith("The file is refused at decisions[1]: a decision of this id")


def test_a_newer_version_says_so():
    assert "install the newer one" in refusal(changed("version", 2))


def test_a_damaged_line_is_named():
    lines = to_json(deliberation()).splitlines()
    lines[41] = lines[41].replace('"', "", 1)

    assert refusal("\n".join(lines)).startswith("The file is damaged at line 42, column ")


def test_a_file_that_was_cut_off_names_its_last_line():
    text = to_json(deliberation())

    assert f"line {text.count(chr(10), 0, 9_000) + 1}," in refusal(text[:9_000])


def test_a_line_of_lines_is_named():
    lines = to_jsonl(deliberation()).splitlines()

    assert "line 3, column" in refusal("\n".join([*lines[:2], lines[2][:-1], *lines[3:]]))
    assert "refused at line 3: `type` is" in refusal("\n".join([*lines[:2], lines[0], *lines[3:]]))
    assert "refused at line 4: `type` is" in refusal(
        "\n".join([lines[0], lines[1], lines[-1], *lines[2:-1]])
    )
    wrong = json.dumps({**json.loads(lines[4]), "reply_to": "x"})
    assert "refused at line 5, reply_to: no earlier" in refusal("\n".join([*lines[:4], wrong]))
    assert "line 1, messages: 7 messages" in refusal("\n".join(lines[:-2]))


def test_texts_come_out_clean_and_the_rest_as_it_was():
    (read_back,) = read_transcripts(to_json(hostile()).encode(), 0)

    assert [m.body for m in read_back.messages] == [sanitize(m.body) for m in hostile().messages]
    assert to_json(read_back) == sanitize(to_json(read_back))
    assert read_back.decisions[0].proposal.options[1].text.endswith(FILES.text)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"\xff\xfe{\x00}\x00", "no UTF-8 text at line 1"),
        (b"{\n\n\xed\xa0\x80}", "no UTF-8 text at line 3"),
        (b"PK\x03\x04../../etc/cron.d/x", "an archive: unpack it"),
        (b"\x1f\x8b\x08 bomb", "an archive: unpack it"),
        (b"{}", "`role` or `author`"),
        (b"[]", "no transcript that can be imported"),
        (b"7", "no transcript that can be imported"),
        (b"null", "no transcript that can be imported"),
        (b"\x80\x04\x95cposix\nsystem", "no UTF-8 text"),
        (b"!!python/object/apply:os.system ['x']", "damaged at line 1"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"a":' * 200_000, "nested too deeply"),
        (b'{"format":' + b"[" * 200_000 + b"]" * 200_000 + b"}", "nested too deeply"),
        (b'{\n"format":' + b"9" * 5_000 + b"}", "a number at line 2 that is too long"),
        (b'{"role":"a","content":"b"}\n' * (read.MOST_LINES + 1), "more than 200,000 lines"),
        (b"[" + b"[]," * read.MOST_VALUES + b"[]]", "more than 4,000,000 values"),
    ],
    ids=lambda value: repr(value[:24]),
)
def test_what_is_no_transcript_is_one_sentence(data, reason):
    assert reason in refusal(data)


def test_a_file_beyond_the_limit_is_refused_before_it_is_read():
    data = bytes(LARGEST + 1)
    tracemalloc.start()
    try:
        sentence = refusal(data)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert "more than 64 MiB" in sentence
    assert most < 1_000_000

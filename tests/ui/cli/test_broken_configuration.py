"""A configuration that is missing, broken, contradictory or unreadable: one sentence, status 2."""

from __future__ import annotations

import os
import sys

import pytest

from tests.faults.test_disk import gitbridge

pytestmark = pytest.mark.fault(50)


def write(home, text: bytes | str):
    path = home / "config.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    path.chmod(0o600)
    return path


def test_without_a_file_the_defaults_are_in_force(cli, home):
    result = cli("config", "show", "--json")

    assert result.status == 0
    assert result.json["budget"]["question"] == 0.5
    assert not (home / "config.toml").exists()


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("[budget]\nquestion = \n", 2, ""),
        ("[budget\nquestion = 1\n", 1, ""),
        ("[budget]\nquestion = 1\nquestion = 2\n", 3, "overwrite"),
        ("[budget]\nday = 1\n[budget]\nday = 2\n", 3, "twice"),
        ("[router]\nstrategy = 'luck'\n", 2, "router.strategy"),
        ("[budget]\nquestion = 'much'\n", 2, "budget.question"),
        ("[budget]\nquestion = nan\n", 2, "budget.question"),
        ("[budget]\ntime_zone = 'Mars/Base'\n", 2, "no such time zone"),
        ("[providers.mine]\nmodels = ['m']\n", 1, "base_url is missing"),
        ("colour = 'red'\n", 1, "colour"),
        ("[agents.Ada]\n[agents.ada]\n", 2, "another agent has this name"),
    ],
)
@pytest.mark.parametrize("command", [("agents",), ("ask", "Why?")], ids=["agents", "ask"])
def test_what_is_wrong_is_named_with_file_and_line(cli, home, command, text, line, says):
    path = write(home, text)

    result = cli(*command)

    assert (result.status, result.out) == (2, "")
    [sentence] = result.err.splitlines()
    assert str(path) in sentence or "config.toml" in sentence
    assert str(line) in sentence
    assert says.lower() in sentence.lower()
    assert path.read_bytes() == text.encode()
    assert not (home / "gitbridge.db").exists()


def test_a_file_that_is_no_text_is_one_sentence(cli, home):
    write(home, b"\xff\xfe\x00[budget]")

    result = cli("agents")

    assert (result.status, result.out) == (2, "")
    assert len(result.err.splitlines()) == 1


def test_a_key_in_a_broken_line_is_not_repeated(cli, home):
    write(home, "[providers.openai]\nkey = sk-canary-50f3a9e71c2\n")

    result = cli("agents")

    assert result.status == 2
    assert "sk-canary" not in result.out + result.err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
def test_a_file_that_may_not_be_read_is_one_sentence(home):
    path = write(home, "[budget]\nquestion = 1\n")
    path.chmod(0)

    result = gitbridge(home, "agents")

    assert (result.returncode, result.stdout) == (2, "")
    assert "config.toml" in result.stderr.splitlines()[-1]
    assert os.strerror(13) in result.stderr or "read" in result.stderr


def test_a_folder_in_its_place_is_one_sentence(cli, home):
    (home / "config.toml").mkdir()

    result = cli("agents")

    assert (result.status, result.out) == (2, "")
    assert "config.toml" in result.err.splitlines()[-1]

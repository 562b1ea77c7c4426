"""Whatever goes wrong: one clear sentence, the right exit status, no traceback, nothing lost."""

from __future__ import annotations

import os
import sys

import pytest

from tests.journeys.conftest import Program

pytestmark = [pytest.mark.anyio, pytest.mark.network]

ONE = ("ask", "Tabs?", "--agent", "critic", "--model", "openai", "--timeout", "8")


@pytest.mark.parametrize(
    ("fail", "sentence"),
    [
        ("500", "OpenAI failed"),
        ("quota", "no money left"),
        ("401", "key"),
        ("garbage", "OpenAI answered"),
    ],
)
async def test_a_provider_that_fails_is_named_and_the_question_is_kept(
    bare, provider_with, fail, sentence
):
    provider = await provider_with(fail=fail)
    program = Program(
        {**bare.environment, "OPENAI_API_KEY": "sk-x", "OPENAI_BASE_URL": provider.url}
    )

    result = await program(*ONE)

    assert (result.status, result.out) == (1, "")
    last = result.err.splitlines()[-1]
    assert last.startswith("gitbridge: ")
    assert sentence in last
    (thread,) = (await program("thread", "list", "--json")).json
    assert thread["messages"] == 1


async def test_an_unreachable_server_is_named_and_the_question_sent_again_later(
    bare, provider_with
):
    nobody = {"OPENAI_API_KEY": "sk-x", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
    result = await bare(*ONE, **nobody)

    assert result.status == 1
    assert "cannot be reached" in result.err.splitlines()[-1]
    assert "`gitbridge resume`" in result.err

    provider = await provider_with()
    resumed = await bare("resume", "--json", **(nobody | {"OPENAI_BASE_URL": provider.url}))
    shown = (await bare("thread", "show", "last", "--json")).json

    assert [turn["state"] for turn in resumed.json] == ["done"]
    assert [message["author"] for message in shown["messages"]] == ["you", "critic"]


async def test_a_named_provider_without_a_key_is_wrong_configuration(bare):
    result = await bare(*ONE)

    assert (result.status, result.out) == (2, "")
    assert "OPENAI_API_KEY" in result.err.splitlines()[-1]


async def test_an_agent_whose_provider_has_no_key_is_wrong_configuration(bare, home):
    (home / "config.toml").write_text("[agents.solo]\ndeployments = ['grok']\n")
    (home / "config.toml").chmod(0o600)

    result = await bare("ask", "q", "--agent", "solo")

    assert result.status == 2
    assert "GROK_API_KEY" in result.err.splitlines()[-1]


async def test_a_key_is_never_sent_over_plain_http(bare):
    result = await bare(*ONE, OPENAI_API_KEY="sk-x", OPENAI_BASE_URL="http://example.com/v1")

    assert result.status == 2
    assert "OPENAI_BASE_URL" in result.err


@pytest.mark.parametrize(
    "words",
    [
        ("ask", ""),
        ("ask", "q", "--agent", "nobody"),
        ("ask", "q", "--rule", "whim"),
        ("ask", "q", "--strategy", "luck"),
        ("export", "last", "--format", "docx"),
        ("unknown",),
    ],
)
async def test_wrong_use_is_exit_status_2_and_sends_nothing(gitbridge, openai, xai, words):
    result = await gitbridge(*words)

    assert (result.status, result.out) == (2, "")
    assert result.err.splitlines()[-1].startswith("gitbridge: ")
    assert openai.questions == xai.questions == 0


async def test_a_budget_refuses_before_anything_is_sent(gitbridge, openai, xai):
    result = await gitbridge("ask", "q", "--agent", "critic", "--budget", "0.000001")

    assert result.status == 4
    assert openai.questions == xai.questions == 0


async def test_a_database_of_another_program_is_left_alone(gitbridge, home):
    (home / "gitbridge.db").write_bytes(b"SQLite format 3\0" + b"not ours" * 500)

    result = await gitbridge("thread", "list")

    assert result.status == 1
    assert "gitbridge.db" in result.err
    assert (home / "gitbridge.db").read_bytes().endswith(b"not ours")


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="root may write everywhere"
)
async def test_a_read_only_home_is_one_sentence(gitbridge, home):
    home.chmod(0o500)

    result = await gitbridge("ask", "q", "--agent", "critic")

    home.chmod(0o700)
    assert result.status == 1
    assert result.err.splitlines()[-1].startswith("gitbridge: ")


async def test_a_question_that_takes_too_long_ends_with_its_deadline(bare, provider_with):
    provider = await provider_with(fail="hang")
    program = Program(
        {**bare.environment, "OPENAI_API_KEY": "sk-x", "OPENAI_BASE_URL": provider.url}
    )

    result = await program("ask", "q", "--agent", "critic", "--model", "openai", "--timeout", "1")

    assert result.status == 1
    assert "Nothing came within 1 s; allow more time with --timeout." in result.err

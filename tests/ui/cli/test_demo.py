from __future__ import annotations

from pathlib import Path

import pytest

from hub.config import load
from ui.cli.demo import OPTIONS, QUESTION, without_keys


def test_the_demo_shows_the_whole_path_and_writes_transcript_and_graph(cli, local, openai, grok):
    local.votes = {"proposer": OPTIONS[0], "critic": OPTIONS[1], "synthesist": OPTIONS[0]}

    result = cli("demo", "--headless")

    assert result.status == 0
    out = result.out
    assert "The model is a toy" in out
    assert QUESTION in out
    assert "Round 1 of 2, draft" in out
    assert "Round 2 of 2, critique" in out
    for agent in ("proposer", "critic", "synthesist"):
        assert f"  I am {agent}, and this is my draft." in out
        assert f"  I am {agent}, and this is my critique." in out
        assert f"\n{agent} -> local/" in out
    assert f"Outcome: advisory: {OPTIONS[0]}" in out
    assert f"Dissent: critic for {OPTIONS[1]}" in out
    assert "900 + 90 tokens, $0," in out
    written = [Path(line[9:]) for line in out.splitlines() if line.startswith("Written: ")]
    assert [path.suffix for path in written] == [".md", ".json", ".html", ".png"]
    assert all(path.stat().st_size > 100 for path in written)
    assert openai.seen == grok.seen == []


def test_the_demo_is_a_success_whatever_the_vote_said(cli, local):
    result = cli("demo", "--headless")

    assert result.status == 0
    assert "Outcome: no consensus" in result.out


def test_the_demo_takes_a_question_whose_answers_are_the_options(cli, local):
    result = cli("demo", "--headless", "--question", "Why is the sky blue?")

    assert result.status == 0
    assert "Question: Why is the sky blue?" in result.out


def test_an_empty_question_is_refused(cli):
    assert cli("demo", "--headless", "--question", " ").status == 2


@pytest.mark.control("S5")
def test_the_demo_has_no_provider_with_a_key_and_no_agent_that_needs_one(home, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-0123456789abcdef")
    (home / "config.toml").write_text("[agents.solo]\ndeployments = ['openai']\n")
    (home / "config.toml").chmod(0o600)

    settings = without_keys(load())

    assert list(settings.providers) == ["local"]
    assert all(provider.key is None for provider in settings.providers.values())
    assert len(settings.agents) == 3
    assert not any(agent.deployments for agent in settings.agents)

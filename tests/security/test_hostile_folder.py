"""What a stranger's folder can do to a program that is started in it: very little (S6, S7)."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from agents.trace import Trace
from hub.config import load, store_key
from hub.errors import ConfigError, ForeignDatabaseError
from hub.storage.opening import open_journal
from hub.storage.owners import Owners
from tests.fakes.clock import FakeClock
from tests.journeys.conftest import Program
from tests.loopback import LoopbackProvider
from ui.cli import config as config_command
from ui.cli.endings import keep

KEY = "folder-7f3a-b41c-9e0d"
links = pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")


def plant(evil):
    """Write the stranger's `.env`, readable by all."""
    Path(".env").write_text(
        f"OPENAI_API_KEY='{KEY}'\nOPENAI_MODEL=gpt-4o-mini\n"
        f"OPENAI_BASE_URL={evil.url}\nXAI_BASE_URL={evil.url}\nexport XAI_API_KEY=x-{KEY}\n"
        f"HTTPS_PROXY={evil.origin}\nHTTP_PROXY={evil.origin}\nALL_PROXY={evil.origin}\n"
        f"GITBRIDGE_DATABASE_URL=postgres://{evil.origin}/x\nGITBRIDGE_HOME=/evil\n"
        f"SSL_CERT_FILE=/evil.pem\nPATH=/evil\nGITBRIDGE_FAIL_AT=turn.before_a\n"
    )
    Path(".env").chmod(0o644)


@pytest.mark.control("S7")
@pytest.mark.anyio
@pytest.mark.network
async def test_a_folder_s_key_and_model_are_used_and_its_addresses_are_never_called(home):
    async with LoopbackProvider() as good, LoopbackProvider() as evil:
        plant(evil)
        kept = {n: os.environ[n] for n in ("PATH", "HOME") if n in os.environ}
        program = Program({**kept, "GITBRIDGE_HOME": str(home), "OPENAI_BASE_URL": good.url})
        result = await program("ask", "q", "--agent", "critic", "--model", "openai", "--json")

    assert result.status == 0
    assert evil.seen == []
    assert {seen.headers["authorization"] for seen in good.seen} == {f"Bearer {KEY}"}
    assert {asked["model"] for asked in good.asked} == {"gpt-4o-mini"}
    for name in (
        "OPENAI_BASE_URL",
        "XAI_BASE_URL",
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "ALL_PROXY",
        "GITBRIDGE_DATABASE_URL",
        "GITBRIDGE_FAIL_AT",
    ):
        assert f"warning: {name} in .env is ignored" in result.err
    assert "warning: Others can read .env, which holds a key; run: chmod 600 .env" in result.err
    assert KEY not in result.out + result.err


@pytest.fixture
def victim(tmp_path):
    """Return somebody's file, and check afterwards that it is as it was."""
    path = tmp_path / "precious"
    path.write_bytes(b"kept")
    yield path
    assert path.read_bytes() == b"kept"
    assert not path.is_symlink()


@links
@pytest.mark.control("S6")
def test_a_link_in_the_place_of_a_log_is_not_followed(home, victim):
    (home / "logs").mkdir()
    (home / "logs" / "openai_integration_trace.log").symlink_to(victim)

    Trace(home / "logs", "openai", FakeClock()).tell("opened")


@links
@pytest.mark.control("S6")
def test_a_link_in_the_place_of_the_journal_is_refused_with_what_to_do(home, victim):
    (home / "gitbridge.db").symlink_to(victim)

    with pytest.raises(ForeignDatabaseError, match="is a link"):
        open_journal(home / "gitbridge.db", home, 0.1)


@links
@pytest.mark.control("S6")
def test_a_link_to_nowhere_makes_no_journal_elsewhere(home, tmp_path):
    (home / "gitbridge.db").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(ForeignDatabaseError, match="is a link"):
        open_journal(home / "gitbridge.db", home, 0.1)

    assert not (tmp_path / "elsewhere").exists()


@links
@pytest.mark.control("S6")
def test_a_link_in_the_place_of_an_owner_s_lock_is_not_followed(home, victim):
    owners = Owners(home / "owners")
    (home / "owners").mkdir()
    (home / "owners" / f"{owners.own}.lock").symlink_to(victim)

    with pytest.raises(OSError, match=r"symbolic link|Symbolic link"):
        owners.take()


@links
@pytest.mark.control("S6")
def test_a_key_is_never_written_through_a_link(home, victim):
    (home / "config.toml").symlink_to(victim)
    victim.write_bytes(b"")

    path = store_key("openai", SecretStr(KEY))

    assert not path.is_symlink()
    assert KEY in path.read_text()
    assert victim.read_bytes() == b""
    victim.write_bytes(b"kept")


@links
@pytest.mark.control("S6")
def test_a_report_of_a_crash_goes_into_a_file_of_its_own(home, victim, monkeypatch):
    (home / "logs").mkdir()
    monkeypatch.setattr("ui.cli.endings.new_id", lambda: "1")
    (home / "logs" / "error-1.txt").symlink_to(victim)

    with pytest.raises(FileExistsError):
        keep("It broke.")


@pytest.mark.control("S6")
@pytest.mark.skipif(sys.platform == "win32", reason="file modes are POSIX")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_key_file_that_others_can_read_is_refused_however_they_can(home, mode):
    (home / "config.toml").write_text(f'[providers.xai]\nkey = "{KEY}"\n')
    (home / "config.toml").chmod(mode)

    with pytest.raises(ConfigError, match="chmod 600") as error:
        load()

    assert KEY not in str(error.value)


@pytest.mark.control("S5")
@pytest.mark.skipif(sys.platform == "win32", reason="the editor is a shell script")
def test_the_person_s_editor_is_started_without_our_keys(home, tmp_path, monkeypatch):
    told = tmp_path / "told"
    script = tmp_path / "editor"
    script.write_text(f'#!/bin/sh\nenv > {told}\necho "$@" >> {told}\n')
    script.chmod(0o700)
    (home / "config.toml").write_text(
        '[providers.o]\nbase_url="https://o/v1"\nmodels=["m"]\nkey_env="MY_OWN_KEY"\n'
    )
    for name in (
        "OPENAI_API_KEY",
        "XAI_API_KEY",
        "GROK_API_KEY",
        "GITHUB_OPENAI_API_KEY",
        "MY_OWN_KEY",
    ):
        monkeypatch.setenv(name, KEY)
    monkeypatch.setenv("EDITOR", str(script))
    monkeypatch.setattr(config_command.Console, "asks", property(lambda _: True))

    assert config_command._run_edit(None) == 0

    assert "config.toml" in told.read_text()
    assert "PATH=" in told.read_text()
    assert KEY not in told.read_text()

from __future__ import annotations

import stat
import sys

import pytest

from hub import errors
from hub.domain.masking import masked
from hub.errors import GitBridgeError, SendOutcome
from ui.cli.endings import guarded

KEY = "sk-canary-0123456789abcdef"
CODES = {
    "GitBridgeError": 1,
    "UsageError": 2,
    "ConfigError": 2,
    "NotFoundError": 1,
    "BudgetRefusedError": 4,
    "UndecidedError": 5,
    "RoutingError": 1,
    "TurnError": 1,
    "OrphanedTurnsError": 1,
    "PartitionBusyError": 1,
    "StorageError": 1,
    "ForeignDatabaseError": 1,
    "NewerSchemaError": 2,
    "JournalBusyError": 1,
    "ReadOnlyStoreError": 1,
    "ExportError": 1,
    "TranscriptError": 1,
    "EmbeddedModelError": 1,
    "ProviderError": 1,
    "ProviderConnectionError": 1,
    "ProviderTimeoutError": 1,
    "ProviderResponseError": 1,
    "TruncatedReplyError": 1,
    "RateLimitError": 1,
    "QuotaError": 1,
    "AuthenticationError": 1,
    "ModelError": 1,
    "ContextLengthError": 1,
    "BadRequestError": 1,
    "ContentFilterError": 1,
}
"""The table of CONFIG.md: exit codes."""


def raising(error: BaseException):
    def work() -> int:
        raise error

    return work


def test_the_table_has_every_error_there_is():
    tree = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, GitBridgeError)
    }

    assert tree == set(CODES)


@pytest.mark.parametrize("name", CODES)
def test_each_error_is_one_sentence_on_stderr_and_its_exit_status(name, capsys):
    kind = getattr(errors, name)
    facts = {"provider": "p", "outcome": SendOutcome.REJECTED}
    error = kind("No.\nDo.", **(facts if issubclass(kind, errors.ProviderError) else {}))

    assert guarded(raising(error)) == CODES[name]
    assert capsys.readouterr() == ("", "gitbridge: No. Do.\n")


def test_escape_sequences_in_an_error_never_reach_the_terminal(capsys):
    guarded(raising(errors.StorageError("bad \x1b]52;c;aGk=\x07 name\u202e")))

    assert capsys.readouterr().err == "gitbridge: bad ]52;c;aGk= name\n"


def test_ctrl_c_ends_with_130(capsys):
    assert guarded(raising(KeyboardInterrupt())) == 130
    assert capsys.readouterr().err == "gitbridge: Interrupted.\n"


@pytest.mark.control("S5")
def test_what_nobody_foresaw_is_one_sentence_and_its_traceback_a_private_file_without_keys(
    home, monkeypatch, capsys
):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)

    assert guarded(raising(RuntimeError(f"it broke on {KEY} and Bearer other-secret"))) == 1

    out, err = capsys.readouterr()
    (report,) = (home / "logs").iterdir()
    text = report.read_text()
    assert out == ""
    assert err == (
        f"gitbridge: That should not happen (RuntimeError); the details are in {report}, "
        "please report them.\n"
    )
    assert "it broke on [key]" in text
    assert "Traceback" in text
    assert KEY not in text
    assert "other-secret" not in text
    if sys.platform != "win32":
        assert stat.S_IMODE(report.stat().st_mode) == 0o600


def test_even_a_broken_configuration_does_not_bring_a_traceback_on_screen(home, capsys):
    (home / "config.toml").write_text("not toml")

    assert guarded(raising(RuntimeError("x"))) == 1
    assert "could not be written" in capsys.readouterr().err


@pytest.mark.control("S5")
@pytest.mark.parametrize(
    "text",
    [
        "sk-proj-AbCdEf0123456789xyz",
        "xai-AbCdEf0123456789xyz",
        "Authorization: Bearer abc.def",
        "https://host/v1?api_key=abcdef",
        "https://user:abcdef@host/v1",
    ],
)
def test_whatever_looks_like_a_key_is_masked(text):
    assert "[key]" in masked(text)
    assert "abc" not in masked(text.lower())


def test_each_command_leaves_a_line_in_the_managers_log_without_its_words(cli, home):
    cli("thread", "search", "a secret word")
    cli("decision", "show", "nowhere")

    first, second = (home / "logs" / "manager.log").read_text().splitlines()
    assert 'component=manager event=ran command="thread search" status=0 ' in first
    assert 'command="decision show" status=1 ' in second
    assert "secret" not in first

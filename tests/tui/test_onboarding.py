"""The first run without a key: everything is tried live before it is kept, and nothing is kept else."""

import stat
import sys
import tomllib
from dataclasses import replace
from types import SimpleNamespace

import pytest
from textual.widgets import Input

from hub.domain.agent import ProviderKind
from hub.errors import ProviderConnectionError, SendOutcome
from tests.fakes.hub import DEPLOYMENTS, FakeHub
from tests.loopback import LoopbackProvider
from tests.tui.stage import SIZES, played
from ui.connecting import Connecting, name_of
from ui.screens.onboarding import OnboardingScreen

pytestmark = pytest.mark.anyio
KEY = "sk-canary-0123456789abcdef"


class Bare(FakeHub):
    """Knows the embedded model alone."""

    deployments = (replace(DEPLOYMENTS[0], provider="local", kind=ProviderKind.LOCAL),)


async def answered(stage):
    """Wait until the provider was asked and the screen went on."""
    for _ in range(100):
        await stage.pilot.pause(0.05)
        said = stage.screen_text()
        if "asking" not in said:
            return said
    raise AssertionError(said)


@pytest.mark.parametrize("size", [SIZES[0], SIZES[-1]])
async def test_without_a_key_the_first_run_asks_what_to_connect_once(tmp_path, size):
    async with played(Bare(tmp_path / "exports"), size=size, connector=Connecting()) as stage:
        assert isinstance(stage.app.screen, OnboardingScreen)
        assert "OpenAI" in stage.screen_text()
        await stage.press("escape")
        assert stage.app.focused is stage.app.main.composer
    async with played(Bare(tmp_path / "exports"), size=size, connector=Connecting()) as stage:
        assert stage.app.screen is stage.app.main


async def test_with_a_key_in_the_environment_the_main_screen_opens_at_once(tmp_path):
    async with played(FakeHub(tmp_path / "exports"), connector=Connecting()) as stage:
        assert stage.app.screen is stage.app.main
        assert stage.app.focused is stage.app.main.composer


@pytest.mark.network
@pytest.mark.control("S5")
async def test_a_key_is_asked_live_and_kept_where_its_owner_alone_reads_it(
    home, tmp_path, monkeypatch
):
    async with LoopbackProvider(key=KEY) as provider:
        monkeypatch.setenv("OPENAI_BASE_URL", provider.url)
        hub = Bare(tmp_path / "exports")
        async with played(hub, connector=Connecting()) as stage:
            await stage.press("enter")
            line = stage.app.screen.query_one(Input)
            line.value = "sk-wrong-0123456789abcdef"
            await stage.press("enter")
            said = await answered(stage)
            assert "Nothing was kept." in said
            assert not (home / "config.toml").exists()

            line.value = KEY
            assert KEY not in stage.screen_text()
            await stage.press("enter")
            said = await answered(stage)
            assert "keep the key where?" in said
            assert KEY not in said
            hub.deployments = DEPLOYMENTS
            await stage.press("enter")
            await stage.settle()
            await stage.settle()

            assert hub.calls.count(("open",)) == 2
            assert stage.app.screen is stage.app.main
    file = home / "config.toml"
    assert tomllib.loads(file.read_text())["providers"]["openai"]["key"] == KEY
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert KEY not in (hub.settings.home / "screen.json").read_text()


@pytest.mark.network
@pytest.mark.control("S5")
async def test_what_was_typed_too_soon_goes_nowhere_as_a_key(home, tmp_path, monkeypatch):
    async with LoopbackProvider(key=KEY) as provider:
        monkeypatch.setenv("OPENAI_BASE_URL", provider.url)
        async with played(Bare(tmp_path / "exports"), connector=Connecting()) as stage:
            await stage.press("enter")
            stage.app.screen.query_one(Input).value = "/decide which of the two?"
            await stage.press("enter")
            assert "That is no key" in await answered(stage)

        assert provider.seen == []


@pytest.mark.network
async def test_a_server_says_which_models_it_has_and_one_is_kept(home, tmp_path):
    async with LoopbackProvider() as provider:
        hub = Bare(tmp_path / "exports")
        async with played(hub, connector=Connecting()) as stage:
            await stage.press("down", "down", "enter")
            line = stage.app.screen.query_one(Input)
            for address, says in (
                ("http://example.org/v1", "The address cannot be used"),
                ("http://127.0.0.1:9/v1", "running?"),
            ):
                line.value = address
                await stage.press("enter")
                assert says in await answered(stage)
            line.value = provider.url
            await stage.press("enter")
            assert "which model?" in await answered(stage)
            await stage.press("down", "enter")
            await stage.settle()

    (kept,) = tomllib.loads((home / "config.toml").read_text())["providers"].values()
    assert kept == {"base_url": provider.url, "models": ["gpt-4o-mini"]}


async def test_the_embedded_model_answers_once_before_it_is_taken(tmp_path):
    hub = Bare(tmp_path / "exports")
    hub.answer_error = ProviderConnectionError(
        "no weights.", provider="local", outcome=SendOutcome.NOT_SENT
    )
    async with played(hub, connector=Connecting()) as stage:
        await stage.press("down", "down", "down", "enter")
        await stage.settle()
        assert "did not answer: no weights." in stage.screen_text()
        assert isinstance(stage.app.screen, OnboardingScreen)

    assert [ask.provider for ask, _ in hub.asked] == ["local"]


@pytest.mark.control("S5")
def test_a_key_may_go_into_the_keyring_and_the_file_says_so_alone(home, monkeypatch):
    kept = {}
    keyring = SimpleNamespace(
        set_password=lambda service, name, key: kept.update({(service, name): key}),
        errors=SimpleNamespace(KeyringError=RuntimeError),
    )
    monkeypatch.setitem(sys.modules, "keyring", keyring)

    Connecting().keep_key("openai", KEY, keyring=True)

    assert kept == {("gitbridge", "openai"): KEY}
    text = (home / "config.toml").read_text()
    assert KEY not in text
    assert tomllib.loads(text)["providers"]["openai"] == {"key_store": "keyring"}


def test_servers_are_named_by_what_usually_listens_at_their_port():
    assert name_of("http://127.0.0.1:11434/v1") == "ollama"
    assert name_of("https://models.example/v1") == "server"

"""What every test gets: a home of its own, no keys, no network, a loop that may not be blocked."""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from blockbuster import BlockBuster
from hypothesis import settings

from tests.fakes.clock import FakeClock
from tests.fakes.network import NetworkGuard

OURS = ("OPENAI_", "GROK_", "XAI_", "GITHUB_OPENAI_", "GITHUB_GROK_", "SMARTROUTER_", "GITBRIDGE_")
FOR_TESTS = ("GITBRIDGE_TEST_", "GITBRIDGE_BENCH_")

settings.register_profile("gitbridge", deadline=None, max_examples=60, print_blob=True)
settings.load_profile("gitbridge")


def pytest_configure(config: pytest.Config) -> None:
    """Name the marks that tie tests to the design documents."""
    config.addinivalue_line("markers", "control(id): proves that control of SECURITY.md")
    config.addinivalue_line("markers", "fault(number): brings about that row of FAULTS.md")


@pytest.fixture
def anyio_backend() -> str:
    """The one event loop there is."""
    return "asyncio"


@pytest.fixture
def clock() -> FakeClock:
    """Time that stands still until the test moves it."""
    return FakeClock()


@pytest.fixture(scope="session", autouse=True)
def network_guard() -> Iterator[NetworkGuard]:
    """Refuse the network for the whole session."""
    guard = NetworkGuard()
    with pytest.MonkeyPatch.context() as patch:
        guard.install(patch)
        yield guard


@pytest.fixture(autouse=True)
def _no_network(request: pytest.FixtureRequest, network_guard: NetworkGuard) -> Iterator[None]:
    """Refuse loopback too, unless the test is marked `network`."""
    network_guard.loopback = request.node.get_closest_marker("network") is not None
    yield
    network_guard.loopback = True


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test a state folder and a working folder of its own, and no configured key."""
    for name in list(os.environ):
        if name.startswith(OURS) and not name.startswith(FOR_TESTS):
            monkeypatch.delenv(name)
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.setenv("GITBRIDGE_HOME", str(folder))
    monkeypatch.chdir(work)
    return folder


@pytest.fixture(autouse=True)
def _loop_is_free(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail an asynchronous test in which our code blocks the loop."""
    if not inspect.iscoroutinefunction(getattr(request, "function", None)):
        yield
        return
    buster = BlockBuster(scanned_modules=["hub", "agents", "ui"])
    # The others replace methods of built-in types in memory, locks among them.
    watched = [f for name, f in buster.functions.items() if name.startswith(("time.", "socket."))]
    for function in watched:
        function.can_block_in("<frozen importlib._bootstrap>", "_find_and_load").activate()
    yield
    for function in watched:
        function.deactivate()

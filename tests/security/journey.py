"""One whole journey with a different random key in each place a key may come from."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.http import Connection
from tests.faults.server import reply
from tests.journeys.conftest import PRICES, Ended
from tests.loopback import LoopbackProvider
from tests.security.canary import canary, repeated
from tests.security.watching import Watched

ROOT = Path(__file__).parents[2]
PLACES = ("environment", "config.toml", ".env", "GitHub Actions", "keyring")
_MANY = """
import json, sys
from ui.main import main

ended = []
for words in json.load(sys.stdin):
    sys.argv = ["gitbridge", *words]
    ended.append(main())
    sys.stdout.flush()
print(json.dumps(ended), file=sys.stderr)
"""
"""Runs commands one after the other in one process: starting each takes a second."""
_CRASH = """
import asyncio, base64, logging, os, sys, threading
from ui.cli import doctor, providers
from ui.main import main

key = os.environ["OPENAI_API_KEY"]
said = f"{key} {key.encode().hex()} {base64.b64encode(key.encode())!r} {'|'.join(key)!r}"

def in_a_thread():
    raise RuntimeError(said.partition(" '")[0])

def crash(args):
    thread = threading.Thread(target=in_a_thread)
    thread.start()
    thread.join()
    logging.getLogger("a.library").error("sent %s", key)
    async def forgotten():
        asyncio.get_running_loop().create_task(failing())
        await asyncio.sleep(0)
    async def failing():
        raise OSError(key)
    asyncio.run(forgotten())
    raise RuntimeError(f"could not use {key}") from ValueError({"authorization": f"Bearer {key}"})

providers.run = crash
sys.argv = ["gitbridge", "providers"]
sys.exit(main())
"""


class Repeating(LoopbackProvider):
    """Repeats the key in all spellings while it rejects; looks at the machine at each request."""

    def __init__(self, look: Callable[[], object], **options: object) -> None:
        super().__init__(**options)  # type: ignore[arg-type]  # passed on
        self.rejecting = False
        self._xai = options.get("provider") == "xai"
        self._look = look

    async def answer(self, connection: Connection) -> None:
        """Answer, or reject and repeat."""
        self._look()
        if not self.rejecting:
            await super().answer(connection)
            return
        key = connection.seen.headers.get("authorization", "").removeprefix("Bearer ")
        said = repeated(key)
        body = (
            f'{{"code": "{key}", "error": "{said}"}}'
            if self._xai
            else f'{{"error": {{"message": "{said}", "code": "{key}", "param": "{key}"}}}}'
        )
        headers = {"x-request-id": key, "retry-after": key, "set-cookie": f"key={key}"}
        await reply(400 if self._xai else 401, headers, body.encode())(connection)


@dataclass
class Journey:
    """Where it went and what was seen on the way."""

    folder: Path
    keys: dict[str, str] = field(default_factory=lambda: {place: canary() for place in PLACES})
    ended: list[tuple[tuple[str, ...], Ended]] = field(default_factory=list)
    command_lines: set[bytes] = field(default_factory=set)
    """Of all processes of the machine, at each request."""
    on_the_way: list[tuple[str, bytes]] = field(default_factory=list)
    """Files of the journal while programs were using it, the write-ahead log among them."""
    modes: dict[str, int] = field(default_factory=dict)
    """Of those files."""
    dialled: set[str] = field(default_factory=set)
    """Addresses of the two servers."""
    sent: set[str] = field(default_factory=set)
    """Keys that the servers were sent."""
    watched: Watched = field(init=False)

    @property
    def home(self) -> Path:
        """State folder."""
        return self.folder / "home"

    @property
    def work(self) -> Path:
        """Working folder, with the `.env`."""
        return self.folder / "work"

    def look(self) -> None:
        """Remember every command line there is, and the journal as it lies there now."""
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                self.command_lines.add(path.read_bytes())
            except OSError:
                continue
        for path in self.home.glob("gitbridge.db*") if len(self.on_the_way) < 20 else ():
            with suppress(FileNotFoundError):  # its program ended just now
                self.modes[path.name] = stat.S_IMODE(path.stat().st_mode)
                self.on_the_way.append((path.name, path.read_bytes()))

    async def run(self, *words: str, status: int | None = 0, **more: str) -> Ended:
        """Run one command in the working folder."""
        ended = await self.watched.program(*words, **more)
        assert status is None or ended.status == status, (words, ended)
        self.ended.append((words, ended))
        return ended

    async def many(self, *commands: tuple[str, ...], **more: str) -> list[int]:
        """Run commands in one process; return their exit statuses."""
        ended = await self.python(_MANY, json.dumps(commands), **more)
        assert ended.status == 0, ended
        said, _, statuses = ended.err.rstrip().rpartition("\n")
        self.ended.append((("many",), Ended(0, ended.out, said)))
        return list(json.loads(statuses))

    async def python(self, code: str, stdin: str = "", **more: str) -> Ended:
        """Run code of ours in the program's environment."""
        given = self.watched.program.environment
        path = os.pathsep.join((str(ROOT), given["PYTHONPATH"]))
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", code,
            stdin=pipe, stdout=pipe, stderr=pipe, env={**given, **more, "PYTHONPATH": path},
        )  # fmt: skip
        out, err = await process.communicate(stdin.encode())
        return Ended(process.returncode or 0, out.decode(), err.decode())

    def settle(self, text: str) -> None:
        """Write `config.toml`, for its owner alone."""
        (self.home / "config.toml").write_text(PRICES + text)
        (self.home / "config.toml").chmod(0o600)


async def travel(folder: Path) -> Journey:
    """Go through everything once; return what was seen."""
    journey = Journey(folder)
    journey.work.mkdir()
    async with AsyncExitStack() as stack:
        openai = await stack.enter_async_context(Repeating(journey.look, vote="tabs"))
        xai = await stack.enter_async_context(
            Repeating(journey.look, provider="xai", vote="spaces")
        )
        kept = {n: os.environ[n] for n in ("PATH", "HOME", "LANG") if n in os.environ}
        environment = {
            **kept,
            "GITBRIDGE_HOME": str(journey.home),
            "OPENAI_BASE_URL": openai.url,
            "XAI_BASE_URL": xai.url,
        }
        journey.watched = Watched(folder / "site", environment, journey.keys["keyring"])
        journey.dialled = {server.origin.rpartition(":")[2] for server in (openai, xai)}
        before = Path.cwd()
        os.chdir(journey.work)
        try:
            await _all(journey, openai, xai)
        finally:
            os.chdir(before)
        for server in (openai, xai):
            headers = (seen.headers.get("authorization", "") for seen in server.seen)
            journey.sent |= {header.removeprefix("Bearer ") for header in headers}
    return journey


async def _all(journey: Journey, openai: Repeating, xai: Repeating) -> None:
    """Ask, look, export, fail and crash, with keys from the environment and config.toml."""
    key = {"OPENAI_API_KEY": journey.keys["environment"]}
    await journey.run("thread", "list", **key)
    journey.settle(f'\n[providers.xai]\nkey = "{journey.keys["config.toml"]}"\n')
    decided = await journey.run(
        "ask", "Tabs or spaces?", "--option", "tabs", "--option", "spaces", "--json", **key
    )
    turn = decided.json["routes"][0]["turn"]
    here = str(journey.work)
    looked = await journey.many(
        ("thread", "show", "last"),
        ("turn", "show", turn, "--json"),
        ("providers", "--json"),
        ("models",),
        ("config", "show"),
        ("usage", "--json"),
        ("doctor",),
        ("export", "last", "--format", "html", "-o", here),
        ("export", "last", "--format", "markdown", "-o", here),
        ("export", "last", "--format", "json", "-o", here),
        ("graph", "last", "--format", "svg", "-o", here),
        ("backup",),
        **key,
    )
    looked[6] = 0  # the embedded model may be missing here
    assert looked == [0] * 12
    openai.rejecting = xai.rejecting = True
    one = ("ask", "And now?", "--agent", "critic", "--model")
    refused = await journey.many(
        (*one, "openai"), (*one, "grok"), ("doctor",), ("thread", "show", "last", "--json"), **key
    )
    assert refused == [1, 1, 1, 0]
    await _crash(journey, key)
    await _other_places(journey, one)


async def _other_places(journey: Journey, one: tuple[str, ...]) -> None:
    """Be refused with the keys from `.env`, GitHub's variable and the keyring."""
    dotenv = journey.work / ".env"
    dotenv.write_text(f"OPENAI_API_KEY='{journey.keys['.env']}'\n")
    dotenv.chmod(0o600)
    await journey.run(*one, "openai", status=1)
    dotenv.unlink()
    github = {"GITHUB_OPENAI_API_KEY": journey.keys["GitHub Actions"]}
    await journey.run(*one, "openai", status=1, **github)
    journey.settle('\n[providers.openai]\nkey_store = "keyring"\n')
    assert await journey.many((*one, "openai"), ("doctor", "--repair")) == [1, 1]


async def _crash(journey: Journey, key: dict[str, str]) -> None:
    """Let a command fall over with the key in its hands, in its threads, tasks and logs too."""
    journey.ended.append((("crash",), await journey.python(_CRASH, **key)))

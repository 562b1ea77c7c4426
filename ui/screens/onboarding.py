"""The first run without a key: connect something, or begin with the embedded model; each is tried live."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual import work
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option
from typing_extensions import override

from hub.domain.text import one_line
from hub.errors import GitBridgeError
from ui.connecting import HOSTED, SERVER, Connector, has_keyring
from ui.format import duration
from ui.screens.dialog import Dialog

_WELCOME = (
    "Welcome to GitBridge. Agents answer each other in threads; a router picks the model for every "
    "turn and says why, and what a question may cost is said before you send it.\n\n"
    "No key was found yet. Nothing is sent anywhere until you connect something. Esc: later."
)
_EMBEDDED = "the embedded model on this machine: no key, no cost; a toy of 135 million parameters"
_ROOM = 56
"""Models of a server that are listed."""


class OnboardingScreen(Dialog[str]):
    """Answers `connected` once something was tried and kept, `embedded` for the embedded model."""

    DEFAULT_CSS = """
    OnboardingScreen > Vertical { width: 84; }
    OnboardingScreen .asks { text-style: none; }
    OnboardingScreen #step { height: auto; }
    OnboardingScreen #said.-bad { color: $tone-bad; }
    OnboardingScreen #said.-good { color: $tone-good; }
    """

    def __init__(self, connector: Connector, embedded: Callable[[], Awaitable[object]]) -> None:
        """Offer what there is.

        Args:
            connector: Tries and keeps.
            embedded: Has the embedded model answer once; raises what went wrong.
        """
        super().__init__(_WELCOME)
        self._connector = connector
        self._embedded = embedded
        self._provider = ""
        self._key = ""
        self._address = ""

    @override
    def content(self) -> list[Widget]:
        self.step = Vertical(id="step")
        self.said = Static(classes="note", markup=False, id="said")
        return [self.step, self.said]

    async def on_mount(self) -> None:
        """Ask what to connect."""
        await self._offer(
            *(
                Option(Content(f"an API key of {says}"), id=f"key {name}")
                for name, says in HOSTED.items()
            ),
            Option(
                Content("a server of your own: Ollama, LM Studio, vLLM, llama.cpp …"), id="server"
            ),
            Option(Content(_EMBEDDED), id="embedded"),
            Option(Content("nothing yet: look around"), id="later"),
        )

    async def _offer(self, *options: Option) -> None:
        await self.step.remove_children()
        chosen = OptionList(*options, markup=False)
        await self.step.mount(chosen)
        chosen.focus()

    async def _ask(self, prompt: str, *, value: str = "", hidden: bool = False) -> None:
        await self.step.remove_children()
        line = Input(value, placeholder=prompt, password=hidden)
        await self.step.mount(line)
        line.focus()

    def _say(self, text: str, kind: str = "") -> None:
        self.said.set_class(kind == "bad", "-bad")
        self.said.set_class(kind == "good", "-good")
        self.said.update(Content(one_line(text, 400)))

    async def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Go on with what was chosen."""
        event.stop()
        what, _, name = (event.option_id or "").partition(" ")
        match what:
            case "key":
                self._provider = name
                await self._ask(f"the key of {HOSTED[name]}; it is not shown", hidden=True)
            case "server":
                await self._ask("its address, as in http://127.0.0.1:11434/v1", value=SERVER)
            case "embedded":
                self._try_embedded()
            case "keep":
                self._keep_key(in_keyring=name == "keyring")
            case "model":
                self._keep_server(name)
            case _:
                _ = self.dismiss(None)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Try what was entered."""
        event.stop()
        text = event.value.strip()
        if text and self._provider:
            self._key = text
            event.input.clear()
            self._try_key()
        elif text:
            self._address = text
            self._try_server()

    # --- each is tried before it is kept --------------------------------------------------------

    @work(exclusive=True, exit_on_error=False)
    async def _try_key(self) -> None:
        self._say(f"asking {HOSTED[self._provider]}…")
        try:
            health = await self._connector.try_key(self._provider, self._key)
        except GitBridgeError as error:
            self._say(f"{error} Nothing was kept.", "bad")
            return
        if not health.ok:
            self._key = ""
            self._say(f"{health.error or 'It did not answer.'} Nothing was kept.", "bad")
            return
        self._say(f"it answered in {duration(health.latency_s)}; keep the key where?", "good")
        keyring = [Option(Content("in the keyring of your desktop"), id="keep keyring")]
        await self._offer(
            Option(Content("in config.toml, readable by you alone"), id="keep file"),
            *(keyring if has_keyring() else []),
        )

    def _keep_key(self, *, in_keyring: bool) -> None:
        try:
            where = self._connector.keep_key(self._provider, self._key, keyring=in_keyring)
        except GitBridgeError as error:
            self._say(str(error), "bad")
            return
        self._key = ""
        self._say(f"kept in {where}", "good")
        _ = self.dismiss("connected")

    @work(exclusive=True, exit_on_error=False)
    async def _try_server(self) -> None:
        self._say("asking the server which models it has…")
        try:
            health = await self._connector.try_server(self._address)
        except GitBridgeError as error:
            self._say(str(error), "bad")
            return
        if not health.ok:
            self._say(f"{health.error or 'It did not answer.'} Is it running?", "bad")
            return
        if not health.models:
            self._say("It answered, but it has no model: load one there first.", "bad")
            return
        self._say(f"it answered in {duration(health.latency_s)}; which model?", "good")
        await self._offer(
            *(
                Option(Content(one_line(name, 70)), id=f"model {name}")
                for name in health.models[:_ROOM]
            )
        )

    def _keep_server(self, model: str) -> None:
        try:
            where = self._connector.keep_server(self._address, model)
        except GitBridgeError as error:
            self._say(str(error), "bad")
            return
        self._say(f"kept in {where}", "good")
        _ = self.dismiss("connected")

    @work(exclusive=True, exit_on_error=False)
    async def _try_embedded(self) -> None:
        self._say("starting the embedded model and asking it one question…")
        try:
            await self._embedded()
        except GitBridgeError as error:
            self._say(str(error), "bad")
            return
        _ = self.dismiss("embedded")

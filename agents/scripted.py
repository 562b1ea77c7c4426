"""An agent that says what a script says: for tests, with the manners of a real one."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence

from agents.usage import estimated_tokens
from hub.domain.route import Health
from hub.domain.text import sanitize
from hub.domain.turn import FinishReason, Reply, View
from hub.domain.usage import Usage
from hub.errors import ProviderError, ProviderResponseError, SendOutcome
from hub.ports import Clock, OnDelta

Line = str | Reply | ProviderError
"""What to say: a text, a whole reply, or an error to raise."""
Script = Callable[[View], Line | Awaitable[Line]]
"""Decides what to say; waits, on a clock or an event, where it returns an awaitable."""


class ScriptedAgent:
    """Answers from a list of lines or from a function; keeps the views it was asked with."""

    def __init__(
        self,
        script: Script | Sequence[Line],
        clock: Clock,
        *,
        provider: str = "scripted",
        models: tuple[str, ...] = ("scripted",),
        healthy: bool = True,
    ) -> None:
        """Say nothing yet.

        Args:
            script: A function of the view, or lines to say in order, of which the last repeats.
            clock: Times the replies.
            provider: Its name.
            models: What it lists as served.
            healthy: What `health` says.
        """
        self.asked: list[View] = []
        """Views in the order they came."""
        self.closed = False
        self._script = script if callable(script) else _in_order(script)
        self._clock = clock
        self._provider = provider
        self._models = models
        self._healthy = healthy

    async def reply(self, view: View, on_delta: OnDelta) -> Reply:
        """Say the next line, word by word.

        Raises:
            ProviderError: The line is one, or it is empty.
        """
        self.asked.append(view)
        began = self._clock.monotonic()
        line = self._script(view)
        if isinstance(line, Awaitable):
            line = await line
        if isinstance(line, ProviderError):
            if line.partial:
                on_delta(line.partial)
            raise line
        text = sanitize(line if isinstance(line, str) else line.text)
        if not text.strip():
            raise ProviderResponseError(
                f"{self._provider} gave an empty answer; check the script.",
                provider=self._provider,
                outcome=SendOutcome.UNKNOWN,
            )
        for word in re.findall(r"\s*\S+|\s+", text):
            on_delta(word)
        return line if isinstance(line, Reply) else self._counted(view, text, began)

    async def health(
        self,
        *,
        timeout_s: float = 5.0,  # noqa: ARG002  answers at once
        model: str | None = None,
        retries: int = 0,  # noqa: ARG002  and always the same
    ) -> Health:
        """Say what it was told to."""
        if model is not None and model not in self._models:
            return Health(self._provider, ok=False, error=f"{self._provider} has no {model}.")
        error = "" if self._healthy else f"{self._provider} is switched off."
        down = not self._healthy
        return Health(self._provider, self._healthy, 0.0, error, self._models, down=down)

    async def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True

    def _counted(self, view: View, text: str, began: float) -> Reply:
        latency_s = self._clock.monotonic() - began
        return Reply(
            text=text,
            model=view.model or self._models[0],
            usage=Usage(view.prompt_tokens, estimated_tokens(text)),
            finish=FinishReason.STOP,
            latency_s=latency_s,
            first_token_s=latency_s,
        )


def _in_order(lines: Sequence[Line]) -> Script:
    left = list(lines)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]

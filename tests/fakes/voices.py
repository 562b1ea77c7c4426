"""Scripted providers: a script that the test changes as it goes, and what agents may say."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from agents.scripted import Line, ScriptedAgent
from hub.domain.turn import Reply, View
from hub.errors import ProviderConnectionError, ProviderError, SendOutcome
from hub.ports import OnDelta
from tests.fakes.clock import FakeClock

MODELS = {"openai": "gpt-4o", "grok": "grok-4.3"}
_LABEL = re.compile(r"^([A-Z]):\s", re.MULTILINE)


class Voice(ScriptedAgent):
    """A scripted provider whose script the test changes as it goes, and that can be held up."""

    def __init__(self, provider: str, clock: FakeClock) -> None:
        super().__init__(self._next, clock, provider=provider, models=(MODELS[provider],))
        self.script: Callable[[View], Line | Awaitable[Line]] = said
        self.gate = asyncio.Event()
        """Closed by `hold`: answers wait until `open`."""
        self.gate.set()
        self.running = 0
        self._whole: Reply | None = None
        self.peak = 0
        """Most calls under way at once."""

    def says(self, *lines: Line) -> None:
        """Say these in order, of which the last repeats."""
        left = list(lines)
        self.script = lambda _: left.pop(0) if len(left) > 1 else left[0]

    def replies(self, reply: Reply) -> None:
        """Return this reply, even one that a script may not hold (no text)."""
        self._whole = reply

    async def reply(self, view: View, on_delta: OnDelta) -> Reply:
        """Say the next line, or return the whole reply that was set."""
        if self._whole is None:
            return await super().reply(view, on_delta)
        self.asked.append(view)
        return self._whole

    def hold(self) -> None:
        """Let nobody be answered until `release`."""
        self.gate.clear()

    def release(self) -> None:
        """Answer again."""
        self.gate.set()

    async def _next(self, view: View) -> Line:
        self.running += 1
        self.peak = max(self.peak, self.running)
        try:
            await self.gate.wait()
            line = self.script(view)
            return await line if isinstance(line, Awaitable) else line
        finally:
            self.running -= 1


class Streaming(Voice):
    """A provider that shows a text and then waits for ever."""

    def __init__(self, provider: str, clock: FakeClock, shown: str) -> None:
        super().__init__(provider, clock)
        self._shown = shown

    async def reply(self, view: View, on_delta: OnDelta) -> Any:
        """Show the text, then wait."""
        self.asked.append(view)
        on_delta(self._shown)
        await asyncio.get_running_loop().create_future()


def said(view: View) -> str:
    """Answer as the persona, for whatever purpose: a vote goes to the first label."""
    if view.schema is None:
        return f"{view.persona.name} says so."
    return alone(view) or ballot("A")


def alone(view: View) -> str:
    """Return what a judge says who finds that all drafts differ; empty where no judge is asked."""
    return '{"groups": []}' if judges(view) else ""


def judges(view: View) -> bool:
    """Tell whether a view asks which drafts are the same."""
    return "groups" in _properties(view)


def votes(view: View) -> bool:
    """Tell whether a view asks for a ballot."""
    return view.schema is not None and not judges(view)


def _properties(view: View) -> Mapping[str, Any]:
    found: Any = (view.schema or {}).get("properties", {})
    return found  # type: ignore[no-any-return]  # a JSON object


def ballot(choice: str, reason: str = "It is simpler.", confidence: float = 0.8) -> str:
    """Return a valid ballot for a label."""
    return json.dumps(
        {
            "choice": choice,
            "confidence": confidence,
            "reason": reason,
            "would_change_my_mind": "A benchmark.",
        }
    )


def listing(view: View, *options: str, reason: str = "It is simpler.") -> str:
    """Return a ballot that ranks or approves options by their text, the best first."""
    form = next(name for name in ("ranking", "approvals") if name in _properties(view))
    return json.dumps(
        {
            form: [label_of(view, option) for option in options],
            "confidence": 0.8,
            "reason": reason,
            "would_change_my_mind": "A benchmark.",
        }
    )


def label_of(view: View, option: str) -> str:
    """Return the label under which a voter was shown an option."""
    shown = next(p.text for p in reversed(view.parts) if _LABEL.search(p.text))
    pieces = _LABEL.split(shown)[1:]
    return next(label for label, text in zip(*[iter(pieces)] * 2, strict=True) if option in text)


def voting(votes: Mapping[str, str] | Sequence[Mapping[str, str]]) -> Callable[[View], Line]:
    """Return a script in which each agent votes for an option by its text, by round."""
    rounds = [votes] if isinstance(votes, Mapping) else list(votes)
    cast: dict[str, int] = {}

    def say(view: View) -> Line:
        name = view.persona.name
        if view.schema is None:
            return f"{name} thinks about it ({view.purpose})."
        if judged := alone(view):
            return judged
        number = cast[name] = cast.get(name, 0) + 1
        wanted = rounds[min(number, len(rounds)) - 1][name]
        return ballot(label_of(view, wanted), f"{name} prefers {wanted}.")

    return say


def failure(
    outcome: SendOutcome = SendOutcome.NOT_SENT,
    kind: type[ProviderError] = ProviderConnectionError,
    **facts: Any,
) -> ProviderError:
    """Return an error of a provider."""
    return kind(f"It failed ({outcome}).", provider="openai", outcome=outcome, **facts)

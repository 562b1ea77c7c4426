"""A provider without a network: says what it was told to, and votes for what it was told to."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hub.domain.route import Health
from hub.domain.turn import FinishReason, Purpose, Reply, View
from hub.domain.usage import Usage

OnDelta = Callable[[str], None]


@dataclass
class CannedAgent:
    """Implements `hub.ports.Agent`."""

    name: str = "openai"
    votes: Mapping[str, str] = field(default_factory=dict)
    """Agent -> text of the option it votes for; the others abstain."""
    says: str = "I am {agent}, and this is my {purpose}."
    before_reply: Callable[[View], object] = lambda _: None
    """Called with each view; may raise."""
    seen: list[View] = field(default_factory=list)

    async def reply(self, view: View, on_delta: OnDelta) -> Reply:
        self.seen.append(view)
        self.before_reply(view)
        if view.purpose is Purpose.BALLOT:
            text = self._ballot(view)
        else:
            text = self.says.format(agent=view.persona.name, purpose=view.purpose.value)
        for word in re.findall(r"\S+\s*", text):
            on_delta(word)
        return Reply(
            text=text,
            model=view.model,
            usage=Usage(prompt_tokens=100, completion_tokens=10),
            finish=FinishReason.STOP,
            latency_s=0.5,
            first_token_s=0.1,
        )

    def _ballot(self, view: View) -> str:
        wanted = self.votes.get(view.persona.name)
        labels = re.findall(r"^([A-Z]+): (.*)$", view.parts[-1].text, re.MULTILINE)
        choice = next((label for label, text in labels if text == wanted), "abstain")
        schema = view.schema or {}
        said: dict[str, object] = {"choice": choice}
        if "groups" in schema["properties"]:  # type: ignore[operator]  # a JSON object
            return '{"groups": []}'
        if "ranking" in schema["properties"]:  # type: ignore[operator]
            said = {"ranking": [choice, *(label for label, _ in labels if label != choice)]}
        ballot = {**said, "confidence": 0.8, "reason": f"It suits {view.persona.name}."}
        return json.dumps({**ballot, "would_change_my_mind": "A better one."})

    async def health(
        self, *, timeout_s: float = 5.0, model: str | None = None, retries: int = 0
    ) -> Health:
        return Health(self.name, ok=True, latency_s=0.1, models=("gpt-4o",))

    async def close(self) -> None:
        """Nothing is open."""

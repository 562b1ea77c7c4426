"""A well-behaved provider on loopback for whole journeys, in OpenAI's or xAI's manner.

In a test::

    async with LoopbackProvider(vote="tabs") as provider:
        ...OPENAI_BASE_URL = provider.url; assert provider.questions == 3

In a shell: `python -m tests.loopback --port 0 --vote tabs` prints the base URL and serves until
it is stopped. It answers any chat completion and any response, keeps to a JSON schema, counts exactly what it says
it counts, and plays faults (`tests.faults.server`) where told to.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
from collections.abc import Callable, Mapping

from tests.faults.http import Answer, Connection, HttpServer, Json
from tests.faults.server import reply, stall, stream
from tests.shapes import (
    chat_events,
    chat_whole,
    responses_events,
    responses_usage,
    responses_whole,
)

MODELS = {
    "openai": ("gpt-4o", "gpt-4o-mini", "gpt-5-mini"),
    "xai": ("grok-3-mini", "grok-4.3"),
}
PRICED = [
    {
        "id": "grok-4.3",
        "prompt_text_token_price": 12_500,
        "cached_prompt_text_token_price": 2_000,
        "completion_text_token_price": 25_000,
        "aliases": ["grok-4.3-latest"],
    },
    {"id": "grok-secret", "prompt_text_token_price": 1},
]
"""What xAI's own list says, in cents per 100 million tokens; the second price is incomplete."""
_ANSWERING = ("/chat/completions", "/responses")
Say = Callable[[Json], str | None]
"""Answers a request's body in a test's own words; None leaves the answer to the provider."""


def tokens(text: str) -> int:
    """Count as this provider does: words."""
    return len(text.split())


class LoopbackProvider(HttpServer):
    """Answers every request sensibly; `seen` keeps them all."""

    def __init__(
        self,
        *,
        provider: str = "openai",
        vote: str | Mapping[str, str] | None = None,
        say: Say | None = None,
        key: str | None = None,
        fail: str | None = None,
        port: int = 0,
    ) -> None:
        """Say nothing yet.

        Args:
            provider: `openai` or `xai`: shapes of errors, models and usage.
            vote: Text or label of the option to choose, for all or by agent's name.
            say: Answers in other words.
            key: The one key that is accepted; None: any, and none.
            fail: 500, 429, 401, `quota`, `garbage` or `hang`, for every answer.
            port: 0: any free one.
        """
        super().__init__(port=port)
        self._provider = provider
        self._vote = vote
        self._say = say
        self._key = key
        self._script: list[Answer] = []
        self._fault = _fault(fail, provider) if fail else None

    @property
    def questions(self) -> int:
        """Answers asked for so far, by either protocol."""
        return len(self.asked)

    @property
    def asked(self) -> list[Json]:
        """Bodies of the requests for answers, in order."""
        return [json.loads(s.body) for s in self.seen if s.path.endswith(_ANSWERING)]

    def script(self, *answers: Answer) -> None:
        """Play these words of `tests.faults.server` next, one an answer."""
        self._script += answers

    async def answer(self, connection: Connection) -> None:
        """Answer one request."""
        seen = connection.seen
        given = seen.headers.get("authorization", "").removeprefix("Bearer ")
        if self._key is not None and given != self._key:
            await _fault("401", self._provider)(connection)
        elif seen.path == "/v1/models":
            models = [{"id": name, "object": "model"} for name in MODELS[self._provider]]
            await reply(200, {}, {"object": "list", "data": models})(connection)
        elif seen.path == "/v1/api-key" and self._provider == "xai":
            await reply(200, {}, {"team_blocked": False, "acls": []})(connection)
        elif seen.path == "/v1/language-models" and self._provider == "xai":
            await reply(200, {}, {"models": PRICED})(connection)
        elif not seen.path.endswith(_ANSWERING):
            await reply(404, {}, {"error": {"message": "Not found"}})(connection)
        elif self._script:
            await self._script.pop(0)(connection)
        elif self._fault is not None:
            await self._fault(connection)
        else:
            await self._complete(connection, json.loads(seen.body))

    async def _complete(self, connection: Connection, body: Json) -> None:
        if "input" in body:
            await self._respond(connection, body)
            return
        text = (self._say(body) if self._say else None) or self._text(body)
        counted = self._usage(body, text)
        headers = {"x-request-id": f"req_loopback_{self.count}"}
        if body.get("stream"):
            wanted = (body.get("stream_options") or {}).get("include_usage")
            events = chat_events(body["model"], text, counted if wanted else None)
            await stream(*events, headers=headers)(connection)
        else:
            await reply(200, headers, chat_whole(body["model"], text, counted))(connection)

    async def _respond(self, connection: Connection, body: Json) -> None:
        """Answer by the Responses protocol, as the same chat completion would be answered."""
        shape = (body.get("text") or {}).get("format")
        chat = {"messages": body["input"]} | (
            {"response_format": {"json_schema": shape}} if shape else {}
        )
        text = (self._say(chat) if self._say else None) or self._text(chat)
        counted = responses_usage(self._usage(chat, text))
        headers = {"x-request-id": f"req_loopback_{self.count}"}
        if body.get("stream"):
            events = responses_events(body["model"], text, counted)
            await stream(*events, headers=headers)(connection)
        else:
            await reply(200, headers, responses_whole(body["model"], text, counted))(connection)

    def _text(self, body: Json) -> str:
        name = agent_of(body)
        schema = (body.get("response_format") or {}).get("json_schema")
        if schema is not None:
            return json.dumps(valid(schema["schema"], self._choice(body, name), name))
        words = body["messages"][-1]["content"].split()
        return f"{name} says: to “{' '.join(words[:12])}” the answer is to keep it simple."

    def _choice(self, body: Json, name: str) -> str:
        """Return the label of the option to vote for, or the text itself."""
        vote = self._vote.get(name, "") if isinstance(self._vote, Mapping) else self._vote or ""
        shown = body["messages"][-1]["content"]
        options = re.findall(r"^([A-Z]{1,2})[:.)] (.+)$", shown, re.MULTILINE)
        return next((label for label, text in options if text.strip() == vote), vote)

    def _usage(self, body: Json, text: str) -> Json:
        """Count; xAI's total has its reasoning beside the completion, and a price in ticks."""
        prompt = sum(tokens(m["content"]) for m in body["messages"])
        answer = tokens(text)
        counted = {
            "prompt_tokens": prompt,
            "completion_tokens": answer,
            "total_tokens": prompt + answer,
            "prompt_tokens_details": {"cached_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0},
        }
        if self._provider == "xai":
            counted["completion_tokens_details"] = {"reasoning_tokens": 7}
            counted["total_tokens"] = prompt + answer + 7
            counted["cost_in_usd_ticks"] = 10_000 * (prompt + answer + 7)
        return counted


def agent_of(body: Json) -> str:
    """Return the agent's name, as its system message has it."""
    system = next((m["content"] for m in body["messages"] if m["role"] == "system"), "")
    found = re.search(r"You are ([^,.\n]+)", system)
    return found[1] if found else "somebody"


def valid(schema: Json, choice: str, name: str) -> object:
    """Return a value that a JSON schema allows; the choice wherever it may stand."""
    if "enum" in schema:
        return choice if choice in schema["enum"] else schema["enum"][0]
    if "anyOf" in schema:
        return valid(schema["anyOf"][0], choice, name)
    low, high = schema.get("minimum", 0), schema.get("maximum", 1)
    make = {
        "object": lambda: {
            key: valid(inner, choice, name) for key, inner in schema.get("properties", {}).items()
        },
        "array": lambda: _items(schema, choice, name),
        "string": lambda: f"{name} finds this the simplest."[: schema.get("maxLength", 400)],
        "integer": lambda: high,
        "number": lambda: low + (high - low) * 0.8,
        "boolean": lambda: False,
    }
    kind = schema.get("type")
    return make.get(kind[0] if isinstance(kind, list) else kind, lambda: None)()


def _items(schema: Json, choice: str, name: str) -> list[object]:
    inner = schema.get("items", {})
    if "enum" in inner:
        others = [value for value in inner["enum"] if value != choice]
        ranked = ([choice] if choice in inner["enum"] else []) + others
        return ranked[: schema.get("maxItems", len(ranked))]
    return [valid(inner, choice, name) for _ in range(schema.get("minItems", 1))]


def _fault(name: str, provider: str) -> Answer:
    """Return a fault by its short name, in the provider's own shape."""
    xai = provider == "xai"

    def error(message: str, code: str) -> Json:
        return (
            {"code": code, "error": message}
            if xai
            else {"error": {"message": message, "code": code}}
        )

    wrong_key = error("Incorrect API key provided.", "invalid_api_key")
    no_money = error("Your team has used all available credits.", "insufficient_quota")
    too_many = error("Rate limit reached", "rate_limit_exceeded")
    return {
        "500": reply(500, {"content-type": "text/html"}, "<html>Internal error</html>"),
        "429": reply(429, {"retry-after": "30"}, too_many),
        "401": reply(400 if xai else 401, {}, wrong_key),
        "quota": reply(429, {}, no_money),
        "garbage": reply(200, {}, "<<< this is no JSON >>>"),
        "hang": stall(),
    }[name]


async def _serve(arguments: argparse.Namespace) -> None:
    provider = LoopbackProvider(
        provider=arguments.provider,
        vote=arguments.vote,
        key=arguments.key,
        fail=arguments.fail,
        port=arguments.port,
    )
    async with provider:
        print(provider.url, flush=True)  # noqa: T201  the shell that started it reads this
        await asyncio.Event().wait()


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(prog="python -m tests.loopback")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--provider", choices=("openai", "xai"), default="openai")
    parser.add_argument("--vote")
    parser.add_argument("--key", help="the one key that is accepted")
    parser.add_argument("--fail", choices=("500", "429", "401", "quota", "garbage", "hang"))
    try:
        asyncio.run(_serve(parser.parse_args()))
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()

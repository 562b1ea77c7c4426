"""One provider's client: one call, one reply or one error, by whichever protocol the model is served."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass, field, replace
from typing import NamedTuple

from agents.answer import Answer
from agents.capabilities import ApiName, Capabilities, capabilities_of
from agents.chat import ChatAnswer, chat_request
from agents.classify import useless_answer
from agents.errors import class_for
from agents.failure import FailedCallError, Failure
from agents.limits import rate_limits
from agents.ping import Ping
from agents.reading import AnswerReader
from agents.request import Asking, Refusals, unused_temperature
from agents.responses import ResponsesAnswer, responses_request
from agents.retry_statistics import RetryStatistics
from agents.trace import Trace
from agents.usage import read_usage
from agents.wire import Endpoint, Exchange, Wire
from hub.domain.limits import RateLimits
from hub.domain.route import Health
from hub.domain.turn import FinishReason, Reply, View
from hub.errors import (
    ContentFilterError,
    ModelError,
    ProviderError,
    SendOutcome,
)
from hub.ports import Clock, OnDelta

_DATED = re.compile(r"-(\d{4}-\d{2}-\d{2}|\d{4}|latest)$")


class _Protocol(NamedTuple):
    """Where requests go, how they are written, and what reads the answer."""

    path: str
    write: Callable[[Asking], dict[str, object]]
    answer: Callable[[], Answer]


_PROTOCOLS = {
    ApiName.CHAT: _Protocol("/chat/completions", chat_request, ChatAnswer),
    ApiName.RESPONSES: _Protocol("/responses", responses_request, ResponsesAnswer),
}


@dataclass(slots=True)
class _Call:
    """One call while it runs."""

    view: View
    able: Capabilities
    on_delta: OnDelta
    started: float
    notes: list[str]
    protocol: _Protocol
    answer: Answer = field(default_factory=ChatAnswer)
    tries: int = 0
    first_token_s: float | None = None
    limits: RateLimits | None = None
    request_id: str | None = None

    @property
    def visible(self) -> bool:
        """True once the person has seen text of it."""
        return self.first_token_s is not None


class ProviderAgent:
    """Any provider that speaks OpenAI's protocols; implements `hub.ports.Agent`."""

    def __init__(
        self,
        endpoint: Endpoint,
        clock: Clock,
        *,
        temperature: float,
        trace: Trace | None = None,
        connect: Callable[[Endpoint, Clock], Wire] | None = None,
    ) -> None:
        """Connect to nothing yet.

        Args:
            endpoint: Where the provider is.
            clock: Time.
            temperature: For views that have none.
            trace: Takes a line for each call.
            connect: Opens the transport at the first call; None: HTTP.
        """
        self._endpoint = endpoint
        self._clock = clock
        self._temperature = temperature
        self._trace = trace
        self._connect = connect
        self._open: Wire | None = None
        self._refusals: dict[str, Refusals] = {}

    async def reply(self, view: View, on_delta: OnDelta) -> Reply:
        """Make one call and return its cleaned, counted answer.

        Raises:
            ProviderError: The provider's own subclass; an empty answer is one too.
        """
        call = self._begin(view, on_delta)
        refusals = self._refusals.setdefault(view.model, Refusals())
        if not view.model:
            raise self._error(call, self._no_model())
        while True:
            body = self._body(call, refusals)
            try:
                return await self._once(call, body)
            except FailedCallError as error:
                call.tries += error.tries
                note = refusals.learn(error.failure.parameter, body)
                if note is None or call.visible:
                    raise self._error(call, error) from error
                call.notes.append(note)
                self._tell("learned", model=view.model, note=note)

    async def health(
        self, *, timeout_s: float = 5.0, model: str | None = None, retries: int = 0
    ) -> Health:
        """Ping by free questions alone; a failure is reported, not raised."""
        wire = await self._wire()
        return await Ping(self._endpoint, wire, self._clock, timeout_s, retries).run(model)

    async def ask_free(self, path: str, *, timeout_s: float) -> bytes:
        """Return the body of a question that costs nothing.

        Raises:
            ProviderError: The provider's own subclass.
        """
        try:
            return await (await self._wire()).get(path, timeout_s=timeout_s)
        except FailedCallError as error:
            raise self._raised(error) from error

    async def close(self) -> None:
        """Close all connections."""
        wire, self._open = self._open, None
        if wire is not None:
            self._tell("closed", **wire.statistics.as_facts())
            await wire.close()

    @property
    def retries(self) -> RetryStatistics | None:
        """What repeats came to since the connections were opened; None before that."""
        return self._open.statistics if self._open else None

    async def _wire(self) -> Wire:
        """Return the transport; the first call loads it, in a thread, for it takes a while."""
        if self._connect is None:
            self._connect = await asyncio.to_thread(_http)
        if self._open is None:
            self._open = self._connect(self._endpoint, self._clock)
            key = self._endpoint.key_source or "none"
            self._tell("opened", address=self._endpoint.base_url, key_from=key)
        return self._open

    def _tell(self, event: str, **facts: object) -> None:
        if self._trace is not None:
            self._trace.tell(event, **facts)

    def _begin(self, view: View, on_delta: OnDelta) -> _Call:
        """Decide by which protocol and with which parameters the model is asked."""
        endpoint = self._endpoint
        able = capabilities_of(endpoint.kind, view.model).thinking(endpoint.effort)
        api = ApiName(endpoint.api) if endpoint.api else able.api
        unused = unused_temperature(view, able)
        notes = [unused] if unused else []
        return _Call(view, able, on_delta, self._clock.monotonic(), notes, _PROTOCOLS[api])

    def _body(self, call: _Call, refusals: Refusals) -> dict[str, object]:
        """Write the request, less what the server refused before."""
        refused, stream = frozenset(refusals.learned), self._endpoint.stream
        asking = Asking(call.view, call.able, refused, self._temperature, stream)
        return call.protocol.write(asking)

    async def _once(self, call: _Call, body: Mapping[str, object]) -> Reply:
        """Send one request and read its answer to the end."""
        deadlines = call.able.deadlines
        if call.view.timeout_s is not None:
            deadlines = replace(deadlines, total_s=call.view.timeout_s)
        wire = await self._wire()
        async with wire.post(call.protocol.path, body, deadlines) as exchange:
            call.request_id = exchange.request_id

            def on_text(text: str) -> None:
                if call.first_token_s is None:
                    call.first_token_s = self._clock.monotonic() - call.started
                call.on_delta(wire.hide(text))

            call.answer, now = call.protocol.answer(), self._clock.now()
            call.limits = rate_limits(exchange.headers, self._endpoint.kind, now)
            await AnswerReader(self._endpoint, call.answer, exchange, on_text, now).read()
            return self._reply(call, exchange, wire.hide)

    def _reply(self, call: _Call, exchange: Exchange, hide: Callable[[str], str]) -> Reply:
        """Return the finished answer; an empty one is an error."""
        answer = call.answer
        if not answer.text.strip() and not answer.tools:
            raise self._empty(call)
        asked = call.view.model
        served = hide(answer.model) or asked
        if served != asked and _DATED.sub("", served) != asked:
            call.notes.append(f"{asked} was served as {served}")
        if answer.tools:
            call.notes.append("the model called a tool, which agents here do not offer")
        usage = read_usage(answer.usage, prompt_tokens=call.view.prompt_tokens, text=answer.text)
        reply = Reply(
            text=hide(answer.text),  # a key cut across pieces is whole only here
            model=served,
            usage=usage,
            finish=answer.finish,
            latency_s=self._clock.monotonic() - call.started,
            first_token_s=call.first_token_s,
            request_id=exchange.request_id,
            tries=call.tries + exchange.tries,
            declined=exchange.declined,
            limits=call.limits,
            tool_calls=answer.tools,
            notes=tuple(call.notes),
        )
        self._tell(
            "answered",
            model=asked,
            served=served,
            tries=reply.tries,
            seconds=reply.latency_s,
            tokens=f"{usage.prompt_tokens}+{usage.completion_tokens}",
            request_id=reply.request_id,
        )
        return reply

    def _empty(self, call: _Call) -> FailedCallError:
        """Return the error that an answer without any text is."""
        finish = call.answer.finish
        if finish is FinishReason.FILTER:
            happened, advice = "refused for the content", "rephrase the question"
            return useless_answer(self._endpoint, happened, advice, ContentFilterError)
        if finish is FinishReason.LENGTH:
            happened = f"used up its {call.view.max_output} tokens of output without an answer"
            return useless_answer(self._endpoint, happened, "allow more, or use another model")
        return useless_answer(self._endpoint, "gave an empty answer")

    def _no_model(self) -> FailedCallError:
        sentence = f"No model is named for {self._endpoint.title}; name one in config.toml."
        return FailedCallError(Failure(ModelError, sentence, SendOutcome.NOT_SENT))

    def _error(self, call: _Call, error: FailedCallError) -> ProviderError:
        """Return the failure as this provider's class of error, with all that is known."""
        raised = self._raised(error)
        raised.request_id = raised.request_id or call.request_id
        raised.visible = call.visible
        raised.partial = self._open.hide(call.answer.text) if self._open else call.answer.text
        raised.tries = max(call.tries, 1)
        limits = error.failure.limits or call.limits
        raised.limits = astuple(limits) if limits else None
        if call.answer.usage:
            text = call.answer.text
            usage = read_usage(call.answer.usage, prompt_tokens=call.view.prompt_tokens, text=text)
            raised.spent = astuple(usage)
        self._tell(
            "failed",
            model=call.view.model,
            error=type(raised).__name__,
            status=raised.status,
            outcome=raised.outcome.value,
            retry_may_help=raised.retry_may_help,
            tries=raised.tries,
            seconds=self._clock.monotonic() - call.started,
            request_id=raised.request_id,
            said=str(raised),
        )
        return raised

    def _raised(self, error: FailedCallError) -> ProviderError:
        failure = error.failure
        return class_for(self._endpoint.kind, failure.kind)(
            self._open.hide(failure.sentence) if self._open else failure.sentence,
            provider=self._endpoint.name,
            outcome=failure.outcome,
            status=failure.status,
            request_id=failure.request_id,
            retry_after_s=failure.retry_after_s,
        )


def _http() -> Callable[[Endpoint, Clock], Wire]:
    from agents.transport import Transport

    return Transport

"""Asks a provider whether it would answer, by questions that cost nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from urllib.parse import quote

from agents.decode import parse_json
from agents.failure import LONGEST_WAIT_S, FailedCallError, Failure
from agents.listing import key_trouble, model_names
from agents.wire import Endpoint, Wire
from hub.domain.agent import ProviderKind
from hub.domain.route import Health
from hub.domain.text import one_line
from hub.errors import (
    AuthenticationError,
    ModelError,
    ProviderConnectionError,
    ProviderError,
    ProviderResponseError,
    ProviderTimeoutError,
    RateLimitError,
    SendOutcome,
)
from hub.ports import Clock

_NOT_FOUND = 404
_SERVER_ERROR = 500


_PASSING = (
    ProviderConnectionError,
    ProviderTimeoutError,
    ProviderResponseError,
    RateLimitError,
)


def _may_pass(error: BaseException) -> bool:
    """Tell whether a free question is worth another try, soon."""
    if not isinstance(error, FailedCallError) or not issubclass(error.failure.kind, _PASSING):
        return False
    return (error.failure.retry_after_s or 0.0) <= LONGEST_WAIT_S


def _is_down(failure: Failure) -> bool:
    """Tell whether a call would fail too; a server may well have no list of models."""
    unreached = issubclass(failure.kind, ProviderConnectionError | ProviderTimeoutError)
    return unreached or (failure.status or 0) >= _SERVER_ERROR


@dataclass(slots=True)
class Ping:
    """One ping: the key's state where the provider says it, the model list, one model."""

    endpoint: Endpoint
    wire: Wire
    clock: Clock
    timeout_s: float
    retries: int
    tries: int = 0
    """Of the question that took most."""
    latency_s: float = 0.0
    """Seconds of the newest try; waits between tries are none of the provider's."""

    async def run(self, model: str | None) -> Health:
        """Ask; the latency is that of the model list, the question every provider answers."""
        try:
            if self.endpoint.kind is ProviderKind.GROK:
                await self._check_key()
            models = model_names(parse_json(await self._get("/models")))
            latency_s = self.latency_s
            if models is None:
                raise self._wrong("answers with something that is no list of models")
            if model is not None and model not in models:
                await self._check_model(model)
        except FailedCallError as error:
            return Health(
                self.endpoint.name,
                ok=False,
                error=self.wire.hide(error.failure.sentence),
                tries=max(self.tries, 1),
                trouble=error.failure.kind.word,
                down=_is_down(error.failure),
            )
        return Health(self.endpoint.name, True, latency_s, models=models, tries=self.tries)

    async def _check_key(self) -> None:
        """Ask xAI what it thinks of the key; servers in its place that cannot say are let off."""
        try:
            trouble = key_trouble(parse_json(await self._get("/api-key")))
        except FailedCallError as error:
            if error.failure.status != _NOT_FOUND:
                raise
            return
        if trouble is not None:
            source = self.endpoint.key_source or "config.toml"
            raise self._wrong(f"{trouble}; check the key from {source}", AuthenticationError)

    async def _check_model(self, model: str) -> None:
        """Ask for one model: lists leave out the names that stand for others."""
        try:
            await self._get(f"/models/{quote(model, safe='/:', errors='replace')}")
        except FailedCallError as error:
            if error.failure.kind is not ModelError:
                raise
            sentence = f"does not serve {one_line(model)} to this key; see `gitbridge models`"
            raise self._wrong(sentence, ModelError) from error

    async def _get(self, path: str) -> bytes:
        """Ask, and repeat whatever a repeat may help: the question is free."""
        from agents.retry import retry_with_backoff

        answer = b""
        loop = retry_with_backoff(
            self.retries, clock=self.clock, worth=_may_pass, patience_s=math.inf
        )
        async for attempt in loop:
            with attempt:
                self.tries = max(self.tries, attempt.retry_state.attempt_number)
                began = self.clock.monotonic()
                answer = await self.wire.get(path, timeout_s=self.timeout_s)
                self.latency_s = self.clock.monotonic() - began
        return answer

    def _wrong(
        self, happened: str, kind: type[ProviderError] = ProviderResponseError
    ) -> FailedCallError:
        sentence = f"{self.endpoint.title} {happened}."
        return FailedCallError(Failure(kind, sentence, SendOutcome.REJECTED))

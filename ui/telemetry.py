"""Tells an OpenTelemetry collector of each turn and call, where `[network] otlp` names one.

An optional extra: nothing of it is loaded, and nobody is told anything, without that setting. Texts
are never told, keys cannot be.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, cast

from typing_extensions import override

from hub.bus import Bus
from hub.config import Settings
from hub.domain.event import TurnChanged, UsageRecorded
from hub.domain.query import RouteOf, TurnRecordByRef
from hub.domain.text import one_line
from hub.domain.turn import Turn
from hub.errors import ConfigError, GitBridgeError
from hub.exports.spans import Span, turn_span
from hub.log_file import LogFile
from hub.ports import Store

PATIENCE_S = 3.0
"""Seconds that a collector gets to answer; what it does not take is dropped."""
_MISSING = (
    "`otlp` is set under [network] in config.toml, and OpenTelemetry is not installed here: "
    "`make otel` or `pip install 'gitbridge-hub[otel]'` brings it, or take the setting out."
)


class Telemetry:
    """Follows the bus and tells of turns as they end."""

    def __init__(self, bus: Bus, store: Store, settings: Settings, version: str) -> None:
        """Listen from now on.

        Args:
            bus: What happened.
            store: Where the whole of a turn is read.
            settings: With the collector's address.
            version: Of this program.

        Raises:
            ConfigError: OpenTelemetry is not installed.
        """
        self._store = store
        self._costs: dict[str, int | None] = {}
        """By call, until its turn ends."""
        self._teller = _Teller(settings, version)
        self._line = bus.subscribe()
        self._task = asyncio.create_task(self._run(), name="telemetry")

    async def close(self) -> None:
        """Tell what is left, then stop; a collector that is gone holds nothing up for long."""
        self._line.close()
        await self._task
        await asyncio.to_thread(self._teller.close)

    async def _run(self) -> None:
        async for event in self._line:
            match event:
                case UsageRecorded(booking):
                    self._costs[booking.call_id] = booking.cost.total
                case TurnChanged(turn) if turn.state.ended:
                    with suppress(GitBridgeError):  # its thread was deleted meanwhile
                        await self._tell(turn)
                case _:
                    pass

    async def _tell(self, turn: Turn) -> None:
        record = await self._store.read(TurnRecordByRef(turn.id))
        calls = [call.id for call in record.calls]
        costs: Mapping[str, int | None] = {id_: self._costs.pop(id_, None) for id_ in calls}
        span = turn_span(record, await self._store.read(RouteOf(turn.id)), costs)
        if span is not None:
            self._teller.tell(span, turn.order.question_id or turn.id)


class _Teller:
    """The one place that knows OpenTelemetry."""

    def __init__(self, settings: Settings, version: str) -> None:
        try:
            import requests
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
            from opentelemetry.sdk.trace.sampling import ALWAYS_ON
        except ImportError as error:
            raise ConfigError(_MISSING) from error
        _log_into(LogFile(settings.logs / "manager.log"))
        network = settings.network
        session = requests.Session()
        session.trust_env = False  # proxies and credentials of the environment are not ours
        session.proxies = {"https": network.proxy} if network.proxy else {}
        exporter = OTLPSpanExporter(
            endpoint=f"{network.otlp}/v1/traces",
            certificate_file=network.ca_bundle or None,
            timeout=PATIENCE_S,
            session=session,
        )
        self._ids = _Ids()
        self._provider = TracerProvider(
            sampler=ALWAYS_ON,
            id_generator=cast("Any", self._ids),  # by its shape
            resource=Resource({"service.name": "gitbridge", "service.version": version}),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("gitbridge", version)

    def tell(self, span: Span, question: str) -> None:
        """Hand a turn on; the turns of one question share a trace."""
        from opentelemetry.context import Context

        self._ids.trace = int.from_bytes(hashlib.sha256(question.encode()).digest()[:16]) or 1
        self._emit(span, Context())

    def _emit(self, span: Span, context: Any) -> None:
        from opentelemetry.trace import SpanKind, Status, StatusCode, set_span_in_context

        told = self._tracer.start_span(
            span.name,
            context=context,
            kind=SpanKind.CLIENT if span.client else SpanKind.INTERNAL,
            attributes=dict(span.attributes),
            start_time=span.started_at * 1_000,
        )
        if span.failed:
            told.set_status(Status(StatusCode.ERROR, span.failed))
        for inner in span.inner:
            self._emit(inner, set_span_in_context(told))
        told.end(span.ended_at * 1_000)

    def close(self) -> None:
        """Send what is left, then stop."""
        self._provider.force_flush(round(PATIENCE_S * 1_000))
        self._provider.shutdown()


class _Ids:
    """Numbers spans at random, and traces as it is told; implements `IdGenerator` by its shape."""

    trace = 1

    def generate_span_id(self) -> int:
        """Return a new number."""
        return secrets.randbits(64) or 1

    def generate_trace_id(self) -> int:
        """Return the number of the trace that is told of."""
        return self.trace

    def is_trace_id_random(self) -> bool:
        """Say that it is none."""
        return False


class _Complaints(logging.Handler):
    """Writes what OpenTelemetry complains of into a log: the terminal belongs to the screen."""

    def __init__(self, file: LogFile) -> None:
        super().__init__(logging.WARNING)
        self._file = file

    @override
    def emit(self, record: logging.LogRecord) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")[:-6]
        said = json.dumps(one_line(record.getMessage(), 300))
        self._file.append(f"{now}Z component=telemetry event=complained said={said}")


def _log_into(file: LogFile) -> None:
    logger = logging.getLogger("opentelemetry")
    logger.propagate = False
    logger.handlers = [_Complaints(file)]

"""What a collector is told of turns and calls; read with OpenTelemetry's own message types."""

from __future__ import annotations

import sys

import pytest

from hub.config import NetworkSettings
from hub.domain.ask import Ask, Mode
from hub.errors import ConfigError
from tests.fakes.hubs import House
from tests.fakes.voices import failure, voting
from tests.faults.http import HttpServer
from tests.faults.server import reply
from ui.telemetry import Telemetry

trace = pytest.importorskip(
    "opentelemetry.proto.collector.trace.v1.trace_service_pb2",
    reason="OpenTelemetry is not installed: `make otel`",
)
pytestmark = [pytest.mark.anyio, pytest.mark.network]
SECRET = "the words that nobody is told"


class Collector(HttpServer):
    """Takes OTLP over HTTP, as a collector does; `spans` has what it was told."""

    def __init__(self):
        super().__init__()
        self.spans, self.resource = [], {}

    async def answer(self, connection):
        assert connection.seen.path == "/v1/traces"
        request = trace.ExportTraceServiceRequest.FromString(connection.seen.body)
        for told in request.resource_spans:
            self.resource = attributes(told.resource)
            self.spans += [span for scope in told.scope_spans for span in scope.spans]
        await reply(200, {"content-type": "application/x-protobuf"}, b"")(connection)


def attributes(told):
    return {a.key: getattr(a.value, a.value.WhichOneof("value")) for a in told.attributes}


async def traced(home, collector, work):
    """Run work on a house that tells the collector."""
    address = collector.url.removesuffix("/v1")
    async with House(home) as house:
        settings = house.settings.model_copy(update={"network": NetworkSettings(otlp=address)})
        parts = house.hub._parts
        telemetry = Telemetry(parts.bus, parts.store, settings, "0.1.0")
        answer = await work(house)
        await telemetry.close()
    return answer


async def test_a_decision_is_one_trace_of_agents_with_their_calls_inside(home):
    async def work(house):
        for voice in house.voices.values():
            voice.script = voting({"proposer": "tabs", "critic": "tabs", "synthesist": "spaces"})
        return await house.ask(Ask(SECRET, Mode.DECIDE, options=("tabs", "spaces")))

    async with Collector() as collector:
        answer = await traced(home, collector, work)

    assert collector.resource == {"service.name": "gitbridge", "service.version": "0.1.0"}
    agents = [span for span in collector.spans if span.name.startswith("invoke_agent ")]
    calls = [span for span in collector.spans if span.name.startswith("chat ")]
    assert (len(agents), len(calls)) == (len(answer.turns), answer.usage.calls)
    assert len({span.trace_id for span in collector.spans}) == 1
    assert {call.parent_span_id for call in calls} == {agent.span_id for agent in agents}
    told = [attributes(call) for call in calls]
    assert sum(t["gen_ai.usage.input_tokens"] for t in told) == answer.usage.prompt_tokens
    assert sum(t["gitbridge.cost_usd"] for t in told) == pytest.approx(answer.usage.cost / 1e6)
    assert {t["gen_ai.provider.name"] for t in told} <= {"openai", "x_ai"}
    assert {t["gen_ai.operation.name"] for t in told} == {"chat"}
    assert all(t["gen_ai.conversation.id"] == answer.thread.id for t in told)


@pytest.mark.control("S15")
async def test_a_call_that_failed_says_so_and_no_word_of_what_was_said_is_told(home):
    async def work(house):
        house.grok.says(failure())
        return await house.ask(Ask(SECRET))

    async with Collector() as collector:
        await traced(home, collector, work)

    failed = [span for span in collector.spans if attributes(span).get("error.type")]
    assert [attributes(span)["error.type"] for span in failed] == ["not_sent"]
    assert "gen_ai.usage.input_tokens" not in attributes(failed[0])
    assert SECRET not in "".join(map(str, collector.spans))


async def test_a_collector_that_is_gone_stops_nothing_and_is_told_in_the_log(home, capsys):
    async def work(house):
        return await house.ask(Ask("Why?"))

    async with Collector() as collector:
        pass
    answer = await traced(home, collector, work)

    assert answer.messages
    assert "component=telemetry event=complained" in (home / "logs" / "manager.log").read_text()
    assert capsys.readouterr() == ("", "")


async def test_without_the_package_the_setting_is_refused_with_what_to_do(home, monkeypatch):
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)

    async with House(home) as house:
        parts = house.hub._parts
        with pytest.raises(ConfigError, match="make otel"):
            Telemetry(parts.bus, parts.store, house.settings, "0.1.0")


@pytest.mark.parametrize("address", ["http://169.254.169.254", "http://example.com", "ftp://x"])
async def test_an_address_that_is_not_safe_is_refused(address):
    with pytest.raises(ValueError, match="otlp"):
        NetworkSettings(otlp=address)

"""genai-prices' own updater, over HTTP on loopback."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime

import pytest

from hub.domain.usage import Price
from hub.ledger.prices import listed_price, models_listed, updated
from tests.faults.http import Connection, HttpServer
from tests.faults.server import reply
from tests.hub.ledger.builders import settings

pytestmark = [pytest.mark.anyio, pytest.mark.network]

DATA = [
    {
        "id": "openai",
        "name": "OpenAI",
        "api_pattern": "https://api\\.openai\\.com",
        "models": [
            {
                "id": "gpt-9",
                "match": {"starts_with": "gpt-9"},
                "prices": {"input_mtok": 2, "cache_read_mtok": 0.5, "output_mtok": 8},
            }
        ],
    }
]


class PriceServer(HttpServer):
    """Serves one body."""

    def __init__(self, body: object) -> None:
        super().__init__()
        self._body = body

    async def answer(self, connection: Connection) -> None:
        await reply(200, {}, self._body)(connection)


async def test_fetched_data_price_models_that_the_package_does_not_know():
    async with PriceServer(DATA) as server:
        snapshot = await asyncio.to_thread(updated, f"{server.origin}/data.json")

    openai, now = settings().providers["openai"], datetime.now(UTC)
    assert models_listed(snapshot, openai) == ("gpt-9",)
    assert listed_price(snapshot, openai, "gpt-9-2026", now) == Price(
        2_000_000, 8_000_000, 500_000, source="genai-prices"
    )
    assert listed_price(snapshot, openai, "gpt-4o", now) is None
    assert listed_price(snapshot, settings().providers["grok"], "grok-4.3", now) is None


@pytest.mark.parametrize("body", [{"prices": 1}, [1], json.loads("[{}]")])
async def test_what_is_no_price_data_is_an_error_and_no_price(body):
    async with PriceServer(body) as server:
        with pytest.raises((ValueError, TypeError)):
            await asyncio.to_thread(updated, f"{server.origin}/data.json")

"""Turns of LiteLLM's Router, by latency, over two providers at a steady pace; its own defaults else."""

import asyncio
import json
import os
import sys
import time

import litellm
from rounds import KEY, MODEL, QUESTION, SYSTEM

litellm.telemetry = False
litellm.suppress_debug_info = True


def router_of(urls):
    return litellm.Router(
        model_list=[
            {
                "model_name": "any",
                "litellm_params": {"model": f"openai/{MODEL}", "api_base": url, "api_key": KEY},
            }
            for url in urls
        ],
        routing_strategy="latency-based-routing",
    )


async def turn(router, found):
    messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": QUESTION}]
    began = time.monotonic()
    try:
        await router.acompletion("any", messages=messages, max_tokens=500)
        ok = True
    except Exception:  # noqa: BLE001  whatever it raises is a turn that failed
        ok = False
    found.append((began, time.monotonic() - began, ok))


async def main():
    seconds, every_s, *urls = json.loads(sys.stdin.readline())
    router, found = router_of(urls), []
    for _ in range(6):  # it tries both
        await turn(router, [])
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    began, number = time.monotonic(), 0
    async with asyncio.TaskGroup() as group:
        while number * every_s < seconds:
            group.create_task(turn(router, found))
            number += 1
            await asyncio.sleep(max(0.0, began + number * every_s - time.monotonic()))
    print(json.dumps(found), flush=True)
    os._exit(0)


asyncio.run(main())

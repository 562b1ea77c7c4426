"""A turn of LiteLLM: its Router, by latency, over two deployments; nothing is kept."""

import litellm
from rounds import BASE_URL, KEY, MODEL, QUESTION, SYSTEM, serve

litellm.telemetry = False
router = litellm.Router(
    model_list=[
        {
            "model_name": "any",
            "litellm_params": {"model": f"openai/{model}", "api_base": BASE_URL, "api_key": KEY},
        }
        for model in (MODEL, f"{MODEL}-mini")
    ],
    routing_strategy="latency-based-routing",
)


async def turn():
    messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": QUESTION}]
    answer = await router.acompletion("any", messages=messages, max_tokens=500)
    assert answer.choices[0].message.content


serve(turn)

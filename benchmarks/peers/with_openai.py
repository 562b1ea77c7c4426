"""A call of the openai SDK: no routing, no agent, nothing is kept."""

from openai import AsyncOpenAI
from rounds import BASE_URL, KEY, MODEL, QUESTION, SYSTEM, serve

client = AsyncOpenAI(api_key=KEY, base_url=BASE_URL)


async def turn():
    messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": QUESTION}]
    answer = await client.chat.completions.create(model=MODEL, messages=messages, max_tokens=500)
    assert answer.choices[0].message.content


serve(turn)

"""A turn of openai-agents: one agent by Chat Completions, without its tracing; nothing is kept."""

from openai import AsyncOpenAI
from rounds import BASE_URL, KEY, MODEL, QUESTION, SYSTEM, serve

from agents import Agent, ModelSettings, OpenAIChatCompletionsModel, Runner, set_tracing_disabled

set_tracing_disabled(disabled=True)
model = OpenAIChatCompletionsModel(MODEL, AsyncOpenAI(api_key=KEY, base_url=BASE_URL))
agent = Agent(
    "proposer", instructions=SYSTEM, model=model, model_settings=ModelSettings(max_tokens=500)
)


async def turn():
    assert (await Runner.run(agent, QUESTION)).final_output


serve(turn)

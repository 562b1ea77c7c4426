"""A turn of AutoGen: a RoundRobinGroupChat of one agent; nothing is kept, the chat is reset behind."""

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_ext.models.openai import OpenAIChatCompletionClient
from rounds import BASE_URL, KEY, MODEL, QUESTION, SYSTEM, serve

client = OpenAIChatCompletionClient(model=MODEL, api_key=KEY, base_url=BASE_URL, max_tokens=500)
team = RoundRobinGroupChat(
    [AssistantAgent("proposer", model_client=client, system_message=SYSTEM)], max_turns=1
)


async def turn():
    result = await team.run(task=QUESTION)
    assert result.messages[-1].content


serve(turn, team.reset)

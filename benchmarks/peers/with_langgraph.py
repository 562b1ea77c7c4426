"""A turn of LangGraph: one node that asks, with its checkpointer in memory, or in SQLite (`--sqlite`)."""

import itertools
import sys
import tempfile

import aiosqlite
from langchain_openai import ChatOpenAI
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, MessagesState, StateGraph
from rounds import BASE_URL, KEY, MODEL, QUESTION, SYSTEM, serve

model = ChatOpenAI(model=MODEL, api_key=KEY, base_url=BASE_URL, max_tokens=500)
threads = itertools.count()
compiled = []


async def propose(state: MessagesState):
    return {"messages": [await model.ainvoke([("system", SYSTEM), *state["messages"]])]}


async def graph():
    if not compiled:
        saver = InMemorySaver()
        if "--sqlite" in sys.argv:
            saver = AsyncSqliteSaver(await aiosqlite.connect(tempfile.mkstemp(suffix=".db")[1]))
        plan = StateGraph(MessagesState)
        plan.add_node("proposer", propose)
        plan.add_edge(START, "proposer")
        plan.add_edge("proposer", END)
        compiled.append(plan.compile(checkpointer=saver))
    return compiled[0]


async def turn():
    where = {"configurable": {"thread_id": str(next(threads))}}
    state = await (await graph()).ainvoke({"messages": [("user", QUESTION)]}, where)
    assert state["messages"][-1].content


serve(turn)

"""Ollama's own API and Cohere's v2: what is answered, in their shapes, and what is refused, in their words."""

from typing import Any

import pytest

from dragoman.sandbox import Sandbox
from dragoman.wire import json
from support.sandbox import COHERE, OLLAMA, SCHEMA, Raw, ask, request, say
from support.scenario_looks import message_of

TOOL = {"type": "function", "function": {"name": "get_weather", "parameters": SCHEMA}}
USER = {"role": "user", "content": "hi"}
CALL = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}
ANSWER = {"role": "tool", "tool_call_id": "a", "content": "x"}


async def post(sandbox: Sandbox, path: str, **body: Any) -> Raw:
    return await ask(sandbox, request("POST", path, json.encode(body)))


async def test_ollama_calls_tools_whole_and_without_ids(sandbox: Sandbox) -> None:
    arguments = {"city": "sample city", "unit": "c"}
    expected = [{"function": {"name": "get_weather", "arguments": arguments}}]
    whole = await say(sandbox, OLLAMA, tools=[TOOL])
    assert whole.json["message"]["tool_calls"] == expected
    lines = (await say(sandbox, OLLAMA, stream=True, tools=[TOOL])).data
    assert [line["message"]["tool_calls"] for line in lines if "tool_calls" in line["message"]] == [expected]
    assert (lines[-1]["done"], lines[-1]["done_reason"], lines[-1]["eval_count"]) == (True, "stop", whole.json["eval_count"])


async def test_ollama_streams_where_nothing_is_said(sandbox: Sandbox) -> None:
    raw = await post(sandbox, OLLAMA, model="m", messages=[USER])
    assert raw.headers["content-type"] == "application/x-ndjson"
    assert [line["done"] for line in raw.data] == [False] * 3 + [True]


async def test_ollama_thinks_and_fits_a_schema(sandbox: Sandbox) -> None:
    found = (await say(sandbox, OLLAMA, think="low", format=SCHEMA, messages=[USER])).json
    assert "hi" in found["message"]["thinking"]
    assert json.decode(found["message"]["content"]) == {"city": "sample city", "unit": "c"}
    assert (await say(sandbox, OLLAMA, format="json")).json["message"]["content"] == '{"answer":"sample answer"}'
    short = (await say(sandbox, OLLAMA, options={"num_predict": 2, "stop": ["never"]})).json
    assert (short["message"]["content"], short["done_reason"]) == ("You said: ", "length")


async def test_ollama_beside_chat(sandbox: Sandbox) -> None:
    assert (await ask(sandbox, request("GET", "/api/version"))).json["version"]
    tags = (await ask(sandbox, request("GET", "/api/tags"))).json["models"]
    assert "sandbox-429" in [model["name"] for model in tags]
    assert "tools" in (await post(sandbox, "/api/show", model="m")).json["capabilities"]
    embedded = (await post(sandbox, "/api/embed", model="m", input=["a", "b"], dimensions=8)).json
    assert [len(each) for each in embedded["embeddings"]] == [8, 8]
    assert (await post(sandbox, "/api/embed", model="sandbox-503", input="a")).status == 503


async def test_cohere_plans_then_calls(sandbox: Sandbox) -> None:
    message = (await say(sandbox, COHERE, tools=[TOOL])).json["message"]
    assert message["tool_plan"] == "I will call get_weather."
    assert json.decode(message["tool_calls"][0]["function"]["arguments"]) == {"city": "sample city", "unit": "c"}
    data = (await say(sandbox, COHERE, stream=True, tools=[TOOL])).data
    pieces = [
        event["delta"]["message"]["tool_calls"] for event in data if event["type"].startswith("tool-call") and "delta" in event
    ]
    assert "".join(p["function"]["arguments"] for p in pieces) == message["tool_calls"][0]["function"]["arguments"]
    plan = [event["delta"]["message"]["tool_plan"] for event in data if event["type"] == "tool-plan-delta"]
    assert "".join(plan) == message["tool_plan"]
    assert (data[0]["type"], data[-1]["type"], data[-1]["delta"]["finish_reason"]) == (
        "message-start",
        "message-end",
        "TOOL_CALL",
    )


async def test_cohere_thinks_in_a_part_of_its_own(sandbox: Sandbox) -> None:
    thinking = {"type": "enabled", "token_budget": 100}
    parts = (await say(sandbox, COHERE, thinking=thinking)).json["message"]["content"]
    assert [part["type"] for part in parts] == ["thinking", "text"]
    data = (await say(sandbox, COHERE, stream=True, thinking=thinking)).data
    starts = [event for event in data if event["type"] == "content-start"]
    assert [(e["index"], e["delta"]["message"]["content"]["type"]) for e in starts] == [(0, "thinking"), (1, "text")]


async def test_cohere_obeys(sandbox: Sandbox) -> None:
    stopped = (await say(sandbox, COHERE, stop_sequences=["there"])).json
    assert stopped["finish_reason"] == "STOP_SEQUENCE"
    schema = {"type": "json_object", "schema": SCHEMA}
    assert json.decode((await say(sandbox, COHERE, response_format=schema)).json["message"]["content"][0]["text"])["unit"] == "c"
    assert "tool_calls" not in (await say(sandbox, COHERE, tools=[TOOL], tool_choice="NONE")).json["message"]
    assert "tool_plan" in (await say(sandbox, COHERE, tools=[TOOL], tool_choice="REQUIRED")).json["message"]
    document = {"role": "tool", "tool_call_id": "a", "content": [{"type": "document", "document": {"data": "sunny"}}]}
    history = [USER, {"role": "assistant", "tool_calls": [CALL]}, document]
    assert "The tool said: sunny" in (await say(sandbox, COHERE, messages=history)).json["message"]["content"][0]["text"]


async def test_cohere_beside_chat(sandbox: Sandbox) -> None:
    asked: dict[str, Any] = {"model": "m", "texts": ["a"], "input_type": "search_query", "output_dimension": 256}
    found = (await post(sandbox, "/v2/embed", **asked, embedding_types=["float", "base64"])).json["embeddings"]
    assert (len(found["float"][0]), len(found["base64"])) == (256, 1)
    ranked = await post(sandbox, "/v2/rerank", model="m", query="a", documents=["b", "a"])
    assert [each["index"] for each in ranked.json["results"]] == [1, 0]
    assert (await post(sandbox, "/v2/embed", **{**asked, "model": "sandbox-503"})).status == 503


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    (OLLAMA, {"model": None}, "model is required"),
    (OLLAMA, {"messages": "hi"}, "json: cannot unmarshal string into Go struct field ChatRequest.messages of type []api.Message"),
    (OLLAMA, {"messages": ["hi"]}, "cannot unmarshal string into Go struct field ChatRequest.messages of type api.Message"),
    (OLLAMA, {"messages": [{**USER, "content": []}]}, "cannot unmarshal array into Go struct field ChatRequest.messages.content"),
    (OLLAMA, {"messages": [{**USER, "images": ["!"]}]}, "illegal base64 data at input byte 0"),
    (
        OLLAMA,
        {"messages": [{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]}]},
        "cannot unmarshal string into Go struct field ChatRequest.messages.tool_calls.function.arguments",
    ),
    (OLLAMA, {"stream": "yes"}, "cannot unmarshal string into Go struct field ChatRequest.stream of type bool"),
    (OLLAMA, {"tools": [{}]}, "cannot unmarshal object into Go struct field ChatRequest.tools of type api.Tool"),
    (OLLAMA, {"think": "hard"}, 'invalid think value: "hard"'),
    (OLLAMA, {"format": "xml"}, 'invalid format: "xml"'),
    (OLLAMA, {"options": {"stop": "x"}}, 'option "stop" must be of type array'),
    (OLLAMA, {"options": {"num_predict": "x"}}, 'option "num_predict" must be of type integer'),
    ("/api/embed", {"input": [1]}, "invalid input type"),
    (COHERE, {"model": None}, "model is required"),
    (COHERE, {"messages": []}, "must have at least one message"),
    (COHERE, {"messages": [{"role": "bot"}]}, "messages[0].role must be one of system, user, assistant, tool."),
    (COHERE, {"messages": [{"role": "user"}]}, "messages[0].content is required"),
    (COHERE, {"messages": [USER, ANSWER]}, "does not refer to a tool call"),
    (COHERE, {"messages": [USER, {"role": "assistant", "tool_calls": [CALL]}]}, "all tool calls must have a tool message: a."),
    (COHERE, {"messages": [USER, {"role": "assistant", "tool_calls": [{}]}]}, "tool_calls needs id and function"),
    (COHERE, {"temperature": "hot"}, "invalid type: parameter temperature is of type str"),
    (COHERE, {"p": 1}, "p must be between 0.01 and 0.99"),
    (COHERE, {"stop_sequences": list("abcdef")}, "at most 5 stop_sequences"),
    (COHERE, {"tool_choice": "REQUIRED"}, "may only be specified with tools"),
    (COHERE, {"tools": [TOOL], "tool_choice": "AUTO"}, "tool_choice must be one of REQUIRED, NONE"),
    (COHERE, {"tools": [{}]}, "tools[0] must be a function with a name"),
    (COHERE, {"tools": [TOOL], "response_format": {"type": "json_object"}}, "is not supported with tools"),
    (COHERE, {"response_format": {"type": "xml"}}, "response_format.type must be one of"),
    ("/v2/embed", {"texts": ["a"]}, "input_type is required"),
    ("/v2/embed", {"texts": [], "input_type": "x"}, "texts must be a list"),
    ("/v2/embed", {"texts": ["a"], "input_type": "x", "output_dimension": 7}, "output_dimension must be one of"),
    ("/v2/rerank", {"query": "x"}, "Missing required parameter: 'documents'"),
]


@pytest.mark.parametrize(("path", "members", "words"), REFUSED)
async def test_what_is_refused(sandbox: Sandbox, path: str, members: dict[str, Any], words: str) -> None:
    raw = await post(sandbox, path, **{"model": "m", "messages": [USER], **members})
    assert raw.status == 400
    assert words in message_of(raw.json)

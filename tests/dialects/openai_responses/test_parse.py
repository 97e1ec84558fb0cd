"""A client's Responses request in canonical form."""

import json
from typing import Any

import pytest
from msgspec import Raw

from dragoman.core import seal
from dragoman.core.errors import CallError
from dragoman.core.parts import Media, Opaque, Reasoning, Refusal, Text, ToolCall, ToolResult
from dragoman.core.request import ReasoningAsk, ToolChoice
from support import speech
from support.responses import KEY, ask, envelope, parse

PNG = "iVBORw0KGgo="
F = {"type": "function", "name": "f", "parameters": {"type": "object"}, "strict": False}


def only(item: dict[str, Any]) -> Any:
    """The only part of the only message of this item."""
    (message,) = parse(ask(item)).messages
    (found,) = message.parts
    return found


def test_envelope() -> None:
    found = envelope(ask(stream=True, prompt_cache_key="session-7"))
    assert (found.dialect, found.operation, found.model, found.stream) == ("openai-responses", "chat", "m", True)
    assert (found.affinity, found.pinned, found.refers) == ("session-7", False, None)
    assert envelope(ask(), headers=(("session-id", "s"),)).affinity == "s"
    assert envelope(ask(), "/v1/responses/input_tokens").operation == "count_tokens"
    assert envelope({"input": "x", "model": None, "stream": None}).model is None


@pytest.mark.parametrize(
    ("body", "refers"),
    [
        ({"previous_response_id": "resp_1"}, "resp_1"),
        ({"conversation": "conv_1"}, "conv_1"),
        ({"conversation": {"id": "conv_1"}}, "conv_1"),
        ({"prompt": {"id": "pmpt_1", "version": "2"}}, "pmpt_1"),
        ({"input": [{"type": "item_reference", "id": "msg_1"}]}, "msg_1"),
        ({"input": [{"type": "item_reference", "id": "rs_1"}, {"type": "item_reference", "id": "msg_1"}]}, "msg_1"),
        ({"input": ["item_reference"]}, None),
    ],
)
def test_what_is_kept_at_the_vendor_pins_a_call(body: dict[str, Any], refers: str | None) -> None:
    found = envelope({"model": "m", **body})
    assert (found.pinned, found.refers) == (True, refers)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"model":1}', b'{"stream":"yes"}', b"\xff"])
def test_envelope_refuses(body: bytes) -> None:
    with pytest.raises(CallError):
        envelope(body)


@pytest.mark.parametrize(
    ("body", "at"),
    [
        ({"model": "m"}, "input"),
        ({"model": "m", "input": 7}, "input"),
        (ask({"role": "tool", "content": "x"}), "input.0"),
        (ask({"role": "user", "content": [{"type": "input_text"}]}), "input.0.content.0.text"),
        (ask({"type": "function_call", "call_id": "c", "arguments": "{}"}), "input.0.name"),
        (ask(tools=[{"name": "f"}]), "tools.0.type"),
        (ask(tools=[{"type": "function"}]), "tools.0.name"),
        (ask(tools=[{"type": "namespace", "name": "n", "tools": [{"type": "function"}]}]), "tools.0.tools.0.name"),
        (ask(tool_choice="most"), "tool_choice"),
        (ask(text={"format": {"type": "xml"}}), "text.format.type"),
        (ask(temperature="hot"), "temperature"),
    ],
)
def test_errors_name_the_member(body: dict[str, Any], at: str) -> None:
    with pytest.raises(CallError) as caught:
        parse(body)
    assert caught.value.error.param == at


def test_a_string_is_a_user_message() -> None:
    (message,) = parse({"model": "m", "input": "Hi"}).messages
    assert (message.role, [part.text for part in message.parts if isinstance(part, Text)]) == ("user", ["Hi"])


def test_items_are_messages_in_their_order() -> None:
    found = parse(
        ask(
            {"role": "developer", "content": "rules"},
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "go"}]},
            {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "X"},
            {"type": "message", "role": "assistant", "phase": "commentary", "content": [{"type": "output_text", "text": "hm"}]},
            {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c1", "output": "42"},
        )
    )
    roles = ["developer", "user", "assistant", "assistant", "assistant", "tool"]
    assert [message.role for message in found.messages] == roles
    assert [message.at for message in found.messages] == [f"/input/{place}" for place in range(6)]
    assert found.messages[3].extras == {"phase": Raw(b'"commentary"')}


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ({"type": "input_image", "image_url": f"data:image/png;base64,{PNG}"}, ("image", "image/png", PNG, None)),
        ({"type": "input_image", "image_url": "https://x/y.png"}, ("image", None, None, "https://x/y.png")),
        ({"type": "input_file", "file_url": "https://x/y.pdf"}, ("document", None, None, "https://x/y.pdf")),
        ({"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0="},
         ("document", "application/pdf", "JVBERi0=", None)),
        ({"type": "input_audio", "input_audio": {"data": "AAA=", "format": "mp3"}}, ("audio", "audio/mpeg", "AAA=", None)),
    ],
)  # fmt: skip
def test_media(part: dict[str, Any], expected: tuple[Any, ...]) -> None:
    found = only({"role": "user", "content": [part]})
    assert isinstance(found, Media)
    assert (found.kind, found.mime, found.data, found.url) == expected


def test_ids_of_files_and_unknown_content() -> None:
    found = only({"role": "user", "content": [{"type": "input_file", "file_id": "file_1"}]})
    assert (found.kind, found.file_id) == ("document", "file_1")
    found = only({"role": "user", "content": [{"type": "input_smell", "smell": "sweet"}]})
    assert isinstance(found, Opaque)
    assert (found.kind, found.at) == ("input_smell", "/input/0/content/0")
    assert isinstance(only({"role": "assistant", "content": [{"type": "refusal", "refusal": "no"}]}), Refusal)


def test_what_tools_answer() -> None:
    found = only({"type": "function_call_output", "call_id": "c", "output": [
        {"type": "input_text", "text": "see"}, {"type": "input_image", "image_url": "https://x/y.png"},
    ]})  # fmt: skip
    assert isinstance(found, ToolResult)
    assert [type(part) for part in found.parts] == [Text, Media]
    found = only({"type": "function_call_output", "call_id": "c", "output": {"a": 1}})
    assert [part.text for part in found.parts] == ['{"a": 1}']


def test_free_text_calls() -> None:
    found = only({"type": "custom_tool_call", "call_id": "c", "name": "apply_patch", "input": "*** Begin"})
    assert isinstance(found, ToolCall)
    assert (found.custom, found.arguments) == (True, "*** Begin")


def test_a_native_thought_is_its_own_proof() -> None:
    item = {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "hm"}], "encrypted_content": "gAAA"}
    found = only(item)
    assert isinstance(found, Reasoning)
    assert (found.text, found.proof_from) == ("hm", "openai-responses")
    assert "gAAA" in (found.proof or "")


def test_a_seal_is_opened() -> None:
    sealed = seal.seal(seal.Proof("anthropic:acme", "sig", "sig=="), KEY)
    found = only({"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}], "encrypted_content": sealed})
    assert (found.text, found.proof, found.proof_from) == ("hm", "sig==", "anthropic:acme")


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("auto", ToolChoice(mode="auto")),
        ("none", ToolChoice(mode="none")),
        ("required", ToolChoice(mode="any")),
        ({"type": "function", "name": "f"}, ToolChoice(mode="tool", name="f")),
        ({"type": "custom", "name": "f"}, ToolChoice(mode="tool", name="f")),
        ({"type": "function", "name": "g", "namespace": "ns"}, ToolChoice(mode="tool", name="ns__g")),
        ({"type": "web_search_preview"}, ToolChoice(mode="tool", name="web_search_preview")),
        ({"type": "mcp", "server_label": "x"}, ToolChoice(mode="tool", name="mcp:x")),
        ({"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "f"}, {"type": "web_search"}]},
         ToolChoice(mode="any", allowed=("f", "web_search"))),
    ],
)  # fmt: skip
def test_tool_choice(choice: Any, expected: ToolChoice) -> None:
    found = parse(ask(tools=[F], tool_choice=choice)).tool_choice
    assert found is not None
    assert (found.mode, found.name, found.allowed) == (expected.mode, expected.name, expected.allowed)


def test_members() -> None:
    found = parse(
        ask(
            instructions="be kind", max_output_tokens=20, temperature=0, parallel_tool_calls=False, store=False, user="u",
            reasoning={"effort": "high", "summary": "auto", "context": "all_turns"},
            text={"verbosity": "low", "format": {"type": "json_schema", "name": "n", "schema": {}, "strict": True}},
            include=["message.output_text.logprobs"], top_logprobs=2, metadata={"a": "b"}, service_tier="flex",
        )
    )  # fmt: skip
    assert [piece.text for piece in found.system if isinstance(piece, Text)] == ["be kind"]
    assert (found.max_output_tokens, found.temperature, found.parallel_tools, found.store) == (20, 0, False, False)
    assert isinstance(found.reasoning, ReasoningAsk)
    assert (found.reasoning.effort, found.reasoning.summary, list(found.reasoning.extras)) == ("high", "auto", ["context"])
    assert found.response_format is not None
    assert (found.response_format.kind, found.response_format.strict, found.verbosity) == ("schema", True, "low")
    assert (found.logprobs, found.top_logprobs, found.user, found.service_tier) == (True, 2, "u", "flex")
    assert list(found.extras) == ["include"]


def test_nulls_are_absent() -> None:
    found = parse(ask(instructions=None, tools=None, reasoning=None, text=None, temperature=None, metadata=None))
    assert (found.system, found.tools, found.reasoning, found.response_format, found.extras) == ((), (), None, None, {})


@pytest.mark.parametrize(
    "item",
    [
        {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"type": "search", "query": "x"}},
        {"type": "mcp_call", "id": "m", "name": "x", "arguments": "{}", "server_label": "s"},
        {"type": "compaction", "encrypted_content": "X"},
        {"type": "program_call", "id": "p", "code": "1"},
        {"type": "something_new", "of": {"the": "future"}},
        {"id": "msg_1"},
    ],
)
def test_items_of_the_vendor_stay_whole(item: dict[str, Any]) -> None:
    found = only(item)
    assert isinstance(found, Opaque)
    assert found.kind == item.get("type", "item_reference")
    assert json.loads(bytes(found.raw)) == item


@pytest.mark.parametrize("value", [[{}], [[]], [1, None]])
def test_an_odd_include_is_a_loss(value: Any) -> None:
    request = parse(ask(include=value))
    assert "/include" in {loss.path for loss in speech.build(request, "anthropic").losses}

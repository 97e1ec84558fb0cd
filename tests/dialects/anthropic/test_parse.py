"""Requests of Anthropic clients in the canonical form."""

import json
from typing import Any

import pytest
from msgspec import Raw

from dragoman.core.errors import CallError
from dragoman.core.loss import LossKind
from dragoman.core.parts import CacheMark, Media, Opaque, Reasoning, Text, ToolCall, ToolResult
from dragoman.core.request import ReasoningAsk, Tool, ToolChoice
from dragoman.core.seal import Proof, seal
from dragoman.dialects.anthropic import DIALECT
from dragoman.dialects.registry import DIALECTS
from support.anthropic import KEY, asked, body, build, losses, parse
from support.speech import build as build_for


def part(block: dict[str, Any], role: str = "user") -> Any:
    (message,) = asked({"role": role, "content": [block]}).messages
    (found,) = message.parts
    return found


AT = "/messages/0/content/0"


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ({"type": "text", "text": "a"}, Text("a", at=AT)),
        (
            {"type": "text", "text": "a", "cache_control": {"type": "ephemeral", "ttl": "1h", "scope": "global"}},
            Text("a", CacheMark("1h", {"scope": Raw(b'"global"')}, AT + "/cache_control"), at=AT),
        ),
        (
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "eA=="}},
            Media(kind="image", mime="image/png", data="eA==", at=AT),
        ),
        ({"type": "image", "source": {"type": "url", "url": "https://x/y"}}, Media(kind="image", url="https://x/y", at=AT)),
        ({"type": "document", "source": {"type": "file", "file_id": "f"}}, Media(kind="document", file_id="f", at=AT)),
        (
            {
                "type": "document",
                "title": "T",
                "context": "c",
                "source": {"type": "text", "media_type": "text/plain", "data": "d"},
            },
            Media(kind="document", mime="text/plain", text="d", name="T", extras={"context": Raw(b'"c"')}, at=AT),
        ),
        (
            {"type": "thinking", "thinking": "hm", "signature": "sig"},
            Reasoning(text="hm", proof="sig", proof_from="anthropic", slot="thinking", at=AT),
        ),
        (
            {"type": "redacted_thinking", "data": "xyz"},
            Reasoning(proof="xyz", proof_from="anthropic", redacted=True, slot="redacted_thinking", at=AT),
        ),
        (
            {"type": "thinking", "thinking": "hm", "signature": seal(Proof("openai-chat:acc", "sig", "theirs"), KEY)},
            Reasoning(text="hm", proof="theirs", proof_from="openai-chat:acc", slot="thinking", at=AT),
        ),
        (
            {"type": "thinking", "thinking": "hm", "signature": seal(Proof("a:b", "sig", "theirs"), b"another key")},
            Reasoning(
                text="hm",
                proof=seal(Proof("a:b", "sig", "theirs"), b"another key"),
                proof_from="unreadable",
                slot="thinking",
                at=AT,
            ),
        ),
        (
            {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}},
            ToolCall(id="t", name="f", arguments='{"a": 1}', at=AT),
        ),
        (
            {"type": "tool_result", "tool_use_id": "t", "content": "r", "is_error": True},
            ToolResult(id="t", parts=(Text("r", at=AT + "/content"),), is_error=True, at=AT),
        ),
        ({"type": "tool_result", "tool_use_id": "t"}, ToolResult(id="t", at=AT)),
    ],
)
def test_blocks(block: dict[str, Any], expected: Any) -> None:
    assert part(block) == expected


def test_blocks_of_this_dialect_alone_are_kept_whole() -> None:
    for kind in ("server_tool_use", "web_search_tool_result", "container_upload", "brand_new"):
        found = part({"type": kind, "x": 1})
        assert (found.dialect, found.kind) == ("anthropic", kind)
        assert json.loads(bytes(found.raw)) == {"type": kind, "x": 1}


def test_words_that_any_model_can_read_are_text() -> None:
    search = {"type": "search_result", "title": "T", "source": "https://s", "content": [{"type": "text", "text": "words"}]}
    assert part(search).text == "T\nhttps://s\nwords"
    result = part({"type": "tool_result", "tool_use_id": "t", "content": [{"type": "tool_reference", "tool_name": "mcp__x"}]})
    assert result.parts[0].text == "mcp__x"
    content = {"type": "content", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}
    assert part({"type": "document", "source": content}).text == "a\nb"


def test_the_exact_arguments() -> None:
    data = b'{"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{"b": 1.50, "a":1}}]}]}'
    call = parse(data).messages[0].parts[0]
    assert isinstance(call, ToolCall)
    assert call.arguments == '{"b": 1.50, "a":1}'


def test_a_compaction_tells_its_summary() -> None:
    found = part({"type": "compaction", "content": "they met"}, "assistant")
    assert (found.kind, found.summary) == ("compaction", "they met")


def words(text: str) -> dict[str, str]:
    return {"type": "text", "text": text}


BILLED = "x-anthropic-billing-header: cc_version=2.1.44.a1; cc_entrypoint=cli; cch=0f;"


@pytest.mark.parametrize(
    ("system", "told", "kept"),
    [
        ([words(BILLED), words("Be.")], [("/system/1", "Be.")], ["/system/0"]),
        ([words(f"{BILLED}\n"), words("Be.")], [("/system/1", "Be.")], ["/system/0"]),
        ([words("Be."), words(BILLED)], [("/system/0", "Be.")], ["/system/1"]),
        ([words(f"{BILLED}\n\nBe.\nKind."), words("So.")], [("/system/0", "Be.\nKind."), ("/system/1", "So.")], ["/system/0"]),
        ([words(f"Be.\n{BILLED}\nKind.")], [("/system/0", "Be.\nKind.")], ["/system/0"]),
        ([words(f"{BILLED[:-1]} Be.")], [("/system/0", "Be.")], ["/system/0"]),
        (f"{BILLED}\nBe.", [("/system", "Be.")], ["/system"]),
        (BILLED, [], ["/system"]),
        ("x-anthropic-billing-header: tell what it is", [("/system", "x-anthropic-billing-header: tell what it is")], []),
        (f"Never say {BILLED}", [("/system", f"Never say {BILLED}")], []),
    ],
)  # fmt: skip
def test_claude_codes_attribution_is_not_for_models(system: Any, told: list[tuple[str, str]], kept: list[str]) -> None:
    request = asked("hi", system=system)
    assert [(piece.at, piece.text) for piece in request.system if isinstance(piece, Text)] == told
    assert [name for name in request.extras if name.startswith("/")] == kept
    assert body(request)["system"] == system
    for other in DIALECTS.keys() - {"anthropic"}:
        built = build_for(request, other)
        assert {loss.path: loss.kind for loss in built.losses if loss.path in kept} == dict.fromkeys(kept, LossKind.HINT)
        assert b"cc_version" not in built.body or not kept


def test_a_user_may_speak_of_the_attribution() -> None:
    request = asked(BILLED)
    assert request.messages[0].parts == (Text(BILLED, at="/messages/0/content"),)


def test_members() -> None:
    request = asked(
        "hi",
        system="Be.",
        tools=[
            {"name": "f", "input_schema": {"type": "object"}, "strict": True, "defer_loading": True, "input_examples": [{}]},
            {"type": "custom", "name": "g", "description": "d", "input_schema": {}},
            {"type": "bash_20250124", "name": "bash"},
        ],
        tool_choice={"type": "tool", "name": "f", "disable_parallel_tool_use": True},
        thinking={"type": "enabled", "budget_tokens": 2000, "display": "omitted", "block_binding": 1},
        output_config={"effort": "high", "format": {"type": "json_schema", "schema": {"type": "object"}}, "task_budget": 7},
        metadata={"user_id": "u", "other": 1},
        stop_sequences=["END"],
        temperature=0,
        top_k=5,
        service_tier="standard_only",
        stream=True,
        context_management={"edits": []},
        nothing=None,
    )
    assert request.system == (Text("Be.", at="/system"),)
    tool, custom, server = request.tools
    assert isinstance(tool, Tool)
    assert (tool.strict, tool.deferred, set(tool.extras)) == (True, True, {"input_examples"})
    assert custom == Tool(name="g", description="d", schema=Raw(b"{}"), at="/tools/1")
    assert isinstance(server, Opaque)
    assert request.tool_choice == ToolChoice(mode="tool", name="f", at="/tool_choice")
    assert request.parallel_tools is False
    assert request.reasoning == ReasoningAsk(
        mode="on", budget=2000, summary="omitted", effort="high", extras={"block_binding": Raw(b"1")}, at="/thinking"
    )
    assert request.response_format is not None
    assert request.response_format.schema == Raw(b'{"type": "object"}')
    assert (request.user, request.stop, request.temperature, request.top_k) == ("u", ("END",), 0, 5)
    assert (request.max_output_tokens, request.service_tier, request.stream) == (64, "standard_only", True)
    assert set(request.extras) == {"context_management", "/output_config/task_budget", "/metadata/other"}
    assert request.at("stop") == "/stop_sequences"


def test_older_clients_write_the_format_at_top_level() -> None:
    shape = {"type": "json_schema", "schema": {"type": "object"}}
    request = asked("hi", output_format=shape)
    assert request.response_format is not None
    assert request.response_format.at == "/output_format"
    assert body(request)["output_format"] == shape


def test_forms_that_nobody_knows_yet_stay_as_they_are() -> None:
    members = {"thinking": {"type": "deep"}, "output_config": {"format": {"type": "grammar", "x": 1}}}
    request = asked("hi", **members)
    assert (request.reasoning, request.response_format) == (None, None)
    assert {name: body(request)[name] for name in members} == members


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({}, "messages: Field required"),
        ({"messages": {}}, "messages: Input should be a valid list"),
        ({"messages": [{"content": "x"}]}, "messages.0.role: Field required"),
        ({"messages": [{"role": "user"}]}, "messages.0.content: Field required"),
        ({"messages": [{"role": "robot", "content": "x"}]}, 'messages.0: Unexpected role "robot". Allowed'),
        ({"messages": [{"role": "user", "content": [{"text": "x"}]}]}, "messages.0.content.0.type: Field required"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages.0.content: Input should be a valid list"),
        ({"messages": [], "max_tokens": "many"}, "max_tokens: "),
        ({"messages": [], "tools": {}}, "tools: "),
        ({"messages": [], "tool_choice": {"type": "maybe"}}, "tool_choice.type: Input should be"),
        ({"messages": [], "stop_sequences": [1]}, "stop_sequences: "),
        ({"messages": [], "model": 5}, "model: "),
        ({"messages": [], "stream": "yes"}, "stream: "),
    ],
)
def test_mistakes_are_told_by_name(members: dict[str, Any], message: str) -> None:
    with pytest.raises(CallError) as raised:
        parse(members)
    assert raised.value.error.message.startswith(message)
    assert raised.value.error.status == 400


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff", b"null"])
def test_no_object_is_no_request(data: bytes) -> None:
    with pytest.raises(CallError):
        DIALECT.peek("POST", "/v1/messages", "", (), data)


def test_peek() -> None:
    data = b'{"model":"m","stream":true,"messages":[],"metadata":{"user_id":"u"},"thread":{"type":"create"}}'
    found = DIALECT.peek("POST", "/v1/messages", "beta=true", (("x-a", "b"),), data)
    assert (found.model, found.stream, found.operation, found.affinity, found.pinned) == ("m", True, "chat", "u", True)
    found = DIALECT.peek(
        "POST", "/api/anthropic/v1/messages/count_tokens", "", (("x-claude-code-session-id", "s"),), b'{"model":null}'
    )
    assert (found.model, found.stream, found.operation, found.affinity, found.pinned) == (None, False, "count_tokens", "s", False)


def test_a_thread_is_refused_where_it_is_translated() -> None:
    request = asked("hi", thread={"type": "create"})
    assert request.weights["thread"] is LossKind.REFUSED
    assert body(request)["thread"] == {"type": "create"}
    assert losses(request) == {}


def test_own_requests_come_out_as_they_were() -> None:
    members: dict[str, Any] = {
        "system": [{"type": "text", "text": "Be.", "cache_control": {"type": "ephemeral"}}],
        "thinking": {"type": "adaptive", "display": "omitted"},
        "output_config": {"effort": "xhigh"},
        "tools": [
            {"name": "f", "input_schema": {"type": "object"}, "eager_input_streaming": True},
            {"type": "bash_20250124", "name": "bash"},
        ],
        "tool_choice": {"type": "auto", "disable_parallel_tool_use": False},
        "metadata": {"user_id": "u"},
        "temperature": 1,
        "context_management": {"edits": []},
    }
    turns: list[Any] = [
        {"role": "user", "content": "hi"},
        {"role": "user", "content": [{"type": "text", "text": "x"}]},
        {"role": "system", "content": "reminder"},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "hm", "signature": "sig"},
                {"type": "tool_use", "id": "t", "name": "f", "input": {"a": [1, {}]}, "caller": {"type": "direct"}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "before"},
                {
                    "type": "tool_result",
                    "tool_use_id": "t",
                    "is_error": False,
                    "content": [{"type": "tool_reference", "tool_name": "x"}],
                },
                {
                    "type": "document",
                    "source": {"type": "content", "content": [{"type": "text", "text": "a"}]},
                    "citations": {"enabled": True},
                },
            ],
        },
        {"role": "assistant", "content": "Prefill "},
    ]
    request = asked(*turns, **members)
    built = build(request)
    assert built.losses == ()
    assert json.loads(built.body) == {"model": "claude-x", "max_tokens": 64, "messages": turns, **members}

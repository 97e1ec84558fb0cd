"""A step of tools whose first thought cannot be sent: Claude models with a budget to think with refuse it, so they pause.

The thought was another maker's, or the client never sent it back.
"""

from typing import Any

import pytest
from msgspec.structs import replace

from dragoman.core.parts import Reasoning, Text, ToolCall, ToolResult
from dragoman.core.quirks import Quirks
from dragoman.core.request import Message, ReasoningAsk, Request, Tool
from dragoman.core.seal import Proof, seal
from dragoman.wire import json
from support import anthropic, speech

CLAUDE = {"anthropic": Quirks(), "bedrock": Quirks(effort_form="thinking", reasoning_signed=True)}


def step(*before: Any) -> Request:
    call = ToolCall(id="call_1", name="f", arguments="{}", at="/c")
    result = ToolResult(id="call_1", parts=(Text("done", at="/t"),), at="/r")
    turns: list[Any] = [("user", (Text("go", at="/u"),)), ("assistant", (*before, call)), ("tool", (result,))]
    return Request(
        model="m",
        messages=tuple(Message(role, parts, {}, "/m") for role, parts in turns),
        tools=(Tool(name="f", schema=json.raw({"type": "object"})),),
        reasoning=ReasoningAsk(effort="high", at="/reasoning_effort"),
        max_output_tokens=50000,
        dialect="openai-chat",
    )


def thinks(dialect: str, request: Request) -> bool:
    built = speech.build(request, dialect, CLAUDE[dialect])
    told = {loss.path for loss in built.losses if "between calls" in loss.why}
    body = json.decode(built.body)
    found = "thinking" in body.get("additionalModelRequestFields", body)
    assert told == (set() if found else {"/reasoning_effort"})
    return found


@pytest.mark.parametrize("dialect", CLAUDE)
def test_no_budget_in_the_midst_of_a_step_without_its_thought(dialect: str) -> None:
    assert not thinks(dialect, step())
    assert not thinks(dialect, step(Text("First I look.", at="/x")))
    assert not thinks(dialect, step(Reasoning(text="hm", proof="p", proof_from="gemini:example", at="/x")))
    assert thinks(dialect, step(Reasoning(text="hm", proof="p", proof_from=f"{dialect}:example", at="/x")))


@pytest.mark.parametrize("dialect", CLAUDE)
def test_another_turn_thinks_again(dialect: str) -> None:
    answered = step()
    said = (Message("assistant", (Text("Done.", at="/x"),), {}, "/m"), Message("user", (Text("And?", at="/y"),), {}, "/m"))
    assert thinks(dialect, replace(answered, messages=(*answered.messages, *said)))


def test_a_client_of_the_same_dialect_is_not_left_with_the_thoughts_of_another() -> None:
    """Its thinking was sealed and is taken out; what speaks of thinking goes with it."""
    call = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}
    result = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "done"}]}

    def built(thought: dict[str, Any], **members: Any) -> dict[str, Any]:
        asked: Any = {"thinking": {"type": "enabled", "budget_tokens": 1024}, **members}
        return anthropic.body(anthropic.asked("go", {"role": "assistant", "content": [thought, call]}, result, **asked))

    own = {"type": "thinking", "thinking": "hm", "signature": "p"}
    foreign = {**own, "signature": seal(Proof("gemini:example", "signature", "p"), anthropic.KEY)}
    clear = {"type": "clear_thinking_20251015", "keep": "all"}
    more: Any = {"context_management": {"edits": [clear, {"type": "clear_tool_uses_20250919"}]}}
    assert built(own, **more)["thinking"]["budget_tokens"] == 1024
    assert built(own, **more)["context_management"] == more["context_management"]
    paused = built(foreign, **more)
    assert "thinking" not in paused
    assert paused["messages"][1]["content"] == [call]
    assert paused["context_management"] == {"edits": [{"type": "clear_tool_uses_20250919"}]}
    assert "context_management" not in built(foreign, context_management={"edits": [clear]})
    assert built(foreign, thinking={"type": "adaptive"})["thinking"] == {"type": "adaptive"}

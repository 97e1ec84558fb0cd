"""Claude Code, headless, to a provider of each dialect: it calls tools, among them one of an MCP server, and finishes."""

from pathlib import Path
from typing import Any

import pytest

from dragoman.wire import json
from support import node
from support.programs import KEY, MCP_SERVER, PYTHON, Desk, desk, good, lost, prompt
from support.server import Server
from support.stack import PROVIDERS

COMMON = {("/context_management", "dropped"), ("/messages/*/content/*/content/*", "approximated")}
OPENAI = COMMON | {("/metadata/user_id", "approximated"), ("/thinking", "approximated")}
LOST = {
    "a": set[tuple[str, str]](),
    "c": OPENAI | {("/messages/*/content/*", "dropped")},
    "r": OPENAI,
    "g": COMMON | {("/messages/*", "approximated"), ("/tools/*", "approximated")},
}
"""What may be lost, but for hints: nothing is cleared from the context, `tool_reference` is text, Chat takes no thoughts back."""
TOOLS = ("Bash", "Read", "Edit", "Write", "ToolSearch", "mcp__box__get_weather")


def claude(there: Desk, said: str, model: str, *more: str) -> list[dict[str, Any]]:
    """The events of one run."""
    servers = there.folder / "mcp.json"
    servers.write_text(json.text({"mcpServers": {"box": {"command": PYTHON, "args": [str(MCP_SERVER)]}}}))
    ran = there.run(
        node.CLAUDE,
        *("-p", said, "--output-format", "stream-json", "--verbose", "--mcp-config", str(servers), "--strict-mcp-config"),
        *("--allowedTools", ",".join(TOOLS), *more),
        ANTHROPIC_BASE_URL=there.gateway.base,
        ANTHROPIC_AUTH_TOKEN=KEY,
        ANTHROPIC_MODEL=model,
        ANTHROPIC_DEFAULT_HAIKU_MODEL=model,
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1",
        DISABLE_AUTOUPDATER="1",
        DISABLE_TELEMETRY="1",
        DISABLE_ERROR_REPORTING="1",
    )
    return [json.decode(line) for line in ran.stdout.splitlines() if line.startswith("{")]


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize("model", ["gw-test-model", "claude-sonnet-4-5"])
def test_a_task_with_tools(tmp_path: Path, sandbox: Server, name: str, model: str) -> None:
    with desk(tmp_path, sandbox, name) as there:
        file = there.project / "made.txt"
        said = prompt(
            "First I write.",
            [{"shell": "printf hello > made.txt"}, {"shell": "printf second > second.txt"}],
            {"read": {"path": str(file)}},
            {"edit": {"path": str(file), "old": "hello", "new": "edited"}},
            {"tool-search": "select:mcp__box__get_weather"},
            {"mcp__box__get_weather": {"city": "Oslo"}},
            "All is done.",
        )
        events = claude(there, said, model)
    assert (there.made("made.txt"), there.made("second.txt")) == ("edited", "second")
    assert (events[-1]["type"], events[-1]["is_error"], events[-1]["result"]) == ("result", False, "All is done.")
    told = [json.text(event["message"]["content"]) for event in events if event["type"] == "user"]
    assert "Sunny in Oslo" in told[-1]
    judge(events, 6)
    good(there.records, "anthropic", there.dialect)
    assert lost(there.records) <= LOST[name]


def judge(events: list[dict[str, Any]], calls: int) -> None:
    """Ids that come again make it loop: of messages, and of calls over the whole conversation."""
    messages = [event["message"] for event in events if event["type"] == "assistant"]
    made = [block["id"] for message in messages for block in message["content"] if block["type"] == "tool_use"]
    assert len(made) == len(set(made)) == calls
    ids = [message["id"] for message in messages]
    in_a_row = [ident for ident, before in zip(ids, [None, *ids], strict=False) if ident != before]
    assert len(in_a_row) == len(set(in_a_row))


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_session_that_goes_on(tmp_path: Path, sandbox: Server, name: str) -> None:
    """What the first run was told, thoughts with their proofs and calls with their ids, goes back in the second."""
    with desk(tmp_path, sandbox, name) as there:
        first = claude(there, prompt({"shell": "printf hello > made.txt"}, "One is done."), "gw-test-model")
        said = prompt({"shell": "printf second > second.txt"}, {"shell": "ls"}, "Two is done.")
        events = claude(there, said, "gw-test-model", "--continue")
    assert (there.made("made.txt"), there.made("second.txt")) == ("hello", "second")
    assert events[-1]["result"] == "Two is done."
    judge([*first, *events], 3)
    good(there.records, "anthropic", there.dialect)

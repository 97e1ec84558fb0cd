"""Codex, headless, to a provider of each dialect, as three models make it speak: with functions and namespaces; with freeform
tools and a search for tools; and with all of its tools inside the input, called from JavaScript.
"""

from pathlib import Path
from typing import Any

import pytest

from dragoman.wire import json
from support import node
from support.programs import KEY, MCP_SERVER, PYTHON, Desk, desk, good, lost, prompt
from support.server import Server
from support.stack import PROVIDERS

CONFIG = """
model = "{model}"
model_provider = "ours"
check_for_update_on_startup = false
[analytics]
enabled = false
[model_providers.ours]
name = "ours"
base_url = "{base}/v1"
env_key = "OUR_KEY"
wire_api = "responses"
[mcp_servers.box]
command = "{python}"
args = ["{server}"]
"""
PATCH = "*** Begin Patch\n*** Add File: patched.txt\n+patched\n*** End Patch\n"
SHELL: Any = [{"shell": "printf hello > made.txt"}, {"shell": "printf second > second.txt"}]
WEATHER: Any = {"mcp__box__get_weather": {"city": "Oslo"}}
STEPS: dict[str, list[Any]] = {
    "gw-test-model": [SHELL, WEATHER],
    "gpt-5.5": [SHELL, {"patch": PATCH}, {"tool-search": "weather"}, WEATHER],
    "gpt-6-sol": [
        {"exec": "text(await tools.exec_command({cmd: 'printf hello > made.txt'}));"},
        {"exec": "text(await tools.exec_command({cmd: 'printf second > second.txt'}));"},
        {"exec": f"text(await tools.apply_patch({json.text(PATCH)}));"},
        {"exec": "text(await tools.mcp__box__get_weather({city: 'Oslo'}));"},
    ],
}
PATCHED = ("gpt-5.5", "gpt-6-sol")
TOOLS = {(f"{place}/tools/*", kind) for place in ("", "/input/*", "/input/*/tools/*") for kind in ("approximated", "dropped")}
COMMON = TOOLS | {("/input/*", "approximated"), ("/text/verbosity", "dropped")}
LOST = {
    "a": COMMON | {("/reasoning", "approximated")},
    "c": COMMON | {("/reasoning", "dropped")},  # a model of that name takes no tools while it reasons, on Chat
    "r": set[tuple[str, str]](),
    "g": COMMON | {("/parallel_tool_calls", "dropped"), ("/reasoning/summary", "approximated")},
}
"""What may be lost, but for hints: tools of OpenAI's own forms are functions, hosted ones are not there."""


def codex(there: Desk, model: str, *arguments: str) -> list[dict[str, Any]]:
    """The events of one run."""
    home = there.home / ".codex"
    home.mkdir(exist_ok=True)
    told = CONFIG.format(model=model, base=there.gateway.base, python=PYTHON, server=MCP_SERVER)
    (home / "config.toml").write_text(told, encoding="utf-8")
    common = ("--json", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox")
    ran = there.run(node.CODEX, "exec", *arguments[:-1], *common, arguments[-1], CODEX_HOME=str(home), OUR_KEY=KEY)
    return [json.decode(line) for line in ran.stdout.splitlines() if line.startswith("{")]


def of(events: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """Finished items of a kind."""
    return [event["item"] for event in events if event["type"] == "item.completed" and event["item"]["type"] == kind]


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize("model", STEPS)
def test_a_task_with_tools(tmp_path: Path, sandbox: Server, name: str, model: str) -> None:
    with desk(tmp_path, sandbox, name) as there:
        events = codex(there, model, prompt("First I write.", *STEPS[model], "All is done."))
    assert (there.made("made.txt"), there.made("second.txt")) == ("hello", "second")
    assert model not in PATCHED or there.made("patched.txt") == "patched\n"
    assert events[-1]["type"] == "turn.completed"
    assert of(events, "agent_message")[-1]["text"] == "All is done."
    (weather,) = of(events, "mcp_tool_call")
    assert (weather["status"], weather["tool"], weather["arguments"]["city"]) == ("completed", "get_weather", "Oslo")
    assert "Sunny in Oslo" in json.text(weather["result"])
    good(there.records, "openai-responses", there.dialect)
    assert len(there.records) == len(STEPS[model]) + 1
    assert lost(there.records) <= LOST[name]


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_session_that_goes_on(tmp_path: Path, sandbox: Server, name: str) -> None:
    """What the first run was told, thoughts with their proofs and calls with their ids, goes back in the second."""
    with desk(tmp_path, sandbox, name) as there:
        codex(there, "gpt-5.5", prompt({"shell": "printf hello > made.txt"}, "One is done."))
        events = codex(
            there, "gpt-5.5", "resume", "--last", prompt({"shell": "printf second > second.txt"}, {"shell": "ls"}, "Two is done.")
        )
    assert (there.made("made.txt"), there.made("second.txt")) == ("hello", "second")
    assert of(events, "agent_message")[-1]["text"] == "Two is done."
    good(there.records, "openai-responses", there.dialect)
    assert len(there.records) == 5


def test_a_websocket_is_declined_so_that_it_goes_on_over_http(tmp_path: Path, sandbox: Server) -> None:
    with desk(tmp_path, sandbox, "c") as there:
        steps = prompt({"shell": "printf hello > made.txt"}, "All is done.")
        events = codex(there, "gpt-5.5", "-c", "model_providers.ours.supports_websockets=true", steps)
    assert there.made("made.txt") == "hello"
    assert of(events, "agent_message")[-1]["text"] == "All is done."
    good(there.records, "openai-responses", "openai-chat")

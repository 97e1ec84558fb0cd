"""`translate`: what is printed is what would be sent, or what a client would get."""

import asyncio
import io
import json
from pathlib import Path
from typing import Any

import pytest

from dragoman.dialects.pairs import graded
from dragoman.dialects.registry import CLIENTS, DIALECTS
from support.dialogue import provider
from support.fixtures import FIXTURES, Answer, Ask, ask, facts, finished, requests
from support.gateway import Gateway
from support.said import differences, exact, of_events
from support.scripted import Scripted, answer
from support.server import dragoman
from support.speech import build, decode, parse
from support.verbs import Said, Shell

HELLO = [{"role": "user", "content": "Hello"}]
CLAUDE = {"model": "m", "max_tokens": 9, "messages": HELLO}
KEY = "gsk_0123456789abcdef"


def written(body: Any, name: str = "request.json") -> str:
    Path(name).write_bytes(body if isinstance(body, bytes) else json.dumps(body).encode())
    return name


def claude_to_chat(shell: Shell, *arguments: str) -> Said:
    return shell("translate", "--from", "claude", "--to", "chat", *arguments)


# requests


@pytest.mark.parametrize("to", DIALECTS)
@pytest.mark.parametrize("asked", [each for each in requests() if each.name in ("ask", "zeros", "parallel-history")], ids=str)
def test_the_body_is_what_the_builder_makes(shell: Shell, asked: Ask, to: str) -> None:
    said = shell("translate", "--from", asked.dialect, "--to", to, "--model", "some-model", written(asked.body))
    assert said.code == 0
    if to == asked.dialect:
        assert (said.out, said.err) == (asked.body.decode(), "")
        return
    built = build(parse(asked), to)
    assert exact(said.out.encode()) == exact(built.body)
    assert [line.split()[1] for line in said.err.splitlines()[1:]] == [loss.path for loss in graded(built.losses)]


def test_pretty_changes_white_space_alone(shell: Shell) -> None:
    file = written(b'{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hi"}]}')
    flat, pretty = claude_to_chat(shell, file), claude_to_chat(shell, file, "--pretty")
    assert json.loads(flat.out) == json.loads(pretty.out)
    assert pretty.out.startswith('{\n  "model": "m",\n')


def test_losses_go_to_stderr(shell: Shell) -> None:
    said = claude_to_chat(shell, written({**CLAUDE, "top_k": 5, "service_tier": "auto"}))
    assert "top_k" not in said.out
    assert said.err.splitlines()[1].split()[:2] == ["dropped", "/top_k"]


def test_from_stdin(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps(CLAUDE).encode())))
    assert json.loads(claude_to_chat(shell, "-").out)["messages"] == HELLO


def test_more_is_told_on_demand(shell: Shell) -> None:
    lines = claude_to_chat(shell, "-v", written(CLAUDE)).err.splitlines()
    assert lines[0] == "openai-chat: translate"
    assert lines[1] == "POST https://provider.invalid/v1/chat/completions"
    assert "content-type: application/json" in lines
    to_claude = shell("translate", "--from", "chat", "--to", "claude", "-v", written({"model": "m", "messages": HELLO}))
    assert "POST https://provider.invalid/v1/messages" in to_claude.err
    assert "anthropic-version: " in to_claude.err


@pytest.mark.parametrize(
    ("more", "flags", "code", "words"),
    [
        ({"top_k": 5}, ("--strict",), 9, "top_k"),
        ({"thread": {"type": "create"}}, (), 8, "thread"),
        ({"thread": {"type": "create"}}, ("--strict",), 8, "thread"),
        ({"messages": 7}, (), 8, "messages"),
    ],
)
def test_what_would_be_refused_is_not_printed(
    shell: Shell, more: dict[str, Any], flags: tuple[str, ...], code: int, words: str
) -> None:
    said = claude_to_chat(shell, *flags, written({**CLAUDE, **more}))
    assert (said.code, said.out) == (code, "")
    assert words in said.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--to", "chat", "f"), "--from"),
        (("--from", "chat", "f"), "--to"),
        (("--from", "chat", "--to", "claude"), "FILE"),
        (("--from", "chat", "--answer", "f"), "--to"),
        (("--to", "chat", "--answer", "f"), "--from"),
        (("--from", "chat", "--to", "klingon", "f"), "anthropic (claude, messages)"),
    ],
)
def test_usage(shell: Shell, arguments: tuple[str, ...], words: str) -> None:
    written(CLAUDE, "f")
    said = shell("translate", *arguments)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert words in said.err


def test_a_stream_is_asked_for_where_the_dialect_says_it(shell: Shell) -> None:
    """The flag is not ignored where it can do nothing."""
    said = claude_to_chat(shell, "--stream", written(CLAUDE))
    assert (said.code, said.out) == (2, "")
    assert "--stream" in said.err
    assert json.loads(claude_to_chat(shell, "--stream", written({**CLAUDE, "stream": True})).out)["stream"] is True


def test_a_target_s_secrets_are_masked(shell: Shell) -> None:
    shell("providers", "add", "groq", "--api-key", KEY, "--small-model", "s", "--header", "X-Auth-Token: hush-hush-hush")
    said = shell("translate", "--from", "claude", "--target", "groq:s", "-v", written({**CLAUDE, "top_k": 5}))
    assert said.code == 0
    assert "POST https://api.groq.com/openai/v1/chat/completions" in said.err
    assert "authorization: ...cdef" in said.err
    assert KEY not in said.err + said.out
    assert "hush-hush" not in said.err
    assert json.loads(said.out)["model"] == "s"


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("spoken", DIALECTS)
async def test_it_is_what_a_server_sends(tmp_path: Path, client: str, spoken: str) -> None:
    """The command beside a running server, over one database: the same bytes, the same losses."""
    door = next(path.pattern.replace("{model}", "p:m") for path in CLIENTS[client].paths if path.operation == "chat")
    body = json.dumps({**json.loads(ask(client).body), "model": "p:m", "novelty": 1.5}).encode()
    reply = (FIXTURES / spoken / "answers" / "text.json").read_bytes()
    async with Scripted(lambda _: [answer(200, reply)]) as server:
        record = provider("p", server.url, provider_type="custom", dialects=[spoken])
        async with Gateway(tmp_path, record) as gateway:
            got = await gateway.ask(door, body)
            arguments = ["translate", "--from", client, "--target", "p:m", "--model", "p:m", "-v", "-"]
            env = {"DATABASE_URL": f"sqlite:///{tmp_path}/gateway.db"}
            said = await asyncio.to_thread(dragoman, tmp_path, arguments, env, body.decode())
        assert (got.status, said.returncode) == (200, 0), said.stderr
        assert server.requests[0].body == said.stdout.rstrip("\n").encode()
        assert f"POST {server.url}{server.requests[0].target}" in said.stderr
        told = got.headers.get("x-dragoman-losses", "")
        assert ("/novelty" in told) == ("/novelty" in said.stderr) == (client != spoken)


# answers


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(
    "told", [each for each in finished() if each.name in ("tools", "unicode", "cached", "max-tokens")], ids=str
)
def test_an_answer_says_the_same(shell: Shell, told: Answer, client: str, stream: bool) -> None:
    arguments = ("--from", told.dialect, "--to", client, "--answer", *(("--stream",) if stream else ()), written(told.data, "a"))
    said = shell("translate", *arguments)
    assert said.code == 0
    data = said.out.encode()
    assert differences(told.said, of_events(decode(client, data, stream=stream)), facts(client).get("uncounted", ())) == []
    assert shell("translate", *arguments).out == said.out
    if client == told.dialect and stream == told.stream:
        assert data == told.data


def test_losses_of_an_answer(shell: Shell) -> None:
    file = str(FIXTURES / "openai-chat" / "answers" / "logprobs.json")
    whole = shell("translate", "--from", "chat", "--to", "claude", "--answer", "--pretty", file)
    assert "/response/choices/0/logprobs" in whole.err
    assert whole.out.startswith("{\n")
    stream = shell("translate", "--from", "chat", "--to", "claude", "--answer", "--stream", file)
    assert ': x-dragoman-losses: "/response/choices/0/logprobs";kind=dropped' in stream.out


@pytest.mark.parametrize(
    ("name", "flags", "code", "words"),
    [
        ("error-body.json", (), 6, "HTTP 500"),
        ("error-body.json", ("--status", "429"), 6, "HTTP 429"),
        ("error-body.json", ("--status", "401"), 5, "HTTP 502"),
        ("error-first.sse", ("--stream",), 6, "HTTP "),
        ("cut.sse", (), 6, "HTTP 500"),
        ("html.json", ("--status", "404"), 7, "HTTP 404"),
    ],
)
def test_a_failure_before_content_is_an_http_error(
    shell: Shell, name: str, flags: tuple[str, ...], code: int, words: str
) -> None:
    file = str(FIXTURES / "anthropic" / "answers" / name)
    said = shell("translate", "--from", "claude", "--to", "chat", "--answer", *flags, file)
    assert said.code == code, said.err
    assert words in said.err
    assert "message" in json.loads(said.out)["error"]


def test_a_failure_after_content_ends_the_stream(shell: Shell) -> None:
    file = str(FIXTURES / "anthropic" / "answers" / "error-mid-stream.sse")
    said = shell("translate", "--from", "claude", "--to", "chat", "--answer", "--stream", file)
    assert said.code == 6
    last = said.out.strip().splitlines()[-1]
    assert "error" in json.loads(last.removeprefix("data: "))
    assert "HTTP" not in said.err


def test_the_providers_own_error_stays_its_own_for_its_own(shell: Shell) -> None:
    file = FIXTURES / "anthropic" / "answers" / "error-body.json"
    said = shell("translate", "--from", "claude", "--to", "claude", "--answer", "--status", "529", str(file))
    assert said.code == 6
    assert said.out == file.read_text(encoding="utf-8")


def test_names_are_given_back_by_the_request(shell: Shell) -> None:
    """Tools whose names are too long for Chat."""
    asked = FIXTURES / "anthropic" / "requests" / "odd-names.json"
    sent = json.loads(claude_to_chat(shell, str(asked)).out)["tools"][0]["function"]["name"]
    call = {"id": "call_1", "type": "function", "function": {"name": sent, "arguments": "{}"}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
    file = written({"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}, "answer.json")
    arguments = ("translate", "--from", "chat", "--to", "claude", "--answer", file)
    named = json.loads(shell(*arguments, "--request", str(asked)).out)["content"][0]["name"]
    assert named == json.loads(asked.read_bytes())["tools"][0]["name"] != sent
    assert named in shell(*arguments, "--stream", "--request", str(asked)).out
    assert json.loads(shell(*arguments).out)["content"][0]["name"] == sent


def test_a_sealed_proof_comes_back(shell: Shell) -> None:
    """What `--answer` seals, a request opens: the provider gets its own signature."""
    told = FIXTURES / "anthropic" / "answers" / "thinking.json"
    message = json.loads(shell("translate", "--from", "claude", "--to", "chat", "--answer", str(told)).out)["choices"][0][
        "message"
    ]
    file = written({"model": "m", "messages": [*HELLO, message, *HELLO]})
    sent = json.loads(shell("translate", "--from", "chat", "--to", "claude", file).out)["messages"][1]["content"]
    assert sent[0] == json.loads(told.read_bytes())["content"][0]


def test_an_answer_of_a_configured_provider(shell: Shell) -> None:
    shell("providers", "add", "groq", "--api-key", KEY, "--small-model", "s")
    file = str(FIXTURES / "openai-chat" / "answers" / "text.json")
    said = shell("translate", "--to", "claude", "--target", "groq:s", "--answer", file)
    assert (
        json.loads(said.out)["content"]
        == json.loads(shell("translate", "--from", "chat", "--to", "claude", "--answer", file).out)["content"]
    )

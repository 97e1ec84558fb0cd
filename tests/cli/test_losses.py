"""`losses`: the table of a pair, what one request would lose, and the exit code by the gravest kind."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from dragoman.dialects.bodies import example
from dragoman.dialects.registry import CLIENTS, DIALECTS
from support.fixtures import ask
from support.losing import pairs
from support.server import dragoman
from support.verbs import Said, Shell

HELLO = [{"role": "user", "content": "Hello"}]
CLAUDE = {"model": "m", "max_tokens": 9, "messages": HELLO}


def written(body: Any, name: str = "request.json") -> str:
    Path(name).write_bytes(body if isinstance(body, bytes) else json.dumps(body).encode())
    return name


def rows(said: Said) -> list[tuple[str, str]]:
    return [(line[0], line[1]) for line in said.lines[1:]]


def claude_to_chat(shell: Shell, *arguments: str) -> Said:
    return shell("losses", "--from", "anthropic", "--to", "openai-chat", *arguments)


@pytest.mark.parametrize(("client", "to"), list(pairs()))
def test_every_pair_has_a_table(shell: Shell, client: str, to: str) -> None:
    said = shell("losses", "--from", client, "--to", to)
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("KIND ")
    assert {"dropped", "exact"} <= {kind for kind, _ in rows(said)}
    told = json.loads(shell("losses", "--from", client, "--to", to, "--json").out)
    assert (told["from"], told["to"], told["lane"]) == (client, to, "translate")
    assert [(row["kind"], row["member"]) for row in told["members"]] == rows(said)
    assert all(isinstance(row["whys"], list) for row in told["members"])


@pytest.mark.parametrize("client", CLIENTS)
def test_the_same_dialect_is_copied(shell: Shell, client: str) -> None:
    said = shell("losses", "--from", client, "--to", client, "--strict")
    assert (said.code, said.err) == (0, f"{client}: copy\n")
    assert {kind for kind, _ in rows(said)} == {"exact"}


def test_one_request_by_its_pointers(shell: Shell) -> None:
    marked = [{"role": "user", "content": [{"type": "text", "text": "Hi", "cache_control": {"type": "ephemeral"}}]}]
    file = written({**CLAUDE, "messages": marked, "top_k": 5, "thinking": {"type": "enabled", "budget_tokens": 1024}})
    said = claude_to_chat(shell, file)
    assert rows(said) == [
        ("dropped", "/top_k"),
        ("approximated", "/thinking"),
        ("hint", "/messages/0/content/0/cache_control"),
    ]
    assert said.lines[1][2:] == ["Chat", "has", "no", "top_k"]
    told = json.loads(claude_to_chat(shell, "--json", file).out)
    assert told["losses"][0] == {"path": "/top_k", "kind": "dropped", "why": "Chat has no top_k"}


def test_nothing_lost(shell: Shell) -> None:
    said = claude_to_chat(shell, "--strict", written(CLAUDE))
    assert (said.code, said.out, said.err) == (0, "", "nothing is lost\n")
    assert json.loads(claude_to_chat(shell, "--json", written(CLAUDE)).out)["losses"] == []


def test_from_stdin(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps({**CLAUDE, "top_k": 5}).encode())))
    assert rows(claude_to_chat(shell, "-")) == [("dropped", "/top_k")]


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        ({}, 0, ""),
        ({"cache_control": {"type": "ephemeral"}}, 0, ""),
        ({"thinking": {"type": "enabled", "budget_tokens": 1024}}, 0, ""),
        ({"top_k": 5}, 9, "1 member would be dropped"),
        ({"top_k": 5, "inference_geo": "eu"}, 9, "2 members would be dropped"),
        ({"top_k": 5, "thread": {"type": "create"}}, 8, "1 member cannot be said at all"),
    ],
)
def test_the_exit_code_is_that_of_the_gravest_kind(shell: Shell, more: dict[str, Any], code: int, words: str) -> None:
    file = written({**CLAUDE, **more})
    assert claude_to_chat(shell, file).code == 0
    said = claude_to_chat(shell, "--strict", file)
    assert said.code == code
    assert words in said.err
    assert claude_to_chat(shell, "--strict", "--json", file).code == code


@pytest.mark.parametrize(
    ("word", "means"),
    [("claude", "anthropic"), ("Messages", "anthropic"), ("chat", "openai-chat"), ("openai_chat", "openai-chat")],
)
def test_short_names(shell: Shell, word: str, means: str) -> None:
    assert json.loads(shell("losses", "--from", word, "--to", "anthropic", "--json").out)["from"] == means


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_id_has_its_last_word_as_a_short_name(shell: Shell, dialect: str) -> None:
    told = json.loads(shell("losses", "--from", "chat", "--to", dialect.rpartition("-")[2], "--json").out)
    assert told["to"] == dialect


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--from", "klingon", "--to", "chat"), 2, "anthropic (claude, messages)"),
        (("--from", "chat", "--to", "openai"), 2, "openai-chat (chat, completions)"),
        (("--from", "chat"), 2, "--to DIALECT or --target"),
        (("--to", "chat"), 2, "--from"),
        (("--from", "chat", "--to", "claude", "no-such-file"), 3, "no-such-file"),
    ],
)
def test_what_cannot_be(shell: Shell, arguments: tuple[str, ...], code: int, words: str) -> None:
    said = shell("losses", *arguments)
    assert (said.code, said.out) == (code, "")
    assert words in said.err


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"messages": 7}'])
def test_a_file_that_is_no_request(shell: Shell, body: bytes) -> None:
    said = claude_to_chat(shell, written(body))
    assert (said.code, said.out) == (8, "")
    assert said.err.startswith("dragoman: ")


def test_no_database_is_made(shell: Shell) -> None:
    claude_to_chat(shell)
    claude_to_chat(shell, written(CLAUDE))
    assert sorted(file.name for file in Path().iterdir()) == ["request.json"]


# a configured provider


def test_a_targets_own_quirks_count(shell: Shell) -> None:
    shell("providers", "add", "groq", "--api-key", "k-0123456789", "--small-model", "llama-3.1-8b-instant")
    asked = {"model": "x", "messages": HELLO, "logprobs": True, "temperature": 1.5}
    said = shell("losses", "--from", "chat", "--target", "groq:llama-3.1-8b-instant", written(asked))
    assert rows(said) == [("dropped", "/logprobs")]
    assert said.err == "groq:llama-3.1-8b-instant, openai-chat: copy\n"
    told = json.loads(shell("losses", "--from", "chat", "--target", "groq:llama-3.1-8b-instant", "--json", "request.json").out)
    assert (told["target"], told["lane"], told["to"]) == ("groq:llama-3.1-8b-instant", "copy", "openai-chat")


def test_the_lane_is_that_of_the_request(shell: Shell) -> None:
    shell("providers", "add", "groq", "--api-key", "k-0123456789", "--small-model", "s")
    tool = {"type": "custom", "custom": {"name": "shell"}}
    for more, lane in (({}, "copy"), ({"tools": [tool]}, "translate")):
        file = written({"model": "x", "messages": HELLO, **more})
        assert shell("losses", "--from", "chat", "--target", "groq:s", file).err.startswith(f"groq:s, openai-chat: {lane}\n")


def test_any_name_that_resolves_is_a_target(shell: Shell) -> None:
    shell("providers", "add", "groq", "--api-key", "k", "--big-model", "b", "--medium-model", "m", "--small-model", "s")
    told = json.loads(shell("losses", "--from", "claude", "--target", "claude-sonnet-4", "--json").out)
    assert (told["target"], told["from"], told["to"]) == ("groq:m", "anthropic", "openai-chat")


def test_the_dialect_of_a_target_may_be_chosen(shell: Shell) -> None:
    arguments = ("--dialect", "openai-chat", "--dialect", "anthropic", "--small-model", "s")
    shell("providers", "add", "both", "--base-url", "https://x.example", *arguments)
    by_itself = json.loads(shell("losses", "--from", "chat", "--target", "both:s", "--json").out)
    chosen = json.loads(shell("losses", "--from", "chat", "--target", "both:s", "--to", "anthropic", "--json").out)
    assert (by_itself["to"], chosen["to"], chosen["lane"]) == ("openai-chat", "anthropic", "translate")
    shell("providers", "add", "one", "--base-url", "https://y.example", "--dialect", "anthropic", "--small-model", "t")
    said = shell("losses", "--from", "chat", "--target", "one:t", "--to", "chat")
    assert (said.code, said.out) == (2, "")
    assert "it speaks anthropic" in said.err


def test_a_target_that_nobody_is(shell: Shell) -> None:
    for name in ("groq", "openrouter"):
        shell("providers", "add", name, "--api-key", "k", "--small-model", "s")
    said = shell("losses", "--from", "chat", "--target", "no-such-model")
    assert (said.code, said.out) == (7, "")


@pytest.mark.e2e
@pytest.mark.parametrize(("client", "to"), list(pairs()))
def test_the_command_itself(tmp_path: Path, client: str, to: str) -> None:
    """By itself in a process: the example over stdin, and what it says is the table's."""
    body = example(CLIENTS[client]).decode()
    done = dragoman(tmp_path, ["losses", "--from", client, "--to", to, "--strict", "-"], stdin=body)
    assert done.returncode in (8, 9)
    assert done.stdout.startswith("KIND ")
    assert done.stderr.count("\n") == 1
    plain = dragoman(tmp_path, ["losses", "--from", client, "--to", to, "-"], stdin=ask(client).body.decode())
    assert plain.returncode == 0

"""`providers`: what is added is kept as it was said, and its key is never shown."""

import io
import os
import re
from collections.abc import Iterator

import pytest

from support.server import serving
from support.verbs import Shell

SECRET = "gsk_0123456789abcdef"


def listed(shell: Shell) -> dict[str, list[str]]:
    """Slug -> row, those of the database."""
    return {line[1]: line for line in shell("providers", "list").lines[1:] if line[-1] == "database"}


def test_a_known_name_needs_no_address(shell: Shell) -> None:
    assert shell("providers", "add", "groq", "--api-key", SECRET).code == 0
    row = listed(shell)["groq"]
    assert row[2:4] == ["groq", "https://api.groq.com/openai/v1"]
    assert row[4] == "...cdef"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("Mistral",), "no key"),
        (("Mine", "--base-url", "http://127.0.0.1:9/v1"), "DRAGOMAN_ALLOW_PRIVATE"),
        (("Mine", "--type", "vllm", "--base-url", "http://127.0.0.1:9/v1"), ""),
    ],
)
def test_what_will_keep_it_from_answering_is_told_at_once(shell: Shell, arguments: tuple[str, ...], words: str) -> None:
    said = shell("providers", "add", *arguments)
    assert said.code == 0
    assert words in said.err
    assert (said.err == "") == (words == "")


def test_every_option(shell: Shell) -> None:
    said = shell(
        *("providers", "add", "My Own", "--type", "custom", "--base-url", "https://llm.example/v1", "--api-key", SECRET),
        *("--big-model", "b", "--medium-model", "m", "--small-model", "s", "--model", "x", "--model", "y"),
        *("--dialect", "anthropic", "--dialect", "openai-chat", "--header", "X-Title: a: b", "--priority", "7"),
        *("--timeout", "12.5", "--inactive"),
    )
    assert (said.code, said.err) == (0, "")
    assert listed(shell)["my-own"][2:] == ["custom", "https://llm.example/v1", "...cdef", "b,m,s,x,y", "7", "off", "database"]


def test_the_key_may_come_from_stdin(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{SECRET}\n"))
    assert shell("providers", "add", "groq", "--api-key", "-").code == 0
    assert listed(shell)["groq"][4] == "...cdef"


def test_the_key_is_never_shown(shell: Shell) -> None:
    said = [
        shell("providers", "add", "groq", "--api-key", SECRET),
        shell("providers", "list"),
        shell("providers", "remove", "groq"),
    ]
    assert [one for one in said if SECRET in one.out + one.err] == []


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("nobody-knows",), 2, "--base-url"),
        (("a", "--base-url", "ftp://x"), 8, "base_url"),
        (("a", "--base-url", "https://x", "--header", "no colon"), 2, "--header"),
        (("a", "--base-url", "https://x", "--header", "Connection: close"), 8, "headers"),
        (("a", "--base-url", "https://x", "--timeout", "0"), 8, "timeout"),
    ],
)
def test_what_cannot_be_used_is_named(shell: Shell, arguments: tuple[str, ...], code: int, words: str) -> None:
    said = shell("providers", "add", *arguments)
    assert (said.code, said.out) == (code, "")
    assert words in said.err
    assert listed(shell) == {}


def test_a_name_is_taken_once(shell: Shell) -> None:
    shell("providers", "add", "groq")
    assert shell("providers", "add", "Groq").code == 8


@pytest.mark.parametrize("which", ["my-own", "My Own", "1"])
def test_remove(shell: Shell, which: str) -> None:
    shell("providers", "add", "My Own", "--base-url", "https://x.example/v1")
    assert shell("providers", "remove", which).code == 0
    assert listed(shell) == {}


def test_remove_what_is_not_there(shell: Shell) -> None:
    said = shell("providers", "remove", "nobody")
    assert (said.code, said.out) == (7, "")


def test_test_without_a_model(shell: Shell) -> None:
    shell("providers", "add", "bare", "--base-url", "https://x.example/v1")
    said = shell("providers", "test", "bare")
    assert said.code == 2
    assert "--model" in said.err


def test_test_of_an_address_where_nobody_is(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "DRAGOMAN_ALLOW_PRIVATE", "true")
    shell("providers", "add", "gone", "--base-url", "http://127.0.0.1:9/v1", "--api-key", SECRET, "--small-model", "m")
    said = shell("providers", "test", "gone")
    assert (said.code, said.out) == (4, "")
    assert SECRET not in said.err


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("sandbox"), verb="sandbox") as running:
        yield running.base


@pytest.mark.e2e
@pytest.mark.parametrize("dialect", ["openai-chat", "anthropic"])
def test_test_asks_and_says_how_it_went(shell: Shell, sandbox: str, dialect: str) -> None:
    shell("providers", "add", "box", "--type", "sandbox", "--base-url", sandbox, "--small-model", "sandbox", "--dialect", dialect)
    said = shell("providers", "test", "box")
    assert (said.code, said.err) == (0, "")
    assert re.fullmatch(rf"box:sandbox \({dialect}\) answered in \d+\.\d\d s: .+\n", said.out)


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("key", "model", "code"),
    [("sandbox-wrong-key", "sandbox", 5), ("k", "sandbox-503", 6), ("k", "sandbox-404", 7), ("k", "sandbox-bad-json", 6)],
)
def test_test_tells_the_cause(shell: Shell, sandbox: str, key: str, model: str, code: int) -> None:
    shell("providers", "add", "box", "--type", "sandbox", "--base-url", sandbox, "--api-key", key)
    said = shell("providers", "test", "box", "--model", model)
    assert (said.code, said.out) == (code, ""), said.err
    assert said.err.count("\n") == 1

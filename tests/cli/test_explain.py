"""`explain`: the rule and the plan, from what is configured, without asking anybody."""

import os

import pytest

from support.verbs import Shell


def add(shell: Shell, name: str, *more: str) -> None:
    assert shell("providers", "add", name, "--api-key", "k-0123456789", *more).code == 0


def targets(shell: Shell, *arguments: str) -> list[str]:
    said = shell("explain", *arguments)
    assert said.code == 0, said.err
    return [line[1] for line in said.lines if line and line[0].isdigit()]


def test_the_plan_in_order(shell: Shell) -> None:
    add(shell, "groq", "--big-model", "b", "--medium-model", "m", "--small-model", "s", "--priority", "2")
    add(shell, "openrouter", "--big-model", "ob", "--medium-model", "om", "--small-model", "os", "--priority", "1")
    assert targets(shell, "claude-sonnet-4-5") == ["openrouter:om", "groq:m"]
    assert "\nrule   tier" in shell("explain", "claude-sonnet-4-5").out


def test_the_lane_depends_on_the_client(shell: Shell) -> None:
    add(shell, "groq", "--small-model", "s")
    assert " translate " in shell("explain", "groq:s", "--dialect", "anthropic").out
    assert " copy " in shell("explain", "groq:s").out


def test_the_sandbox_while_there_is_nothing_else(shell: Shell) -> None:
    assert targets(shell, "anything") == ["sandbox:anything"]
    assert targets(shell) == ["sandbox:sandbox"]
    add(shell, "groq", "--small-model", "s")
    assert targets(shell, "anything") == ["groq:anything"]


def test_no_sandbox_towards_a_network(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "HOST", "0.0.0.0")
    said = shell("explain")
    assert said.code != 0
    assert "no provider configured" in said.err


def test_a_name_that_nobody_has(shell: Shell) -> None:
    add(shell, "groq", "--small-model", "s")
    add(shell, "openrouter", "--small-model", "t")
    said = shell("explain", "no-such-model")
    assert (said.code, said.out) == (7, "")
    assert "no-such-model" in said.err


def test_quirks_with_the_rows_they_come_from(shell: Shell) -> None:
    add(shell, "groq", "--small-model", "s")
    said = shell("explain", "groq:openai/gpt-oss-120b").out
    assert "QUIRKS OF" in said
    rows = [line.split()[1] for line in said.partition("QUIRKS OF")[2].splitlines()[1:]]
    assert rows == ["provider", "model"]
    assert 'efforts=["low","medium","high"]' in said
    assert "the vendor's API reference and SDK, 20" in said
    add(shell, "plain", "--base-url", "https://plain.example/v1", "--small-model", "t")
    assert "QUIRKS" not in shell("explain", "plain:t").out


def test_some_bodies_take_the_other_lane(shell: Shell) -> None:
    add(shell, "mistral", "--small-model", "s")
    said = shell("explain", "mistral:s").out
    assert " copy " in said
    assert "a body that its quirks concern below the top level is translated" in said
    assert "NOTE" not in shell("explain", "mistral:s", "--dialect", "claude").out


def test_an_unknown_dialect(shell: Shell) -> None:
    said = shell("explain", "x", "--dialect", "klingon")
    assert said.code == 2
    assert "openai-chat" in said.err

"""`call` (requirements S1-30 to S1-36) against a real server with the sandbox, and against servers that are not there."""

import re
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from support.server import Server, dragoman, serving

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("call")) as running:
        yield running


def call(server: Server, *arguments: str, **env: str) -> "CompletedProcess[str]":
    return dragoman(server.folder, ["call", *arguments, "--server", server.base], env)


def test_answer_on_stdout_and_what_is_told_about_it_on_stderr(server: Server) -> None:
    said = call(server, "Tell me a joke about APIs.")
    assert (said.returncode, said.stdout) == (0, "You said: Tell me a joke about APIs.\n")
    assert re.fullmatch(r"\d+ tokens in, \d+ out · \d+\.\d s · sandbox:sandbox\n", said.stderr)


@pytest.mark.parametrize("option", ["-m", "--model"])
def test_model(server: Server, option: str) -> None:
    assert "sandbox:some-model" in call(server, "Hi", option, "some-model").stderr


@pytest.mark.parametrize(
    "options",
    [("-t", "0.7", "--max-tok", "50", "-s", "Be brief."), ("--temp", "0", "--max-tok", "1000", "--system", "Be long.")],
)
def test_options_are_taken(server: Server, options: tuple[str, ...]) -> None:
    said = call(server, "Hi", *options)
    assert (said.returncode, said.stdout) == (0, "You said: Hi\n")


def test_few_tokens(server: Server) -> None:
    assert call(server, "one two three four five six", "--max-tok", "2").stdout != "You said: one two three four five six\n"


@pytest.mark.parametrize(
    ("model", "code"),
    [
        ("sandbox-400", 8),
        ("sandbox-401", 6),
        ("sandbox-404", 7),
        ("sandbox-429", 6),
        ("sandbox-503", 6),
        ("sandbox-cut", 6),
        ("sandbox-error-event", 6),
    ],
)
def test_the_cause_of_a_failure_decides_the_code(server: Server, model: str, code: int) -> None:
    said = call(server, "Hi", "-m", model)
    assert said.returncode == code, said.stderr
    assert said.stderr.startswith("dragoman: ")
    assert said.stderr.count("\n") == 1


def test_keys(tmp_path: Path) -> None:
    """The first key closes the server. --key beats FORWARDER_KEY, which may be in `.env`."""
    key = dragoman(tmp_path, ["generate-key"]).stdout.strip()
    with serving(tmp_path) as server:
        assert call(server, "Hi").returncode == 5
        assert call(server, "Hi", "-k", "fwd_wrong").returncode == 5
        assert call(server, "Hi", "--key", key).returncode == 0
        assert call(server, "Hi", FORWARDER_KEY=key).returncode == 0
        assert call(server, "Hi", "-k", "fwd_wrong", FORWARDER_KEY=key).returncode == 5
        (tmp_path / ".env").write_text(f"FORWARDER_KEY={key}\n")
        assert call(server, "Hi").returncode == 0


def test_where_the_settings_say_without_server(server: Server) -> None:
    port = server.base.rpartition(":")[2]
    said = dragoman(server.folder, ["call", "Hi"], {"PORT": port, "HOST": "0.0.0.0"})
    assert said.stdout == "You said: Hi\n"


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "127.0.0.1:9", "http://no-such-host.invalid:8000"])
def test_nobody_there(tmp_path: Path, address: str) -> None:
    said = dragoman(tmp_path, ["call", "Hi", "--server", address])
    assert (said.returncode, said.stdout) == (4, "")
    assert said.stderr.count("\n") == 1


def test_an_address_that_is_none(tmp_path: Path) -> None:
    assert dragoman(tmp_path, ["call", "Hi", "--server", "ftp://x"]).returncode == 2


def test_a_server_that_is_another(tmp_path: Path) -> None:
    """The sandbox alone speaks HTTP as well, and has no such path: its words are shown."""
    with serving(tmp_path, verb="sandbox") as other:
        said = dragoman(tmp_path, ["call", "Hi", "--server", f"{other.base}/nowhere"])
        assert said.returncode == 7

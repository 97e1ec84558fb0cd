"""`serve`, `run-server` (requirements S1-24 to S1-29) and `sandbox` as processes."""

import re
import signal
import socket
import sys
import time
from pathlib import Path

import pytest

from support.golden import ROOT
from support.server import PATIENCE, dragoman, serving

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("verb", ["serve", "run-server"])
def test_says_where_and_how_and_answers(tmp_path: Path, verb: str) -> None:
    with serving(tmp_path, verb=verb) as server:
        said = server.said()
        assert f"ANTHROPIC_BASE_URL={server.base}" in said
        assert f"{server.base}/v1" in said
        assert f"curl {server.base}/v1/" in said
        assert server.ask("GET", "/health").json == {"status": "ok"}


@pytest.mark.needs("curl", "sh")
def test_the_curl_line_works(tmp_path: Path) -> None:
    import subprocess

    with serving(tmp_path) as server:
        found = re.search(r"^ *(curl (?:.*\\\n)*.*)$", server.said(), re.MULTILINE)
        assert found is not None
        done = subprocess.run(["sh", "-c", found[1]], capture_output=True, text=True, timeout=PATIENCE, check=True)
        assert "You said: Hello" in done.stdout


def test_options_beat_variables(tmp_path: Path) -> None:
    env = {"HOST": "no.such.address.invalid", "PORT": "1", "LOG_LEVEL": "critical"}
    with serving(tmp_path, "--host", "127.0.0.1", "--port", "0", "--log-level", "debug", env=env) as server:
        assert server.ask("GET", "/ping").status == 200


def test_variables(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {"HOST": "127.0.0.1", "PORT": str(port), "DATABASE_URL": "sqlite:///./elsewhere.db"}
    with serving(tmp_path, "--port", str(port), env=env) as server:
        assert server.base.endswith(f":{port}")
        assert (tmp_path / "elsewhere.db").exists()


def test_log_level_in_any_case(tmp_path: Path) -> None:
    with serving(tmp_path, "--log-level", "DEBUG") as server:
        assert server.ask("GET", "/health").status == 200


def test_a_taken_port(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        port = server.base.rpartition(":")[2]
        said = dragoman(tmp_path, ["serve", "--port", port])
        assert said.returncode == 4
        assert port in said.stderr
        assert said.stderr.count("\n") == 1


def test_a_database_that_is_not_there_yet(tmp_path: Path) -> None:
    said = dragoman(tmp_path, ["serve", "--port", "0"], {"DATABASE_TYPE": "postgresql"})
    assert (said.returncode, said.stdout) == (3, "")
    assert "postgresql" in said.stderr
    assert said.stderr.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("verb", ["serve", "sandbox"])
def test_a_signal_ends_it_in_order(tmp_path: Path, verb: str, number: int) -> None:
    with serving(tmp_path, verb=verb) as server:
        server.process.send_signal(number)
        assert server.process.wait(PATIENCE) in (0, 130, -number)
        assert "Traceback" not in server.said()


def test_sandbox_beside_others(tmp_path: Path) -> None:
    """A configured provider ends the sandbox's service, but for --sandbox."""
    dragoman(tmp_path, ["providers", "add", "groq", "--api-key", "k", "--small-model", "s"])
    ask = {"model": "sandbox:x", "messages": [{"role": "user", "content": "Hello"}]}
    with serving(tmp_path) as server:
        assert server.ask("POST", "/v1/chat/completions", ask).status != 200
    with serving(tmp_path, "--sandbox") as server:
        assert server.ask("POST", "/v1/chat/completions", ask).status == 200


def test_what_the_command_line_changes_is_honoured_soon(tmp_path: Path) -> None:
    ask = {"model": "x", "messages": [{"role": "user", "content": "Hello"}]}
    with serving(tmp_path) as server:
        assert server.ask("POST", "/v1/chat/completions", ask).status == 200
        dragoman(tmp_path, ["keys", "create", "laptop"])
        deadline = time.monotonic() + PATIENCE
        while server.ask("POST", "/v1/chat/completions", ask).status != 401:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_without_uvloop(tmp_path: Path) -> None:
    """As on Windows. The whole suite can be run so: see support/blocked."""
    blocked = ROOT / "tests" / "support" / "blocked"
    ask = {"model": "x", "stream": True, "messages": [{"role": "user", "content": "Hello"}]}
    with serving(tmp_path, env={"PYTHONPATH": str(blocked)}) as server:
        assert b"[DONE]" in server.ask("POST", "/v1/chat/completions", ask).body


def test_reload(tmp_path: Path) -> None:
    with serving(tmp_path, "--reload", "--port", "0") as server:
        assert server.ask("GET", "/health").status == 200

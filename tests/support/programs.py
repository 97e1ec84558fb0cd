"""Agent programs, headless, through a gateway of their own to the sandbox, which speaks one dialect and follows a task.

Rule: a program gets a home, a project and an environment of its own, and an address on loopback; it calls nobody else.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dragoman.wire import json
from support import node
from support.server import Server, serving
from support.stack import DIALECTS, provider

MCP_SERVER = node.FOLDER / "mcp_box.py"
PATIENCE = 60.0
"""Seconds a program may take on a busy machine; with a quiet one it is a few."""
KEY = "any-key"
SHOWN = 3000
"""Characters of each output that are shown where a program fails."""


def prompt(*steps: Any) -> str:
    """A task for the sandbox (docs/sandbox.md), with words around it."""
    return f"Do the work. <sandbox-task>{json.text(list(steps))}</sandbox-task> Be brief."


@dataclass(frozen=True)
class Ran:
    """What a program wrote."""

    stdout: str
    stderr: str


@dataclass
class Desk:
    """Where a program works: `home` and `project` are empty at first. `records`: of all calls, once the gateway has stopped."""

    gateway: Server
    folder: Path
    dialect: str
    records: list[dict[str, Any]] = field(default_factory=list)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def project(self) -> Path:
        return self.folder / "project"

    def run(self, script: Path, *arguments: str, **environment: str) -> "Ran":
        """A program of node, to its end. Fails with what it said where it does not exit with 0, or not in time."""
        process = subprocess.Popen(
            ["node", str(script), *arguments],
            cwd=self.project,
            env=self._environment(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            out, err = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # node's own child, the program, too
            out, err = process.communicate()
        assert process.returncode == 0, (
            f"exit {process.returncode}\n{out[-SHOWN:]}\n{err[-SHOWN:]}\n{self.gateway.said()[-SHOWN:]}"
        )
        return Ran(out, err)

    def made(self, name: str) -> str:
        return (self.project / name).read_text(encoding="utf-8")

    def _environment(self, more: dict[str, str]) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG") if name in os.environ}
        folders = {f"XDG_{kind}_HOME": str(self.home / kind.lower()) for kind in ("CONFIG", "DATA", "CACHE", "STATE")}
        quiet = {"DO_NOT_TRACK": "1", "NO_COLOR": "1", "CI": "1", "NO_PROXY": "127.0.0.1,localhost"}
        # Whoever would call another host finds nobody: this proxy does not listen.
        nowhere = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
        return node.with_node({**kept, "HOME": str(self.home), **folders, **quiet, **nowhere, **more})


@contextmanager
def desk(folder: Path, sandbox: Server, name: str) -> Iterator[Desk]:
    """A gateway with the provider `name` (support.stack) alone, which takes every model."""
    for place in ("gateway", "home", "project"):
        (folder / place).mkdir(parents=True)
    kind, dialect, path = DIALECTS[name]
    with serving(folder / "gateway", env={"DRAGOMAN_ALLOW_PRIVATE": "true"}) as gateway:
        made = gateway.ask("POST", "/admin/providers", provider(name, kind, dialect, sandbox.base + path))
        assert made.status == 201, made.body
        there = Desk(gateway, folder, dialect)
        yield there
    there.records += records(gateway)


def records(gateway: Server) -> list[dict[str, Any]]:
    """Of all its calls, oldest first. Complete once it has stopped."""
    lines = [line for line in gateway.said().splitlines() if line.startswith("{")]
    return [record for record in map(json.decode, lines) if "operation" in record]


def good(records: Sequence[dict[str, Any]], client: str, dialect: str) -> None:
    """Every call was served at once by the provider, in its dialect, and in the lane that the pair has."""
    chats = [record for record in records if record["operation"] == "chat"]
    assert chats
    for record in chats:
        assert (record["status"], record.get("error")) == (200, None), record
        assert (record["client_dialect"], record["provider_dialect"]) == (client, dialect)
        assert record["lane"] == ("copy" if client == dialect else "translate"), record
        assert len(record["attempts"]) == 1, record


def lost(records: Sequence[dict[str, Any]]) -> set[tuple[str, str]]:
    """(place without its numbers, kind) of all that was lost, but for hints."""
    found = {(loss["path"], loss["kind"]) for record in records for loss in record.get("losses", ())}
    return {
        ("/".join("*" if part.isdigit() else part for part in path.split("/")), kind) for path, kind in found if kind != "hint"
    }


PYTHON = sys.executable

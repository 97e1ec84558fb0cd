"""A real `dragoman serve` in a process of its own, on a free port, in a folder of its own, with an environment of its own."""

import http.client
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dragoman.wire import json

DRAGOMAN = Path(sys.executable).with_name("dragoman.exe" if sys.platform == "win32" else "dragoman")
READY = re.compile(r"listens on (http://\S+)")
KEPT = ("PATH", "PYTHONPATH", "SYSTEMROOT", "TMPDIR", "LANG")
PATIENCE = 30.0
"""Seconds a machine under load may take to start or stop a process."""


@dataclass(frozen=True)
class Reply:
    """An HTTP answer, read to its end. `headers`: lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.decode(self.body)


@dataclass(frozen=True)
class Server:
    """What tests know of the running process."""

    base: str
    folder: Path
    process: "subprocess.Popen[bytes]"
    log: Path

    def said(self) -> str:
        """All it wrote to stdout and stderr."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def ask(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Reply:
        """One request. A body that is not bytes is sent as JSON."""
        url = urlsplit(self.base)
        connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=PATIENCE)
        try:
            data = body if body is None or isinstance(body, bytes) else json.encode(body)
            connection.request(method, path, data, {"content-type": "application/json", **(headers or {})})
            answer = connection.getresponse()
            return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()


def environment(folder: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a process of ours gets: nothing that configures a provider on the developer's machine."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {**kept, "HOME": str(folder), "PYTHONUNBUFFERED": "1", **(extra or {})}


@contextmanager
def serving(
    folder: Path, *arguments: str, env: Mapping[str, str] | None = None, verb: str = "serve", bare: bool = False
) -> Iterator[Server]:
    """`dragoman VERB --port 0 ARGUMENTS` until the block ends. Fails with what it said where it does not come up.

    `bare`: without `--port`, for those who set PORT."""
    log = folder / f"{verb}.log"
    command = [str(DRAGOMAN), verb, *(() if bare or "--port" in arguments else ("--port", "0")), *arguments]
    with log.open("wb") as file:
        process = subprocess.Popen(command, cwd=folder, env=environment(folder, env), stdout=file, stderr=subprocess.STDOUT)
    try:
        yield Server(_wait(process, log), folder, process, log)
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def dragoman(
    folder: Path, arguments: Sequence[str], env: Mapping[str, str] | None = None, stdin: str = ""
) -> "subprocess.CompletedProcess[str]":
    """One verb, run to its end in `folder`."""
    return subprocess.run(
        [str(DRAGOMAN), *arguments],
        cwd=folder,
        env=environment(folder, env),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def _wait(process: "subprocess.Popen[bytes]", log: Path) -> str:
    """The address it says it listens on."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        said = log.read_text(encoding="utf-8", errors="replace")
        if (found := READY.search(said)) is not None:
            return found.group(1)
        if process.poll() is not None:
            raise AssertionError(f"ended with {process.returncode} before it listened:\n{said}")
        time.sleep(0.02)
    raise AssertionError(f"did not listen within {PATIENCE:.0f} s:\n{log.read_text(encoding='utf-8', errors='replace')}")

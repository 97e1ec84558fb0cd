"""The processes of a run: started, found ready, their CPU read from /proc, ended by their own pid."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType

from benchmarks.speech import SHORT_NAMES

_TICK = os.sysconf("SC_CLK_TCK")
_ROOTS = {"anthropic": "", "openai-chat": "/v1", "openai-responses": "/v1", "gemini": "/v1beta"}
_NGINX = """
daemon off; worker_processes 1; error_log stderr crit; pid {folder}/nginx.pid;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 1000000; client_max_body_size 64m; client_body_buffer_size 1m;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u;
  scgi_temp_path {folder}/s;
  upstream provider {{ server 127.0.0.1:{upstream}; keepalive 256; keepalive_requests 1000000; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{ proxy_pass http://provider; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; }}
  }}
}}
"""


class Running:
    """A child process in a folder of its own."""

    def __init__(self, command: list[str], port: int, env: dict[str, str] | None = None, cwd: str | None = None) -> None:
        self.port = port
        self.child = subprocess.Popen(command, env={**os.environ, **(env or {})}, cwd=cwd, stdout=subprocess.DEVNULL)

    def __enter__(self) -> "Running":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.child.terminate()
        try:
            self.child.wait(15)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()

    def cpu(self) -> float:
        """Seconds of CPU of the process and its children so far."""
        return sum(_cpu_of(pid) for pid in [self.child.pid, *_children(self.child.pid)])

    def memory(self) -> int:
        """Resident bytes."""
        text = Path(f"/proc/{self.child.pid}/status").read_text()
        return int(text.partition("VmRSS:")[2].split()[0]) * 1024

    def until_ready(self, path: str = "/", seconds: float = 30) -> "Running":
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.child.poll() is not None:
                raise RuntimeError(f"{self.child.args!r} ended with {self.child.returncode}")
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=1):
                    return self
            except urllib.error.HTTPError:
                return self
            except OSError:
                time.sleep(0.02)
        raise RuntimeError(f"{self.child.args!r} is not ready")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def provider() -> Running:
    port = free_port()
    running = Running([sys.executable, "-m", "benchmarks.upstream", str(port)], port)
    time.sleep(0.5)
    return running


def nginx(upstream: int, folder: str) -> Running | None:
    """nginx as a bare proxy; None where it is not installed."""
    binary = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if binary is None:
        return None
    port = free_port()
    config = Path(folder, "nginx.conf")
    config.write_text(_NGINX.format(folder=folder, port=port, upstream=upstream))
    return Running([binary, "-c", str(config), "-p", folder, "-e", "stderr"], port)


def dragoman(folder: str) -> Running:
    """`dragoman serve`, without providers."""
    port = free_port()
    env = {
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "DATABASE_URL": f"sqlite:///{folder}/bench.db",
        "DRAGOMAN_ALLOW_PRIVATE": "true",
    }
    return Running([str(Path(sys.executable).parent / "dragoman"), "serve"], port, env, folder)


def add_providers(port: int, upstream: int) -> None:
    """The benchmark's provider under a letter for each dialect, each speaking that one alone."""
    for letter, dialect in SHORT_NAMES.items():
        root = f"http://127.0.0.1:{upstream}{_ROOTS[dialect]}"
        record = {
            "name": letter, "provider_type": "custom", "base_url": root, "api_key": "bench", "models": ["bench"],
            "big_model": "bench", "medium_model": "bench", "small_model": "bench", "dialects": {dialect: ""}, "priority": 1,
            "is_active": True,
        }  # fmt: skip
        body, head = json.dumps(record).encode(), {"content-type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}/admin/providers", body, head)):
            pass


def scratch() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="dragoman-bench-")


def _cpu_of(pid: int) -> float:
    """Of all its threads, in nanoseconds where the kernel tells them, else in ticks (10 ms, so short runs round)."""
    try:
        stats = [file.read_text().split() for file in Path(f"/proc/{pid}/task").glob("*/schedstat")]
        if stats and any(int(stat[0]) for stat in stats):
            return sum(int(stat[0]) for stat in stats) / 1e9
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICK


def _children(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []

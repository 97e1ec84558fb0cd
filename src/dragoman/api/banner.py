"""What `serve` prints when it listens: where, for whom, and a line to try that works."""

import shutil
import sys
from pathlib import Path

from dragoman import __version__
from dragoman.api.live import Live
from dragoman.api.loopback import from_here

_HOW_TO_ADD = "  (for real answers set OPENAI_API_KEY, ANTHROPIC_API_KEY, ... or: dragoman providers add)"


def banner(host: str, port: int, live: Live) -> str:
    """Plain text, one thing a line."""
    base = f"http://{from_here(host)}:{port}"
    active = [provider for provider in live.snapshot.providers if provider.is_active and not provider.addressed_only]
    names = ", ".join(provider.slug for provider in active[:8]) + (f" and {len(active) - 8} more" if len(active) > 8 else "")
    real = any(not provider.sandbox for provider in active)
    key = " \\\n    -H 'authorization: Bearer YOUR_KEY'" if live.gate.needs_key else ""
    anything = "" if live.gate.needs_key else "; any word while no key exists"
    model = "sandbox" if any(provider.sandbox for provider in active) else ""
    body = f'{{{f""""model":"{model}",""" if model else ""}"messages":[{{"role":"user","content":"Hello"}}]}}'
    lines = [
        f"Dragoman {__version__} listens on {base}",
        f"  providers    {names or 'none yet'}{'' if real else _HOW_TO_ADD}",
        f"  OpenAI       base_url {base}/v1",
        f"  Anthropic    ANTHROPIC_BASE_URL={base}  (Claude Code: ANTHROPIC_AUTH_TOKEN too{anything})",
        f"  status       {base}/",
        f"  admin        {base}/admin  (API: {base}/docs)",
        *live.gate.notes(),
        "Try:",
        f"  curl {base}/v1/chat/completions -H 'content-type: application/json'{key} \\\n    -d '{body}'",
        f'  {_program()} call "Tell me a joke about APIs." --server {base}',
    ]
    return "\n".join(lines)


def _program() -> str:
    """How the reader can start us: by name where that is on PATH, else as this process was started."""
    started = Path(sys.argv[0])
    if shutil.which("dragoman") is not None or not started.name.startswith("dragoman"):
        return "dragoman"
    return str(started.relative_to(Path.cwd()) if started.is_relative_to(Path.cwd()) else started)

"""`call`: one prompt through a running server, streamed. The answer goes to stdout, what is told about it to stderr."""

import sys
from typing import Annotated, Any

import typer

from dragoman.cli.exits import BY_STATUS, Exit, VerbError

PATH = "/v1/chat/completions"


def call(
    prompt: Annotated[str, typer.Argument(metavar="PROMPT", help="What to ask.")],
    model: Annotated[
        str | None, typer.Option("--model", "-m", metavar="TEXT", help="Model to ask; without it the server's fallback answers.")
    ] = None,
    key: Annotated[str | None, typer.Option("--key", "-k", metavar="TEXT", help="Client key.  [default: FORWARDER_KEY]")] = None,
    server: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Where it listens.  [default: HOST and PORT, else http://127.0.0.1:8000]")
    ] = None,
    temp: Annotated[float | None, typer.Option("--temp", "-t", metavar="FLOAT", help="Temperature.")] = None,
    max_tok: Annotated[
        int | None, typer.Option("--max-tok", metavar="INTEGER", min=1, help="Most tokens the answer may have.")
    ] = None,
    system: Annotated[str | None, typer.Option("--system", "-s", metavar="TEXT", help="System prompt.")] = None,
) -> None:
    """Ask a running server one thing.

    The answer is printed to stdout as it comes; then, to stderr, its tokens, seconds and target.
    """
    import time

    from dragoman.api.loopback import from_here
    from dragoman.cli.http import post
    from dragoman.settings import Settings
    from dragoman.wire import json

    settings = Settings.load()
    secret = settings.forwarder_key if key is None else key
    base = server if server is not None else f"http://{from_here(settings.host)}:{settings.port}"
    asked = {
        "model": model,
        "messages": [
            *([{"role": "system", "content": system}] if system is not None else []),
            {"role": "user", "content": prompt},
        ],
        "temperature": temp,
        "max_tokens": max_tok,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    body = json.encode({name: value for name, value in asked.items() if value is not None})
    begin = time.monotonic()
    with post(base, PATH, body, {"authorization": f"Bearer {secret}"} if secret else {}) as answer:
        if answer.status >= 400:
            raise _refused(answer.status, b"".join(answer.pieces()))
        shown = _Shown()
        for piece in answer.pieces():
            shown.feed(piece)
        shown.close()
        about = [
            shown.tokens(),
            f"{time.monotonic() - begin:.1f} s",
            answer.header("x-dragoman-target"),
            f"losses {losses}" if (losses := answer.header("x-dragoman-losses")) else "",
        ]
    print(" · ".join(word for word in about if word), file=sys.stderr)


class _Shown:
    """Prints a chat stream's text as it arrives, and keeps its usage. Raises VerbError for an error event or a missing end."""

    def __init__(self) -> None:
        from dragoman.wire.sse import Splitter

        self._events = Splitter()
        self._usage: dict[str, Any] = {}
        self._ended = False

    def feed(self, data: bytes) -> None:
        for event in self._events.feed(data):
            self._event(event)

    def close(self) -> None:
        for event in self._events.close():
            self._event(event)
        print(flush=True)
        if not self._ended:
            raise VerbError(Exit.FAILED, "the answer broke off before its end")

    def tokens(self) -> str:
        if not self._usage:
            return "tokens not told"
        return f"{self._usage.get('prompt_tokens', 0)} tokens in, {self._usage.get('completion_tokens', 0)} out"

    def _event(self, event: bytes) -> None:
        from dragoman.wire import json, sse

        data = sse.fields(event)[1]
        if data in (b"", b"[DONE]"):
            return
        chunk = json.decode(data)
        if "error" in chunk:
            print(flush=True)
            raise _refused(0, data)
        self._usage = chunk.get("usage") or self._usage
        for choice in chunk.get("choices", ()):
            delta = choice.get("delta") or {}
            print(delta.get("content") or delta.get("refusal") or "", end="", flush=True)
            self._ended = self._ended or bool(choice.get("finish_reason"))


def _refused(status: int, body: bytes) -> VerbError:
    """An error in OpenAI's shape, or whatever else came, as one line."""
    from dragoman.wire import json

    try:
        error = json.decode(body)["error"]
        message, status = str(error["message"]), status or int(error.get("status") or 0)
    except (json.JSONError, KeyError, TypeError, ValueError):
        message = body.decode("utf-8", "replace")[:300] or "the server gave no reason"
    hint = " (--key or FORWARDER_KEY gives one)" if status == 401 else ""
    return VerbError(BY_STATUS.get(status, Exit.FAILED), f"{f'{status}: ' if status else ''}{message}{hint}")

"""Where a request gets its script: which path, which key, which dialect, which scenario. Rule: pure but for what it remembers
to alternate the `-once` scenarios.
"""

from collections import Counter
from collections.abc import Callable
from urllib.parse import unquote

from msgspec.structs import replace

from dragoman.core.errors import ErrorKind
from dragoman.sandbox import anthropic, openai_chat
from dragoman.sandbox.mind import answer
from dragoman.sandbox.reply import Dialect, Fault, Incoming, RefusedError, Reply
from dragoman.sandbox.scenario import Scenario
from dragoman.sandbox.scenarios import IN_STREAM, NAMES, scenario_of, table
from dragoman.sandbox.script import Script, plain, script

WRONG_KEY = "sandbox-wrong-key"
MODELS = "/v1/models"
_ANTHROPIC: Dialect = anthropic
_OPENAI: Dialect = openai_chat
POSTS: dict[str, tuple[Dialect, Callable[[Incoming], Reply] | None]] = {
    "/v1/chat/completions": (_OPENAI, None),
    "/v1/messages": (_ANTHROPIC, None),
    "/v1/messages/count_tokens": (_ANTHROPIC, lambda call: anthropic.count(call, strict=False)),
}
"""Path -> dialect, and what answers where it is not a generation."""


class Desk:
    """Answers requests with scripts. `key`: the only one it takes; None takes all but WRONG_KEY, and none at all."""

    def __init__(self, key: str | None = None) -> None:
        self.key = key
        self._calls: Counter[str] = Counter()

    def script(self, call: Incoming) -> Script:
        if call.path == "/" and call.method in ("GET", "HEAD"):
            return plain(_welcome())
        if call.path == "/api/hello":
            return plain(Reply(frames=(b"{}",), headers=(("content-type", "application/json"),)))
        dialect = dialect_of(call)
        try:
            self._check_key(call, dialect)
            if call.path == MODELS or call.path.startswith(MODELS + "/"):
                return plain(_models(call, dialect))
            return self._generate(call, dialect)
        except RefusedError as refused:
            return plain(dialect.refuse(call, refused.fault))

    def refused(self, call: Incoming, fault: Fault) -> Script:
        """A refusal that did not need the body."""
        return plain(dialect_of(call).refuse(call, fault))

    def _check_key(self, call: Incoming, dialect: Dialect) -> None:
        header = next((name for name in ("x-api-key", "api-key", "authorization") if name in call.headers), "")
        presented = call.headers[header].removeprefix("Bearer ").strip() if header else None
        wrong = presented == WRONG_KEY if self.key is None else presented != self.key
        if wrong:
            raise RefusedError(dialect.unauthorized(presented, header))

    def _generate(self, call: Incoming, dialect: Dialect) -> Script:
        found = POSTS.get(call.path)
        if found is None:
            raise RefusedError(_no_path(call, dialect))
        if call.method != "POST":
            raise RefusedError(Fault(kind=ErrorKind.UNSUPPORTED, message=_not_allowed(call, dialect)))
        if found[1] is not None:
            return plain(found[1](call))
        heard = dialect.read(call, strict=False)
        row = scenario_of(heard.model)
        if row.strict:
            dialect.read(call, strict=True)
        if row.fault is not None and self._fails_now(row, heard.model):
            raise RefusedError(_told(row.fault))
        heard = replace(heard, usage=row.usage)
        reply = dialect.write(call, heard, answer(heard.ask, row.mood, row.words))
        return script(row, reply, dialect.KEEPALIVE, dialect.error_frame(call, IN_STREAM), dialect.refuse(call, IN_STREAM))

    def _fails_now(self, row: Scenario, model: str) -> bool:
        self._calls[model] += row.once
        return not row.once or self._calls[model] % 2 == 1


def dialect_of(call: Incoming) -> Dialect:
    """By path; the paths that dialects share, by header."""
    found = POSTS.get(call.path)
    if found is not None:
        return found[0]
    return _ANTHROPIC if call.path.startswith("/v1/messages") or "anthropic-version" in call.headers else _OPENAI


def _models(call: Incoming, dialect: Dialect) -> Reply:
    if call.method not in ("GET", "HEAD"):
        raise RefusedError(Fault(kind=ErrorKind.UNSUPPORTED, message=_not_allowed(call, dialect)))
    name = unquote(call.path.removeprefix(MODELS).removeprefix("/"))
    if not name:
        return dialect.models(call, NAMES)
    fault = scenario_of(name).fault
    if fault is not None and fault.kind is ErrorKind.NOT_FOUND:
        raise RefusedError(fault)
    return dialect.model(call, name)


def _no_path(call: Incoming, dialect: Dialect) -> Fault:
    words = "Not Found" if dialect is _ANTHROPIC else f"Invalid URL ({call.method} {call.path})"
    return Fault(kind=ErrorKind.NOT_FOUND, message=words, code="")


def _not_allowed(call: Incoming, dialect: Dialect) -> str:
    return "Method Not Allowed" if dialect is _ANTHROPIC else f"Not allowed to {call.method} on {call.path}."


def _told(fault: Fault) -> Fault:
    return replace(fault, message=fault.message.replace("{retry_after}", str(fault.retry_after)))


def _welcome() -> Reply:
    text = f"Dragoman's sandbox: a provider that is not real. Its models:\n\n{table()}"
    return Reply(headers=(("content-type", "text/plain; charset=utf-8"),), frames=(text.encode(),))

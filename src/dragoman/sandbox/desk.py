"""Where a request gets its script: which key, which door, which scenario. Rule: pure but for what the sandbox remembers: for
the `-once` scenarios, and for calls that build on earlier ones.
"""

from collections import Counter
from functools import partial
from urllib.parse import parse_qs

from msgspec.structs import replace

from dragoman.core.errors import ErrorKind
from dragoman.sandbox.doors import dialect_of, find
from dragoman.sandbox.memory import Memory
from dragoman.sandbox.mind import Ask, answer
from dragoman.sandbox.reply import Dialect, Fault, Heard, Incoming, RefusedError, Reply
from dragoman.sandbox.scenario import Scenario
from dragoman.sandbox.scenarios import IN_STREAM, scenario_of, table
from dragoman.sandbox.script import Script, plain, script
from dragoman.wire import json

WRONG_KEY = "sandbox-wrong-key"
_KEYS = ("x-api-key", "x-goog-api-key", "api-key", "authorization")


class Desk:
    """Answers requests with scripts. `key`: the only one it takes; None takes all but WRONG_KEY, and none at all."""

    def __init__(self, key: str | None = None) -> None:
        self.key = key
        self._calls: Counter[str] = Counter()
        self._memory = Memory()

    def script(self, call: Incoming) -> Script:
        if call.path == "/" and call.method in ("GET", "HEAD"):
            return plain(_welcome())
        if call.path == "/api/hello":
            return plain(Reply(frames=(b"{}",), headers=(("content-type", "application/json"),)))
        dialect = dialect_of(call)
        try:
            self._check_key(call, dialect)
            return self._answer(replace(call, memory=self._memory, again=self._again), dialect)
        except RefusedError as refused:
            return plain(dialect.refuse(call, refused.fault))

    def _again(self, call: Incoming) -> tuple[int, bytes]:
        """An answer that breaks off, or is no JSON, is an error of the server's."""
        found = self.script(call)
        try:
            return found.status, json.compact(b"".join(step for step in found.steps if isinstance(step, bytes)))
        except json.JSONError:
            fault = Fault(kind=ErrorKind.SERVER, message="The answer was no complete JSON.")
            return 500, b"".join(dialect_of(call).refuse(call, fault).frames)

    def refused(self, call: Incoming, fault: Fault) -> Script:
        """A refusal that did not need the body."""
        return plain(dialect_of(call).refuse(call, fault))

    def _check_key(self, call: Incoming, dialect: Dialect) -> None:
        header = next((name for name in _KEYS if name in call.headers), "")
        presented = call.headers[header].removeprefix("Bearer ").strip() if header else None
        if presented is None and (given := parse_qs(call.query).get("key")):
            presented = given[0]
        wrong = presented == WRONG_KEY if self.key is None else presented != self.key
        if wrong:
            raise RefusedError(dialect.unauthorized(presented, header))

    def _answer(self, call: Incoming, dialect: Dialect) -> Script:
        found = find(call)
        if found is None:
            raise RefusedError(dialect.no_path(call))
        door, names = found
        method = "GET" if call.method == "HEAD" and "GET" in door.answers else call.method
        if method not in door.answers:
            raise RefusedError(dialect.not_allowed(call))
        answers = door.answers[method]
        if answers is None:
            return self._generate(call, dialect)
        reply = answers(call, *names)
        row = scenario_of(reply.model)
        self._maybe_fail(row, reply.model)
        return _played(row, call, dialect, Heard(model=reply.model, stream=reply.stream, ask=Ask()), reply)

    def _generate(self, call: Incoming, dialect: Dialect) -> Script:
        heard = dialect.read(call, strict=False)
        row = scenario_of(heard.model)
        if row.strict:
            dialect.read(call, strict=True)
        self._maybe_fail(row, heard.model)
        shown = row.mood == "thinking" if heard.show_thinking is None else heard.show_thinking
        heard = replace(heard, usage=row.usage, show_thinking=shown)
        return _played(row, call, dialect, heard, dialect.write(call, heard, answer(heard.ask, row.mood, row.words)))

    def _maybe_fail(self, row: Scenario, model: str) -> None:
        if row.fault is None:
            return
        self._calls[model] += row.once
        if not row.once or self._calls[model] % 2 == 1:
            message = row.fault.message.replace("{retry_after}", str(row.fault.retry_after))
            raise RefusedError(replace(row.fault, message=message))


def _played(row: Scenario, call: Incoming, dialect: Dialect, heard: Heard, reply: Reply) -> Script:
    error_frame = partial(dialect.error_frame, call, heard, IN_STREAM)
    return script(row, reply, dialect.keepalive(call, heard), error_frame, dialect.failed(call, heard, IN_STREAM))


def _welcome() -> Reply:
    text = f"Dragoman's sandbox: a provider that is not real. Its models:\n\n{table()}"
    return Reply(headers=(("content-type", "text/plain; charset=utf-8"),), frames=(text.encode(),))

"""A call's failure as the client gets it: the provider's own words where it can read them, else its own dialect's."""

from msgspec import structs

from dragoman.core.errors import Error
from dragoman.core.request import Headers
from dragoman.dialects.base import Dialect
from dragoman.providers.headers import incoming
from dragoman.relay.losses import HEADER, render
from dragoman.relay.outlet import JSON
from dragoman.relay.trace import Trace
from dragoman.routing.policy import retry_after, should_retry
from dragoman.wire import json

OUR_CREDENTIALS = frozenset({401, 402, 403})
"""A provider's refusal of our key is not the client's fault: never passed on as it is (requirement D9)."""
TARGET = "x-dragoman-target"
ESTIMATED = (("x-dragoman-estimated", "true"),)
LONGEST = 300
"""Characters that are told of a body that is no error of the provider's API."""
_OWN = frozenset({"retry-after", "x-should-retry"})


def failed_whole(dialect: Dialect, error: Error, request_id: str) -> tuple[int, str, bytes]:
    """(status, content type, body). What a proxy before the provider says is no error of its API: no client can read a page."""
    own = error.dialect == dialect.id and error.status not in OUR_CREDENTIALS
    if own and error.status is not None and error.body is not None:
        if _is_json(error.body):
            told = error.content_type or JSON
            return error.status, told if "json" in told else JSON, error.body
        error = _reworded(error)
    status, body = dialect.build_error(error, request_id)
    return status, JSON, body


def _is_json(body: bytes) -> bool:
    try:
        return isinstance(json.decode(body), dict | list)
    except json.JSONError:
        return False


def _reworded(error: Error) -> Error:
    """With its status, and what came in a few words."""
    words = error.message if len(error.message) <= LONGEST else f"{error.message[:LONGEST]}..."
    what = "an empty body" if not (error.body or b"").strip() else f"a body that is not JSON: {words}"
    return structs.replace(
        error, message=f"the provider answered with status {error.status} and {what}", code=None, param=None, body=None, ours=True
    )


def answer_headers(trace: Trace, provider: Headers = ()) -> Headers:
    """What the headers of an answer tell, once it is known who serves. `provider`: its own, where they go along."""
    told = render(trace.losses)
    target = "" if trace.target is None else told_target(trace.target.name)
    return (
        ("x-dragoman-request-id", trace.request_id),
        (TARGET, target),
        ("x-dragoman-attempts", str(trace.tries + 1)),
        *(((HEADER, told),) if told else ()),
        *incoming(provider),
    )


def retry_headers(error: Error) -> Headers:
    """What the client is told about trying again, over what the provider told."""
    own: list[tuple[str, str]] = []
    after, should = retry_after(error), should_retry(error)
    if after is not None:
        own.append(("retry-after", str(after)))
    if should is not None:
        own.append(("x-should-retry", "true" if should else "false"))
    told = {name for name, _ in own}
    return (*own, *((name, value) for name, value in error.headers if name not in told and name not in _OWN))


def told_target(name: str) -> str:
    """A target's name as a header's value: what is no printable ASCII is escaped."""
    return "".join(sign if " " <= sign <= "~" else sign.encode("unicode_escape").decode() for sign in name)

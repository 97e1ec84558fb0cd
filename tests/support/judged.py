"""The sandbox as a judge: what the vendor of a dialect would refuse, in its words."""

from urllib.parse import unquote, urlsplit

from dragoman.core.quirks import Quirks
from dragoman.dialects.registry import DIALECTS
from dragoman.sandbox.doors import GENERATES, find
from dragoman.sandbox.reply import Incoming, RefusedError
from support.speech import ACCOUNT, target


def refused(dialect: str, body: bytes, model: str = "m") -> str | None:
    """Why the vendor would refuse this body, None where it takes it. Of a dialect that the sandbox does not speak: None."""
    url = urlsplit(DIALECTS[dialect].endpoint(target(dialect, model, Quirks(), ACCOUNT), "chat", False))
    headers = {"anthropic-version": "2023-06-01", "content-type": "application/json"} if dialect == "anthropic" else {}
    call = Incoming(method="POST", path=unquote(url.path), query=url.query, headers=headers, body=body)
    door = find(call)
    if door is None or door[0].answers.get("POST", refused) is not GENERATES:
        return None
    try:
        door[0].dialect.read(call, strict=True)
    except RefusedError as error:
        return error.fault.message
    return None

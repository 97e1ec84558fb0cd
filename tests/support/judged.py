"""The sandbox as a judge: what the vendor of a dialect would refuse, in its words."""

from urllib.parse import urlsplit

from dragoman.core.quirks import Quirks
from dragoman.dialects.registry import DIALECTS
from dragoman.sandbox.desk import POSTS
from dragoman.sandbox.reply import Incoming, RefusedError
from support.speech import ACCOUNT, target


def refused(dialect: str, body: bytes, model: str = "m") -> str | None:
    """Why the vendor would refuse this body, None where it takes it. Of a dialect that the sandbox does not speak: None."""
    url = urlsplit(DIALECTS[dialect].endpoint(target(dialect, model, Quirks(), ACCOUNT), "chat", False))
    found = POSTS.get(url.path)
    if found is None:
        return None
    headers = {"anthropic-version": "2023-06-01", "content-type": "application/json"}
    try:
        found[0].read(Incoming(method="POST", path=url.path, query=url.query, headers=headers, body=body), strict=True)
    except RefusedError as error:
        return error.fault.message
    return None

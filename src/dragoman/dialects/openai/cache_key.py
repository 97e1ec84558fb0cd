"""How OpenAI's older models are told which prompts belong together.

Rule: nothing that the client did not ask for. One that marks what to cache means it to be found again; where a target takes no
marks, a key of the client's session does that.
"""

from dragoman.core.quirks import Quirks
from dragoman.core.request import Request
from dragoman.dialects.marks import marks
from dragoman.dialects.names import digest62

_LENGTH = 32


def cache_key(request: Request, quirks: Quirks) -> str | None:
    """`prompt_cache_key` of another dialect's request: the client's own, else one made of what it tells of its user."""
    if request.prompt_cache_key is not None or request.user is None:
        return request.prompt_cache_key
    marked = quirks.cache_key and quirks.cache_marks is None and any(marks(request))
    return digest62(request.user, _LENGTH) if marked else None

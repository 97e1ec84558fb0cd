"""What Responses have beside answers (OpenAI's API reference and SDK 3.52.0, 2026-11), as doors, and the rest of that API.

Rule: an answer is kept by who gave it, so a call about it asks nobody else.
"""

from dragoman.dialects.base import Path
from dragoman.dialects.openai import doors
from dragoman.dialects.passing import making

_ONE = f"{doors.ROOT}/responses/{{id}}"
_OF_ONE = (
    ("GET", _ONE),
    ("DELETE", _ONE),
    ("POST", f"{_ONE}/cancel"),
    ("GET", f"{_ONE}/input_items"),
)

DOORS: tuple[Path, ...] = (
    *(Path(method, pattern, "pass", root=doors.ROOT, pinned=True) for method, pattern in _OF_ONE),
    making(doors.ROOT, "/responses/compact"),
    *doors.DOORS,
)

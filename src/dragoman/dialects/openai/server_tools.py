"""Tools that another vendor runs itself, for a target of OpenAI's dialects, which cannot offer them.

Rule: agents always offer some, so one that cannot be offered is dropped; it is refused where the request is about nothing else.
"""

from dragoman.core.parts import Opaque
from dragoman.core.request import Request, Tool
from dragoman.dialects.ledger import Ledger
from dragoman.wire import json


def judge(request: Request, dialect: str, ledger: Ledger) -> None:
    """`dialect`: the target's."""
    lost = [tool for tool in request.tools if isinstance(tool, Opaque) and tool.dialect != dialect]
    if not lost:
        return
    choice = request.tool_choice
    named = {tool.name for tool in request.tools if isinstance(tool, Tool)}
    forced = choice is not None and choice.mode == "tool" and choice.name not in named
    if forced or len(lost) == len(request.tools):
        wanted = next((tool for tool in lost if choice is not None and choice.name in (tool.kind, _name_in(tool))), lost[0])
        ledger.refuse(wanted.at, f"{wanted.kind} runs at the client's vendor only")


def _name_in(tool: Opaque) -> str | None:
    try:
        found = json.decode(tool.raw).get("name")
    except (json.JSONError, AttributeError):
        return None
    return found if isinstance(found, str) else None

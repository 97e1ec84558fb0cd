"""The Copy lane (openai/splicing): where to ask, and what of this dialect alone a target may refuse."""

import re
from typing import Final

from dragoman.core.config import Target
from dragoman.core.quirks import Quirks
from dragoman.core.request import Envelope
from dragoman.dialects.base import Built
from dragoman.dialects.endpoints import url_of
from dragoman.dialects.ledger import Ledger
from dragoman.dialects.openai.splicing import named, spliced, taken
from dragoman.dialects.openai_responses.facts import REQUEST_WEIGHTS
from dragoman.dialects.openai_responses.limits import fit
from dragoman.wire import json

_IDS: Final = re.compile(rb'"call_id"\s*:\s*"((?:[^"\\]|\\.)*)"')
_NOT_FUNCTIONS: Final = re.compile(
    rb'"type"\s*:\s*"(?:custom|custom_tool_call|custom_tool_call_output|namespace|additional_tools|tool_search|tool_search_call|'
    rb"tool_search_output|local_shell|local_shell_call|local_shell_call_output|shell|shell_call|shell_call_output|apply_patch|"
    rb'apply_patch_call|apply_patch_call_output)"'
)


def endpoint(target: Target, operation: str) -> str:
    return url_of(target, "/responses", "/input_tokens" if operation == "count_tokens" else "")


def retarget(envelope: Envelope, target: Target, quirks: Quirks) -> Built:
    given = json.members(envelope.body)
    ledger = Ledger(own=True, weights=REQUEST_WEIGHTS)
    body = spliced(envelope, given, named({**given}, envelope, target), quirks, lambda said: fit(said, quirks, ledger, _path))
    return Built(body=body, losses=ledger.told())


def copyable(envelope: Envelope, quirks: Quirks) -> bool:
    """Whether no quirk of the target lies below the top level of this body."""
    return taken(envelope.body, quirks, _IDS, ((quirks.custom_tools, _NOT_FUNCTIONS),))


def _path(name: str) -> str:
    return "/reasoning/effort" if name == "effort" else f"/{name}"

"""The Copy lane: top-level members spliced, all other bytes kept.

Rule: a request that the target would refuse is left as it is. Clients of this dialect negotiate by the vendor's own
refusals (Claude Code leaves out what was refused and asks again), so in doubt a body is copied.
"""

import re
from functools import lru_cache
from typing import Final

from dragoman.core.config import Target
from dragoman.core.loss import Loss, LossKind
from dragoman.core.quirks import Quirks
from dragoman.core.request import Envelope
from dragoman.dialects.anthropic.build import HEADERS
from dragoman.dialects.base import Built
from dragoman.dialects.endpoints import url_of
from dragoman.wire import json
from dragoman.wire.json import escape

_SYSTEM_TURN: Final = re.compile(rb'"role"\s*:\s*"system"')
_CALL: Final = re.compile(rb'"tool_use')
_TOOLS: Final = re.compile(rb'"(tools|tool_use)"')
_KEPT: Final = frozenset({"model", "messages", "stream"})


def retarget(envelope: Envelope, target: Target, quirks: Quirks) -> Built:
    """The body with the target's model, and without what the target is known to refuse; the same object if nothing changes."""
    dropped, renamed = quirks.drop - _KEPT, quirks.rename
    if envelope.model == target.model and not dropped and not renamed:
        return Built(body=envelope.body, headers=HEADERS)
    members = json.members(envelope.body)
    losses = tuple(
        Loss(f"/{escape(name)}", LossKind.DROPPED, "not taken by this provider")
        for name, value in members.items()
        if name in dropped and not json.is_null(value)
    )
    model = json.raw(target.model)
    changed = {renamed.get(name, name): value for name, value in members.items() if name not in dropped}
    if envelope.model != target.model:
        changed["model"] = model
    if changed == members and list(changed) == list(members):
        return Built(body=envelope.body, headers=HEADERS)
    return Built(body=json.encode(changed), losses=losses, headers=HEADERS)


def copyable(envelope: Envelope, quirks: Quirks) -> bool:
    """No quirk that lies below top level concerns this body. What the searches find wrongly is translated, which is exact."""
    if quirks.mid_system is False and _SYSTEM_TURN.search(envelope.body):
        return False
    if quirks.ignores and _blocks(quirks.ignores).search(envelope.body):
        return False
    if quirks.tool_id is not None and _CALL.search(envelope.body):
        return False
    return quirks.tool_name_max is None or _TOOLS.search(envelope.body) is None


@lru_cache(maxsize=64)
def _blocks(kinds: frozenset[str]) -> re.Pattern[bytes]:
    return re.compile(rb'"type"\s*:\s*"(?:' + "|".join(map(re.escape, sorted(kinds))).encode() + rb')"')


def endpoint(target: Target, operation: str, stream: bool) -> str:
    way = "stream" if stream and operation == "chat" else operation
    return url_of(target, "/v1/messages", "/count_tokens" if operation == "count_tokens" else "", way)

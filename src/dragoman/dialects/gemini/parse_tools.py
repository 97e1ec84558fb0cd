"""Tools, the choice among them and the form of the answer, out of a client's request.

Rule: Google's own `Schema` is told in canonical form as JSON Schema; the client's bytes stay beside it as extras.
"""

from msgspec import Raw

from dragoman.core.parts import Extras, Opaque
from dragoman.core.request import ResponseFormat, Tool, ToolChoice
from dragoman.dialects.gemini.facts import ID
from dragoman.dialects.gemini.schema_read import json_schema
from dragoman.dialects.gemini.spelling import Fields, camel
from dragoman.wire import json
from dragoman.wire.json import escape

_JSON = "application/json"
_PLAIN = "text/plain"


def parse_tools(body: Fields) -> tuple[Tool | Opaque, ...]:
    """Functions, and each tool of Google's own as a piece by itself, in the client's order."""
    found: list[Tool | Opaque] = []
    for raw, at in body.take_each("tools") or ():
        entry = Fields(raw, at)
        found += [_function(Fields(item, where)) for item, where in entry.take_each("functionDeclarations") or ()]
        for name, value in entry.rest().items():
            kind = camel(name)
            found.append(Opaque(dialect=ID, kind=kind, raw=json.raw({kind: value}), at=f"{at}/{escape(name)}"))
    return tuple(found)


def parse_choice(body: Fields, paths: dict[str, str]) -> tuple[ToolChoice | None, Extras]:
    """(the choice, what else `toolConfig` holds)."""
    config = body.take_fields("toolConfig")
    if config is None:
        return None, {}
    calling = config.take_fields("functionCallingConfig")
    rest = {config.path(name): value for name, value in config.rest().items()}
    if calling is None:
        return None, rest
    paths["tool_choice"] = at = calling.at
    word = (calling.take("mode", str) or "AUTO").upper()
    names = calling.take("allowedFunctionNames", list[str])
    extras = calling.rest()
    mode = {"ANY": "any", "NONE": "none"}.get(word, "auto")
    if word == "VALIDATED":
        extras["mode"] = json.raw(word)
    if mode == "any" and names is not None and len(names) == 1:
        return ToolChoice(mode="tool", name=names[0], extras=extras, at=at), rest
    allowed = tuple(names) if names else None
    return ToolChoice(mode=mode, allowed=allowed, extras=extras, at=at), rest  # type: ignore[arg-type]


def parse_format(config: Fields) -> ResponseFormat | None:
    """The form of the answer. A media type that is neither JSON nor plain text is left to the extras, with its schema."""
    mime_at, mime = config.path("responseMimeType"), config.take("responseMimeType", str)
    kept: Extras = {} if mime is None else {"responseMimeType": json.raw(mime)}
    if mime not in (None, _JSON, _PLAIN):
        config.put_back("responseMimeType", json.raw(mime))
        return None
    for name in ("responseJsonSchema", "responseSchema"):
        at, raw = config.path(name), config.take_raw(name)
        if raw is not None:
            schema = json_schema(raw)
            own = {} if schema is raw and name == "responseJsonSchema" else {name: raw}
            if bytes(schema).translate(None, b" \t\r\n") == b"{}":
                return ResponseFormat(kind="json", extras={name: raw, **kept}, at=at)
            return ResponseFormat(kind="schema", schema=schema, extras={**own, **kept}, at=at)
    if mime is None:
        return None
    return ResponseFormat(kind="json" if mime == _JSON else "text", extras=kept, at=mime_at)


def _function(tool: Fields) -> Tool:
    kept: Extras = {}
    schema: Raw | None = None
    for name in ("parametersJsonSchema", "parameters"):
        raw = tool.take_raw(name)
        if raw is not None and schema is None:
            schema = json_schema(raw)
            if name == "parameters" or schema is not raw:
                kept[name] = raw
    return Tool(
        name=tool.need("name", str), description=tool.take("description", str), schema=schema, extras={**kept, **tool.rest()},
        at=tool.at,
    )  # fmt: skip

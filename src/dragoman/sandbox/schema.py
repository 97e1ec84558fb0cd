"""A value that fits a JSON Schema, always the same. Rule: what a schema requires is there, what it leaves open is a sample."""

from typing import Any

MAX_DEPTH = 8
FORMATS = {
    "date": "2026-01-01",
    "date-time": "2026-01-01T12:00:00Z",
    "time": "12:00:00Z",
    "duration": "PT1H",
    "email": "sample@example.com",
    "hostname": "example.com",
    "uri": "https://example.com/",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


def sample(schema: Any, name: str = "", ordinal: int = 1) -> Any:
    """An instance of `schema`. `name` flavours free strings; `ordinal` tells several samples of one schema apart."""
    return Sampler(schema, ordinal).value(schema, name, 0)


class Sampler:
    """`root`: the schema that references point into."""

    def __init__(self, root: Any, ordinal: int = 1) -> None:
        self.root = root
        self.mark = "" if ordinal == 1 else f" {ordinal}"

    def value(self, schema: Any, name: str, depth: int) -> Any:
        schema = self.flat(schema)
        for fixed in ("const", "default"):
            if fixed in schema:
                return schema[fixed]
        for several in ("enum", "examples"):
            if isinstance(schema.get(several), list) and schema[several]:
                return schema[several][0]
        match _type_of(schema):
            case "object":
                return self.object(schema, depth)
            case "array":
                return self.array(schema, name, depth)
            case "integer":
                return int(_number(schema))
            case "number":
                return _number(schema)
            case "boolean":
                return True
            case "null":
                return None
            case _:
                return self.string(schema, name)

    def flat(self, schema: Any) -> dict[str, Any]:
        """References followed, the first alternative taken, all of `allOf` merged."""
        for _ in range(MAX_DEPTH):
            if not isinstance(schema, dict):
                return {}
            if isinstance(schema.get("$ref"), str):
                schema = self.referred(schema["$ref"])
                continue
            options = next((schema[key] for key in ("anyOf", "oneOf") if isinstance(schema.get(key), list) and schema[key]), None)
            if options is not None:
                first = next((o for o in options if not (isinstance(o, dict) and o.get("type") == "null")), options[0])
                schema = _merged({k: v for k, v in schema.items() if k not in ("anyOf", "oneOf")}, first)
                continue
            if isinstance(schema.get("allOf"), list):
                base = {k: v for k, v in schema.items() if k != "allOf"}
                for part in schema["allOf"]:
                    base = _merged(base, self.flat(part))
                schema = base
                continue
            return schema
        return {}

    def referred(self, reference: str) -> Any:
        found = self.root
        for step in reference.removeprefix("#").strip("/").split("/"):
            if step:
                found = found.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
        return found

    def object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        properties = schema.get("properties")
        if not isinstance(properties, dict):
            properties = {}
        wanted = schema.get("required")
        names = wanted if isinstance(wanted, list) else list(properties)
        if depth >= MAX_DEPTH:
            return {}
        return {name: self.value(properties.get(name), name, depth + 1) for name in names if isinstance(name, str)}

    def array(self, schema: dict[str, Any], name: str, depth: int) -> list[Any]:
        if depth >= MAX_DEPTH or schema.get("maxItems") == 0:
            return []
        if isinstance(schema.get("prefixItems"), list):
            return [self.value(item, name, depth + 1) for item in schema["prefixItems"]]
        least = schema.get("minItems")
        count = least if isinstance(least, int) and 0 < least <= 100 else 1
        return [self.value(schema.get("items"), name, depth + 1) for _ in range(count)]

    def string(self, schema: dict[str, Any], name: str) -> str:
        text = FORMATS.get(str(schema.get("format")))
        if text is None:
            text = (f"sample {name}" if name else "sample") + self.mark
        least, most = schema.get("minLength"), schema.get("maxLength")
        if isinstance(least, int) and len(text) < least <= 10_000:
            text = text.ljust(least, ".")
        return text[:most] if isinstance(most, int) and most >= 0 else text


def _merged(base: dict[str, Any], more: Any) -> dict[str, Any]:
    if not isinstance(more, dict):
        return base
    merged = {**base, **more}
    if isinstance(base.get("properties"), dict) and isinstance(more.get("properties"), dict):
        merged["properties"] = {**base["properties"], **more["properties"]}
    if isinstance(base.get("required"), list) and isinstance(more.get("required"), list):
        merged["required"] = [*base["required"], *(name for name in more["required"] if name not in base["required"])]
    return merged


def _type_of(schema: dict[str, Any]) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((k for k in kind if k != "null"), "null")
    if isinstance(kind, str):
        return kind.lower()
    if "properties" in schema or "required" in schema:
        return "object"
    return "array" if "items" in schema or "prefixItems" in schema else "string"


def _number(schema: dict[str, Any]) -> int | float:
    step = schema.get("multipleOf", 1)
    step = step if isinstance(step, int | float) and step > 0 else 1
    low, above = schema.get("minimum"), schema.get("exclusiveMinimum")
    high, below = schema.get("maximum"), schema.get("exclusiveMaximum")
    value: int | float = step
    if isinstance(low, int | float) and not isinstance(low, bool) and value < low:
        value = low
    if isinstance(above, int | float) and not isinstance(above, bool) and value <= above:
        value = above + step
    if isinstance(high, int | float) and not isinstance(high, bool) and value > high:
        value = high
    if isinstance(below, int | float) and not isinstance(below, bool) and value >= below:
        value = below - step
    return value

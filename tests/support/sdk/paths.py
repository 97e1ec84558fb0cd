"""Which paths an official SDK asks, read from its source."""

import re
from importlib.util import find_spec
from pathlib import Path

_ASKS = re.compile(r"self\._(get|post|delete|put|patch|get_api_list)\(\s*(?:path_template\(\s*)?f?\"([^\"?]+)")


def paths_of(package: str) -> list[tuple[str, str]]:
    """(method, path), with something in the place of each name."""
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    found = set()
    for file in (Path(spec.origin).parent / "resources").rglob("*.py"):
        for method, path in _ASKS.findall(file.read_text(encoding="utf-8")):
            found.add((method.removesuffix("_api_list").upper(), re.sub(r"\{[^}]*\}", "x", path)))
    assert len(found) > 50
    return sorted(found)

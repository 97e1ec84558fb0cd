"""The list of rooms and files, from what each says it is for."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from support.golden import ROOT

SRC = ROOT / "src" / "dragoman"
ORDER = ("cli", "api", "relay", "store", "sandbox", "routing", "dialects", "providers", "wire", "core")


def rooms() -> str:
    """The generated part of ARCHITECTURE.md."""
    return "\n".join(_room(name) for name in ORDER)


def unlisted() -> set[str]:
    """Folders of the source that are in no list."""
    return {path.name for path in SRC.iterdir() if (path / "__init__.py").is_file()} - set(ORDER)


def _room(name: str) -> str:
    rows = "".join(f"| `{file}` | {said} |\n" for file, said in _files(SRC / name))
    return f"### {name}\n{_about(SRC / name / '__init__.py')}\n\n| file | what it is for |\n|---|---|\n{rows}"


def _files(folder: Path) -> Iterator[tuple[str, str]]:
    """Each file with its purpose; a folder within by its own `__init__`, then its files."""
    for path in sorted(folder.rglob("*.py")):
        name = path.relative_to(folder).as_posix()
        if name not in ("__init__.py", "__main__.py") and path.read_text(encoding="utf-8").strip():
            yield name.replace("/__init__.py", "/"), _about(path)


def _about(path: Path) -> str:
    """The first sentence of a module's docstring."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    first = " ".join(text.split("\n\n")[0].split()).partition(". Rule: ")[0]
    return re.split(r"(?<=[a-z0-9)`\"])\. (?=[A-Z`])", first)[0].rstrip(".").replace("|", "\\|")

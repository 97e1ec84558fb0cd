"""The laws of the house that a machine can read. Layers, purity and types are import-linter's and mypy's; the rest is here."""

import ast
import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from support.golden import ROOT, replace_between
from support.rooms import rooms, unlisted

SRC = ROOT / "src" / "dragoman"
CODE = ("src", "tests", "benchmarks", ".ci")
PROSE = (
    *("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"),
    *("docs", ".env.example", "Makefile", ".ci"),
)
BUILT = {"__pycache__", "node_modules", "results", ".venv", ".uv"}

LINES, FUNCTION_LINES = 350, 60
VAGUE_NAMES = re.compile(r"utils?|helpers?|commons?|managers?|services?|misc|stuff")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedError|\bfor now\b")
WORKPLACE = re.compile(
    r"(?<![\w.])/(work|root|home/\w+|Users/\w+)/|(?<!\.\./)(?<!\$)\bshared/(conformance|corpus|reference|clients)"
)

JSON_MODULES = {"json", "orjson", "ujson", "simplejson", "msgspec.json"}
JSON_DOOR = {"wire/json.py"}
CLIENT_MODULES = {"aiohttp", "httpx", "requests", "urllib3", "http.client", "urllib.request"}
CLIENT_CALLS = {
    *("create_connection", "open_connection", "sock_connect", "connect_ex"),
    *("urlopen", "HTTPConnection", "HTTPSConnection"),
}
SOCKET_DOORS = re.compile(r"relay/(upstream|connection)\w*\.py|cli/http\.py")
"""To providers: the relay's. `cli/http.py` asks a running Dragoman and never a provider."""
ENVIRONMENT_DOOR = {"settings.py"}
VENDOR_WORDS = {"provider", "provider_type", "preset", "vendor", "slug"}

ROOMS_OF_TESTS = {"support", "fixtures", "golden", "laws", "faults", "e2e", "corpus", "acceptance", "clients"}
"""Folders of tests that belong to no single room of src."""


@cache
def code() -> dict[Path, str]:
    """Every Python file and script of ours."""
    files = [file for folder in CODE for file in (ROOT / folder).rglob("*") if not BUILT & set(file.parts)]
    return {file: file.read_text(encoding="utf-8") for file in files if file.suffix == ".py" or file.parent.name == ".ci"}


@cache
def trees() -> dict[str, ast.Module]:
    """Path inside src/dragoman -> syntax tree."""
    return {file.relative_to(SRC).as_posix(): ast.parse(text) for file, text in code().items() if SRC in file.parents}


def prose() -> Iterator[tuple[str, str]]:
    for name in PROSE:
        path = ROOT / name
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if file.is_file() and file.suffix != ".pyc":
                yield file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8")


def texts() -> Iterator[tuple[str, str]]:
    """All that is written, but for this page of laws, which must name what it forbids."""
    yield from ((file.relative_to(ROOT).as_posix(), text) for file, text in code().items() if file != Path(__file__))
    yield from prose()


def imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of every import, those inside functions included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def attributes(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, `a.b`) of every attribute taken of a plain name or of another attribute."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = node.value
            left = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
            yield node.lineno, f"{left}.{node.attr}"


def test_files_are_small() -> None:
    lengths = {file: text.count("\n") for file, text in code().items()}
    assert [f"{file}: {lines}" for file, lines in lengths.items() if lines > LINES] == []


def test_functions_are_small() -> None:
    long = []
    for file, text in code().items():
        for node in ast.walk(ast.parse(text)) if file.suffix == ".py" else ():
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                long += [f"{file}:{node.lineno} {node.name}: {lines}"] if lines > FUNCTION_LINES else []
    assert long == []


def test_nothing_is_left_for_later() -> None:
    lines = [(name, n, line) for name, text in texts() for n, line in enumerate(text.splitlines(), 1)]
    assert [f"{name}:{n} {line.strip()}" for name, n, line in lines if UNFINISHED.search(line)] == []


def test_names_say_something() -> None:
    paths = [file.relative_to(ROOT) for file in code()]
    assert [str(path) for path in paths if any(VAGUE_NAMES.fullmatch(part.removesuffix(".py")) for part in path.parts)] == []


def test_every_module_says_what_it_is_for() -> None:
    assert [name for name, tree in trees().items() if tree.body and ast.get_docstring(tree) is None] == []


def test_only_wire_json_knows_json() -> None:
    found = []
    for name, tree in trees().items():
        if name not in JSON_DOOR:
            found += [f"{name}:{line} {what}" for line, what in imports(tree) if what in JSON_MODULES]
            found += [f"{name}:{line} {what}" for line, what in attributes(tree) if what == "msgspec.json"]
    assert found == []


def test_only_the_upstream_opens_connections() -> None:
    found = []
    for name, tree in trees().items():
        if not SOCKET_DOORS.fullmatch(name):
            found += [f"{name}:{line} {what}" for line, what in imports(tree) if what in CLIENT_MODULES]
            found += [f"{name}:{line} {what}" for line, what in attributes(tree) if what.rpartition(".")[2] in CLIENT_CALLS]
    assert found == []


def test_only_settings_read_the_environment() -> None:
    found = [
        f"{name}:{line} {what}"
        for name, tree in trees().items()
        if name not in ENVIRONMENT_DOOR
        for line, what in [*imports(tree), *attributes(tree)]
        if what in ("os.environ", "os.getenv", "os.environb")
    ]
    assert found == []


def test_no_branch_on_a_vendor() -> None:
    """Deviations are rows: a comparison of a provider's name or type with a literal is a defect."""
    found = []
    for name, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Compare):
                sides = [node.left, *node.comparators]
                words = {getattr(side, "id", None) or getattr(side, "attr", "") for side in sides}
                literal = any(isinstance(side, ast.Constant) and isinstance(side.value, str) and side.value for side in sides)
                found += [f"{name}:{node.lineno}"] if literal and words & VENDOR_WORDS else []
    assert found == []


def test_tests_mirror_the_source() -> None:
    rooms = {path.name for path in SRC.iterdir() if path.is_dir() and any(path.glob("*.py"))}
    folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and any(path.rglob("*.py"))}
    assert folders - rooms - ROOMS_OF_TESTS == set(), "folders of tests without a room in src"
    written = {room for room in rooms if sum(len(text) for file, text in code().items() if SRC / room in file.parents) > 2000}
    assert written - folders == set(), "rooms without tests"


@pytest.mark.golden
def test_the_map_shows_the_house(golden: Callable[[str, str], None]) -> None:
    assert unlisted() == set()
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    golden("ARCHITECTURE.md", replace_between(page, "rooms", rooms()))


def test_every_page_is_linked() -> None:
    """A page nobody links is a page nobody reads."""
    pages = {file.relative_to(ROOT).as_posix() for file in (ROOT / "docs").rglob("*.md")}
    linked = set()
    for name, text in prose():
        if name.endswith(".md"):
            targets = re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", text)
            linked |= {(ROOT / name).parent.joinpath(target).resolve() for target in targets}
    assert {page for page in pages if (ROOT / page).resolve() not in linked} == set()


def test_every_dependency_has_its_decision() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    needed = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    names = {re.split(r"[\[<>=;~! ]", one)[0] for one in needed}
    told = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "docs" / "decisions").glob("0*.md"))
    assert {name for name in names if f"`{name}`" not in told} == set()


def test_links_lead_somewhere() -> None:
    broken = []
    for name, text in prose():
        if name.endswith(".md"):
            for target in re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", text):
                broken += [] if (ROOT / name).parent.joinpath(target).exists() else [f"{name}: {target}"]
    assert broken == []


def test_no_file_knows_where_it_was_written() -> None:
    assert [f"{name}: {found.group()}" for name, text in texts() if (found := WORKPLACE.search(text)) is not None] == []


def test_the_standard_library_is_not_shadowed_at_the_top() -> None:
    """`pythonpath=tests` and a module called like one of Python's own would hide it."""
    tops = {path.stem for path in (ROOT / "tests").iterdir() if path.suffix == ".py" or path.is_dir()}
    assert tops & sys.stdlib_module_names == set()

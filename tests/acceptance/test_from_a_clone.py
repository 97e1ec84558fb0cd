"""What a user of an old system finds in the checkout: the page that maps commands, names that every system takes, the licence."""

import ast
import importlib.metadata
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath

import pytest
from typer.testing import CliRunner

from dragoman.cli.app import app
from support.callers import Caller, bearer, text_of
from support.golden import ROOT
from support.internet import Internet
from support.server import serving

PAGE = ROOT / "docs" / "coming-from.md"
OLD = (
    *("uv sync", "cp .env.example .env", "uv run python run.py", "uv sync --dev", "uv run uvicorn app.main:app --reload"),
    *("uv run black .", "uv run isort .", "uv run mypy .", "uv run flake8 .", "uv run pytest", "uv run pytest --cov=app"),
    *("python -m venv venv", "source venv/bin/activate", r".\venv\Scripts\Activate.ps1", "pip install -r requirements.txt"),
    *("python -m app.main --help", "python -m app.main generate-key", "python -m app.main generate-key --length 48"),
    "python -m app.main run-server",
    "python -m app.main run-server --host 0.0.0.0 --port 8080 --reload --log-level debug",
    'python -m app.main call "Tell me a joke about APIs."',
    *("--model", "-m", "--key", "-k", "--server", "--temp", "-t", "--max-tok", "--system", "-s"),
    *("uvicorn backend.app.main:app --reload", "pip install -e backend[dev]", "pytest backend"),
    *("export ADMIN_PASSWORD=...", "uvicorn app.main:app --reload --port 8000"),
    "./scripts/start-service.sh github_models 8092 github-models.env",
    "./scripts/start-service.sh anthropic 8091 anthropic.env",
)
"""Every command of the old systems' documentation."""
POSIX_ONLY = {"fcntl", "grp", "pwd", "resource", "termios", "tty", "pty", "crypt"}
SKIPPED = {
    ".git",
    ".venv",
    ".uv",
    "node_modules",
    "__pycache__",
    ".hypothesis",
    ".mypy_cache",
    ".ruff_cache",
    ".import_linter_cache",
}


def rows() -> Iterator[tuple[str, str]]:
    """(what one had, what one has now) of the page."""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if line.startswith("|") and len(cells) == 2 and cells[0] not in ("you had", "---|---"):
            yield cells[0], cells[1]


def spans(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


@pytest.mark.requirement("S0-1", "S0-13", "S0-73", "S0-74", "S0-75", "S0-76", "S0-77", "S0-78", "S0-79")
@pytest.mark.requirement("S1-18", "S1-20", "S1-24", "S1-30", "S3-28", "S3-29")
def test_every_old_command_has_its_row() -> None:
    had = {span for old, now in rows() for span in spans(old) if now != ""}
    assert [command for command in OLD if command not in had] == []
    text = PAGE.read_text(encoding="utf-8")
    for name in ("PortBroker", "AI Forwarder", "LLM Provider Management Backend", "LLM Gateway", "Claude Code Multiport Service"):
        assert f"From {name}" in text or f"From the {name}" in text


@pytest.mark.requirement("S0-13", "S0-74", "S1-20", "S1-24", "S3-29")
def test_every_new_command_is_there() -> None:
    """Each `dragoman ...` of the page is taken with its options, each `make` target exists."""
    now = [span for _, cell in rows() for span in spans(cell)]
    words = [shlex.split(span.removeprefix("uv run ")) for span in now if re.match(r"(uv run )?dragoman ", span)]
    assert len(words) > 12
    for command in {tuple(word) for word in words}:
        said = CliRunner().invoke(app, [*command[1:], "--help"])
        assert said.exit_code == 0, said.output
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = {span.split()[1] for span in now if span.startswith("make ")}
    assert targets >= {"run", "test", "check", "format"}
    assert [target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []


@pytest.mark.requirement("S0-11", "S0-73", "S0-76", "S0-78", "S1-18", "S3-28")
def test_the_project_is_one_that_uv_and_pip_install() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["requires-python"] == ">=3.11"
    assert project["project"]["scripts"]["dragoman"] == "dragoman.cli:main"
    assert {"ruff", "mypy", "pytest"} <= {re.split(r"[\[<>=;~! ]", one)[0] for one in project["dependency-groups"]["dev"]}
    locked = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    assert "dragoman" in {package["name"] for package in locked["package"]}
    (entry,) = [one for one in importlib.metadata.distribution("dragoman").entry_points if one.name == "dragoman"]
    assert callable(entry.load())


@pytest.mark.requirement("S0-10")
def test_the_layers_are_a_contract() -> None:
    """Edge, request path and store are rooms; a machine checks who imports whom."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    kinds = {contract["type"] for contract in project["tool"]["importlinter"]["contracts"]}
    assert {"layers", "independence", "forbidden"} <= kinds
    assert "lint-imports" in (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.requirement("S0-103", "S1-66")
def test_licence_and_how_to_contribute() -> None:
    assert "MIT License" in (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert importlib.metadata.metadata("dragoman")["License-Expression"] == "MIT"
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "](CONTRIBUTING.md)" in readme
    assert "](LICENSE)" in readme


# every system


def files() -> list[Path]:
    return [path.relative_to(ROOT) for path in ROOT.rglob("*") if not SKIPPED & set(path.relative_to(ROOT).parts)]


@pytest.mark.requirement("S1-19")
def test_every_file_can_be_checked_out_on_windows() -> None:
    """Names without signs and words that are reserved there, none twice but for its case, none too long."""
    paths = files()
    bad = [str(path) for path in paths if any(re.search(r'[<>:"|?*\\]|[. ]$', part) for part in path.parts)]
    reserved = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
    bad += [str(path) for path in paths if any(part.partition(".")[0].lower() in reserved for part in path.parts)]
    assert bad == []
    folded = [path.as_posix().lower() for path in paths]
    assert len(set(folded)) == len(folded)
    assert max(len(str(PureWindowsPath(path))) for path in paths) < 160


@pytest.mark.requirement("S1-19")
def test_nothing_is_imported_that_only_one_system_has() -> None:
    found = []
    for file in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            found += [f"{file.name}: {name}" for name in names if name.partition(".")[0] in POSIX_ONLY]
    assert found == []
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (uvloop,) = [one for one in project["project"]["dependencies"] if one.startswith("uvloop")]
    assert "platform_system != 'Windows'" in uvloop


@pytest.mark.e2e
@pytest.mark.requirement("S1-19")
def test_it_serves_without_uvloop(net: Internet, tmp_path: Path) -> None:
    """That process cannot import it, as on Windows."""
    with serving(tmp_path, env=net.environment()) as server:
        assert text_of(Caller(server).chat("sandbox")) == "You said: Hello"
        assert text_of(Caller(server).messages("sandbox")) == "You said: Hello"


@pytest.mark.e2e
@pytest.mark.requirement("S1-19", "S1-21", "S1-22", "S0-12")
def test_files_as_windows_editors_write_them(tmp_path: Path) -> None:
    """With a byte order mark and CRLF."""
    (tmp_path / ".env").write_bytes("\ufeffKEYS_FILE=my keys.txt\r\nDATABASE_URL=sqlite:///./d\u00e4ta.db\r\n".encode())
    (tmp_path / "my keys.txt").write_bytes("\ufefffwd_written_in_notepad\r\n# a comment\r\n".encode())
    with serving(tmp_path) as server:
        assert (tmp_path / "d\u00e4ta.db").is_file()
        assert Caller(server).chat("sandbox").status == 401
        assert Caller(server, bearer("fwd_written_in_notepad")).chat("sandbox").status == 200

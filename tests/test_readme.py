"""Every command that the README shows does what it says there. Blocks run in their order, against one real server."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from support.golden import ROOT, replace_between
from support.pages import Block, agrees, blocks
from support.reference import dialect_table
from support.server import DRAGOMAN, PATIENCE, Server, environment, serving

BLOCKS = blocks(ROOT / "README.md")
RUN = [block for block in BLOCKS if block.excuse is None]
SHOWN_ADDRESS, SHOWN_PROGRAM = "http://127.0.0.1:8000", ".venv/bin/dragoman"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("readme")) as running:
        yield running


def adapted(text: str, server: Server) -> str:
    """What a reader types, for this server and this installation."""
    return text.replace(SHOWN_ADDRESS, server.base).replace(SHOWN_PROGRAM, str(DRAGOMAN))


def run(block: Block, server: Server) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c"] if block.language == "python" else ["sh", "-e", "-c"]
    return subprocess.run(
        [*command, adapted(block.text, server)],
        cwd=server.folder,
        env=environment(server.folder, {"PORT": str(urlsplit(server.base).port)}),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.mark.e2e
@pytest.mark.needs("sh", "curl")
@pytest.mark.timeout(300)
def test_every_block_does_what_the_page_says(server: Server, subtests: pytest.Subtests) -> None:
    """One test: the blocks build on each other."""
    for block in RUN:
        with subtests.test(line=block.line):
            done = run(block, server)
            assert done.returncode == 0, done.stderr
            got = f"the page shows\n{block.answer}\nbut got\n{done.stdout}"
            assert block.answer is None or agrees(block.answer, done.stdout), got


@pytest.mark.golden
def test_the_table_of_dialects(golden: Callable[[str, str], None]) -> None:
    golden("README.md", replace_between((ROOT / "README.md").read_text(encoding="utf-8"), "dialects", dialect_table()))


def test_most_of_the_page_is_run() -> None:
    assert len(RUN) >= 10
    assert {block.excuse for block in BLOCKS if block.excuse is not None} <= {
        "the rest of this page is run against a server that is started so",
        "needs Claude Code",
        "needs a vendor's key",
        "it would run itself",
    }


def test_every_answer_belongs_to_a_command() -> None:
    """An answer that stands too far from its command would never be compared."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    pictures = 1
    assert text.count("```json") + text.count("```text") - pictures == sum(block.answer is not None for block in BLOCKS)


def test_answers_are_compared_piece_by_piece() -> None:
    assert agrees("a...c", "abbbc")
    assert agrees("A  B", "A      B")
    assert not agrees("a...c", "abbb")
    assert not agrees("a", "ab")

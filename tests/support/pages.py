"""Command blocks of a Markdown page, the reason why one is not run, and the answer that the page shows for it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

COMMANDS = ("sh", "python")
NOT_RUN = re.compile(r"<!-- not run: (.+) -->")
_FENCE = re.compile(r"```(\w*)\n(.*?)```\n?", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """`answer` None: the page shows none. `excuse` None: it is run."""

    line: int
    language: str
    text: str
    answer: str | None
    excuse: str | None


def blocks(page: Path) -> list[Block]:
    return list(_blocks(page.read_text(encoding="utf-8")))


def _blocks(text: str) -> Iterator[Block]:
    fences = list(_FENCE.finditer(text))
    for place, fence in enumerate(fences):
        if fence[1] in COMMANDS:
            after = fences[place + 1] if place + 1 < len(fences) else None
            shown = after is not None and after[1] not in COMMANDS and not text[fence.end() : after.start()].strip()
            above = text[: fence.start()].rstrip("\n").rpartition("\n")[2]
            excuse = NOT_RUN.fullmatch(above)
            line = text.count("\n", 0, fence.start()) + 1
            yield Block(line, fence[1], fence[2], after[2] if after and shown else None, excuse[1] if excuse else None)


def agrees(shown: str, got: str) -> bool:
    """`...` in the page stands for anything. Columns may be wider than shown."""
    pieces = [re.sub(r"(?:\\ ){2,}", r" {2,}", re.escape(piece)) for piece in shown.strip().split("...")]
    return re.fullmatch(".*?".join(pieces), got.strip(), re.DOTALL) is not None

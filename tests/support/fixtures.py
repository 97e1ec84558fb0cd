"""The hand-written fixtures of a dialect, `tests/fixtures/<dialect>/`.

`requests/*.json`: what clients send; `ask.json` is the plain one that answers are encoded for, `maximal` the one that says
everything, which the package ships as the dialect's example; none where only providers speak the dialect. `answers/*.json`: what
providers answer whole, `answers/*.sse` (or another suffix, for other frames): as a stream; one name is one answer.
`answers/says.json`: what a person reads in each. `facts.json`: the few facts of the format that the laws need. Written from the
vendors' documentation, never by our code.
"""

import json
import re
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

from dragoman.dialects.bodies import example
from dragoman.dialects.registry import CLIENTS
from support import aws_frames
from support.golden import ROOT
from support.said import Said, exact

FIXTURES = ROOT / "tests" / "fixtures"


class Answer(NamedTuple):
    dialect: str
    name: str
    stream: bool
    data: bytes
    suffix: str

    def __str__(self) -> str:
        return f"{self.dialect}-{self.name}{'-stream' if self.stream else ''}"

    @property
    def said(self) -> Said:
        return says(self.dialect)[self.name]

    @property
    def ends(self) -> list[int]:
        """Where a line of it ends, or a whole frame."""
        if self.suffix == ".frames":
            return list(accumulate(map(len, aws_frames.apart(self.data))))
        return [match.end() for match in re.finditer(rb"\n", self.data)]


class Ask(NamedTuple):
    dialect: str
    name: str
    body: bytes

    def __str__(self) -> str:
        return f"{self.dialect}-{self.name}"


@cache
def dialects() -> tuple[str, ...]:
    """The ids of the dialects that have fixtures."""
    return tuple(sorted(folder.name for folder in FIXTURES.iterdir() if (folder / "answers").is_dir()))


@cache
def requests() -> tuple[Ask, ...]:
    there = [Ask(dialect, file.stem, file.read_bytes()) for dialect in dialects() for file in _files(dialect, "requests")]
    return tuple(sorted([*there, *(Ask(dialect.id, "maximal", example(dialect)) for dialect in CLIENTS.values())]))


@cache
def ask(dialect: str) -> Ask:
    """The plain request that answers are encoded for: it asks for all that an answer can tell."""
    return Ask(dialect, "ask", (FIXTURES / dialect / "requests" / "ask.json").read_bytes())


@cache
def answers() -> tuple[Answer, ...]:
    return tuple(
        Answer(dialect, file.stem, file.suffix != ".json", _data(file), file.suffix)
        for dialect in dialects()
        for file in _files(dialect, "answers")
        if file.stem != "says"
    )


def streams() -> list[Answer]:
    return [answer for answer in answers() if answer.stream]


def finished() -> list[Answer]:
    """The answers that have an ending."""
    return [answer for answer in answers() if answer.said.error is None]


def twins() -> list[tuple[Answer, Answer]]:
    """(whole, stream) of each answer that is told both ways."""
    wholes = {(answer.dialect, answer.name): answer for answer in answers() if not answer.stream}
    return [(wholes[each.dialect, each.name], each) for each in streams() if (each.dialect, each.name) in wholes]


@cache
def says(dialect: str) -> dict[str, Said]:
    told = exact((FIXTURES / dialect / "answers" / "says.json").read_bytes())
    return {name: Said.from_json(each) for name, each in told.items()}


@cache
def facts(dialect: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIXTURES / dialect / "facts.json").read_bytes())
    return found


def _data(file: Path) -> bytes:
    """What is sent. `.frames` are written for people, one message of Amazon's event stream a line."""
    return b"".join(aws_frames.written(file.read_text())) if file.suffix == ".frames" else file.read_bytes()


def _files(dialect: str, kind: str) -> list[Path]:
    there = FIXTURES / dialect / kind
    return sorted(there.iterdir()) if there.is_dir() else []

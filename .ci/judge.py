"""Runs the conformance harness over a gateway of this checkout, and says whether the outcome is good enough.

Good: every answer is equal or reported; every request is equal, reported or refused by name; and where client and provider
speak one dialect, the bytes of requests and of finished answers are the same. Run with the harness's own Python:

    judge.py HARNESS CHECKOUT CHUNKING      exit status 1; each kind of case that is not good enough is named
"""

import asyncio
import sys
from argparse import Namespace
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

DIRECTIONS = {"bytes": "response", "crlf": "response"}
"""How answers are cut changes no request."""
GOOD = {"response": ("equal", "reported"), "request": ("equal", "reported", "refused")}


@dataclass(frozen=True)
class Excuse:
    """Cases where what goes out is right and the harness has no way to see it. Each is named in every run."""

    direction: str
    fields: frozenset[str]
    why: str
    ids: frozenset[str]


_SOUND_AND_ALPHABET = frozenset(
    {
        "gemini-04fb06c677", "gemini-2600430d85", "gemini-330445c60a", "gemini-5e866796ed",
        "gemini-5e91fc67b8", "gemini-63cd501698", "gemini-6f0b3fe19f", "gemini-7a6a051ef2",
        "gemini-7b427d8965", "gemini-801495643b", "gemini-92497a19e5", "gemini-a962d8f5b0",
        "gemini-b3c6d9ab5d", "gemini-bd02c62778", "gemini-ca0aa26ab4", "gemini-ca4d036246",
        "gemini-100f9f2025", "gemini-33170eee62", "gemini-898b609d38", "gemini-d3a8c8c3d9",
        "gemini-27a4a88b68", "gemini-vertex-1cb38873aa", "gemini-vertex-43c3c42c58", "gemini-vertex-c03226b39a",
        "gemini-vertex-c0da60171e", "gemini-vertex-c14656ed26", "gemini-vertex-c2092fa652", "gemini-vertex-328c2e8e5b",
        "gemini-vertex-b44a6dde02",
    }
)  # fmt: skip
EXCUSES = (
    Excuse(
        "request",
        frozenset({"turns", "results"}),
        "a result whose id matches no call is paired in order, as it must be; the harness takes it for one made up",
        frozenset({"zai-616168bba4", "zai-8922cb0b49", "anthropic-messages-79f1d93653"}),
    ),
    Excuse(
        "request",
        frozenset({"media", "media_extra", "media_type"}),
        "Google's SDKs write base64 in the alphabet for URLs, which no other vendor takes; the harness compares letters, and "
        "takes two names of one type of sound, or a wrong type that was mended and told, for two types",
        _SOUND_AND_ALPHABET,
    ),
    Excuse(
        "request",
        frozenset({"media", "media_extra", "text_extra"}),
        "a text in base64 is told in words, as it must be (wire.md T13), and the loss says so",
        frozenset(
            f"gemini-{each}" for each in ("20e48f7028", "bea969834e", "d5e6f16f02", "4be71e7a68", "890d10e071", "b8afa1bed8")
        ),
    ),
    Excuse(
        "request",
        frozenset({"turns", "calls", "results", "tools", "args", "pairing"}),
        "a client's own search of tools is a call and its result elsewhere, else Codex searches again for ever; the harness "
        "takes it for an opaque piece",
        frozenset(
            {
                "openai-responses-4ba9fc408d",
                "openai-responses-5837304ac4",
                "openai-responses-7a8a17b42e",
                "openai-responses-7e347fadd0",
                "openai-responses-85597ba65b",
                "openai-responses-b01f25d700",
                "openai-responses-d4a6b34529",
            }
        ),
    ),
    Excuse(
        "request",
        frozenset({"tool_schema"}),
        "types that were told by their numbers are written in words",
        frozenset({"gemini-vertex-4cb7dfeb40"}),
    ),
    Excuse(
        "response",
        frozenset({"media", "native"}),
        "the loss of a picture is told where it stood (/response/output/1); the harness looks for another word in the path",
        frozenset(f"openai-responses-{each}" for each in ("9c7364a972", "eccee37b57", "azure-6015047ebd", "xai-6403cec009")),
    ),
)
SHOWN = 6
"""Ids that are named of each kind."""


@dataclass(frozen=True)
class Judged:
    """What this judgement needs of one case. `finished`: the recorded answer has an ending and is no error."""

    id: str
    direction: str
    pair: str
    verdict: str
    same_bytes: bool | None
    finished: bool
    fields: frozenset[str] = frozenset()

    @property
    def excused(self) -> bool:
        return self.verdict in ("different", "silent") and any(
            self.direction == each.direction and self.id in each.ids and self.fields <= each.fields for each in EXCUSES
        )


def complaints(cases: Iterable[Judged], direction: str = "both") -> list[str]:
    """One line for each kind of case that is not good enough; a run that did not judge `direction` is not, either."""
    kinds: dict[str, list[str]] = defaultdict(list)
    judged = set()
    for case in cases:
        judged.add(case.direction)
        if case.verdict not in GOOD[case.direction] and not case.excused:
            kinds[f"{case.direction} {case.pair}: {case.verdict}"].append(case.id)
        elif case.same_bytes is False and (case.finished or case.direction == "request"):
            kinds[f"{case.direction} {case.pair}: other bytes"].append(case.id)
    missing = [f"{each}: nothing was judged" for each in GOOD if direction in ("both", each) and each not in judged]
    return missing + [f"{kind}: {len(ids)} ({', '.join(ids[:SHOWN])})" for kind, ids in sorted(kinds.items())]


def run(harness: Path, checkout: str, chunking: str) -> list[Judged]:
    """All cases of the recordings that the harness finds, judged by it. Prints its tables."""
    sys.path.insert(0, str(harness))
    corpus, normal, report, runner = map(import_module, ("corpus", "normal", "report", "run"))

    def finished(row: Any) -> bool:
        answer = normal.read(row["of"], corpus.status(row), corpus.body_text(row), strict=False)
        return not answer.error and answer.finish is not None

    sys.argv = ["run.py", "--gateway", "dragoman", "--option", f"checkout={checkout}"]
    sys.argv += ["--chunking", chunking, "--quiet", "--direction", DIRECTIONS.get(chunking, "both")]
    arguments: Namespace = runner.options()
    outcomes = asyncio.run(runner.main(arguments))
    print(report.tables(outcomes, f"chunking {chunking}"))
    return [
        Judged(
            id=str(outcome.case.row["id"]),
            direction=outcome.case.direction,
            pair=f"{outcome.case.client} -> {outcome.case.provider}",
            verdict=outcome.verdict,
            same_bytes=outcome.bytes_equal,
            finished=outcome.case.direction == "response" and finished(outcome.case.row),
            fields=frozenset(diff.field for diff in outcome.diffs if not diff.inexpressible or outcome.verdict == "silent"),
        )
        for outcome in outcomes
    ]


if __name__ == "__main__":
    chunking = sys.argv[3]  # the harness's own command line takes its place
    judged = run(Path(sys.argv[1]), sys.argv[2], chunking)
    found = complaints(judged, DIRECTIONS.get(chunking, "both"))
    for excuse in EXCUSES:
        print(f"not judged, {sum(case.excused and case.id in excuse.ids for case in judged)} cases: {excuse.why}")
    print("\n".join(found) or "all else equal, reported or refused by name; the same bytes within a dialect")
    sys.exit(1 if found else 0)

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

PAIRS = "A>A,A>C,C>A,C>C"
GOOD = {"response": ("equal", "reported"), "request": ("equal", "reported", "refused")}
PAIRED = ("zai-616168bba4", "zai-8922cb0b49", "anthropic-messages-79f1d93653")
"""Recorded requests with a result whose id matches no call. It is paired in order, as it must be; the harness takes a result that
was paired so for one made up, and has no excuse for it. Each is named in every run."""
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


def complaints(cases: Iterable[Judged]) -> list[str]:
    """One line for each kind of case that is not good enough; a run that judged only one direction is not, either."""
    kinds: dict[str, list[str]] = defaultdict(list)
    judged = set()
    for case in cases:
        judged.add(case.direction)
        if case.verdict not in GOOD[case.direction] and not (case.direction == "request" and case.id in PAIRED):
            kinds[f"{case.direction} {case.pair}: {case.verdict}"].append(case.id)
        elif case.same_bytes is False and (case.finished or case.direction == "request"):
            kinds[f"{case.direction} {case.pair}: other bytes"].append(case.id)
    missing = [f"{direction}: nothing was judged" for direction in GOOD if direction not in judged]
    return missing + [f"{kind}: {len(ids)} ({', '.join(ids[:SHOWN])})" for kind, ids in sorted(kinds.items())]


def run(harness: Path, checkout: str, chunking: str) -> list[Judged]:
    """All cases of the recordings that the harness finds, judged by it. Prints its tables."""
    sys.path.insert(0, str(harness))
    corpus, normal, report, runner = map(import_module, ("corpus", "normal", "report", "run"))

    def finished(row: Any) -> bool:
        answer = normal.read(row["of"], corpus.status(row), corpus.body_text(row), strict=False)
        return not answer.error and answer.finish is not None

    sys.argv = ["run.py", "--gateway", "dragoman", "--option", f"checkout={checkout}", "--pairs", PAIRS]
    sys.argv += ["--chunking", chunking, "--quiet"]
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
        )
        for outcome in outcomes
    ]


if __name__ == "__main__":
    found = complaints(run(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
    print(f"not judged, a result paired in order: the requests {', '.join(PAIRED)}")
    print("\n".join(found) or "all equal, reported or refused by name; the same bytes within a dialect")
    sys.exit(1 if found else 0)

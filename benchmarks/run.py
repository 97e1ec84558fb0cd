"""`make bench`: CPU per request of Dragoman and of nginx, the same upstream, the same run, taken in turns; then of all dialects.

python -m benchmarks.run [--scale 1.0]
"""

import argparse
import asyncio
import os
import statistics
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks import load, processes
from benchmarks.speech import ANSWER, LONG, SHORT, SHORT_NAMES, SPEECHES

SHORT_ROUNDS, STREAM_ROUNDS = 9, 3
"""The least of them counts: what else a machine does only adds to it. Many short ones find a quiet moment where it is noisy."""
FIRST = ("C>C", "A>A", "A>C", "C>A")
"""Pairs of the first two dialects: what the others are measured by, lane by lane."""
OTHERS = ("R>R", "G>G", "A>R", "R>A", "C>R", "R>C", "A>G", "G>A", "C>G", "G>C")
ALIKE = 1.3
"""How many times the cost of the first two dialects another may have."""


@dataclass(frozen=True)
class Case:
    """`pair`: client > provider, by their letters. In each of the `rounds` `total` requests over `concurrency` connections."""

    name: str
    pair: str
    words: bytes
    stream: bool
    total: int
    concurrency: int
    rounds: int
    goal: float | None = None

    @property
    def lane(self) -> str:
        return "Copy" if self.pair[0] == self.pair[-1] else "Translate"

    def message(self, port: int, *, bare: bool) -> bytes:
        """`bare`: as the provider itself would be asked (nginx translates nothing)."""
        speech = SPEECHES[SHORT_NAMES[self.pair[-1] if bare else self.pair[0]]]
        model = "bench" if bare else f"{self.pair[-1].lower()}:bench"
        path, body = speech.where(model, stream=self.stream), speech.body(model, self.words, stream=self.stream)
        return load.request(path, body, port, dict(speech.headers))

    def holds(self, *, bare: bool) -> bytes:
        return SPEECHES[SHORT_NAMES[self.pair[-1] if bare else self.pair[0]]].end if self.stream else ANSWER


def cases(scale: float) -> list[Case]:
    large = int(500 * scale)
    made = []
    for pair in ("C>C", "A>C"):
        small, stream = of_pair(pair, scale)
        made += [small, Case("whole, 100 KiB request", pair, LONG, False, large, 16, SHORT_ROUNDS), stream]
    return made


def of_pair(pair: str, scale: float) -> tuple[Case, Case]:
    return (
        Case("whole, small", pair, SHORT, False, int(1500 * scale), 16, SHORT_ROUNDS, 12),
        Case("stream, 200 chunks at 10 ms", pair, SHORT, True, max(20, int(150 * scale)), 50, STREAM_ROUNDS, 4),
    )


def measure(running: processes.Running, case: Case, *, bare: bool) -> float:
    """Microseconds of CPU per request."""
    message = case.message(running.port, bare=bare)
    before = running.cpu()
    asyncio.run(load.run(running.port, message, case.total, case.concurrency, case.holds(bare=bare)))
    return (running.cpu() - before) / case.total * 1e6


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full number of requests")
    scale: float = parser.parse_args().scale
    if not os.path.isdir("/proc/self"):
        print("the benchmarks read CPU from /proc: Linux only", file=sys.stderr)
        return 2
    with processes.scratch() as folder, processes.provider() as upstream:
        reference = processes.nginx(upstream.port, folder)
        if reference is None:
            print("nginx is not installed: no reference, no ratios (Debian: nginx-light)", file=sys.stderr)
            return 2
        with reference.until_ready(), processes.dragoman(folder).until_ready("/health") as ours:
            print(f"ready after {ours.cpu():.2f} s of CPU (goal: 1), {ours.memory() / 1e6:.0f} MB resident\n")
            processes.add_providers(ours.port, upstream.port)
            missed = table(ours, reference, cases(scale)) + dialects(ours, scale / 2)
            print(f"\nafter the run: {ours.memory() / 1e6:.0f} MB resident")
            return 1 if missed else 0


def table(ours: processes.Running, reference: processes.Running, todo: list[Case]) -> int:
    """Print a row a case; how many goals were missed."""
    print("| lane | case | nginx us | Dragoman us | ratio | goal |\n|---|---|---:|---:|---:|---:|")
    missed = 0
    for case in todo:
        measure(ours, case, bare=False)
        measure(reference, case, bare=True)
        pairs = [(measure(reference, case, bare=True), measure(ours, case, bare=False)) for _ in range(case.rounds)]
        theirs, mine = map(min, zip(*pairs, strict=True))
        ratio = mine / theirs if theirs else 0.0
        missed += case.goal is not None and ratio > case.goal
        goal = f"{case.goal:g}" if case.goal is not None else ""
        print(f"| {case.lane} | {case.name} | {theirs:.0f} | {mine:.0f} | {ratio:.1f} | {goal} |", flush=True)
    return missed


def dialects(ours: processes.Running, scale: float) -> int:
    """Print what each pair of dialects costs beside those of the first two in the same lane; how many cost too much."""
    print("\n| client > provider | case | us | of the first two | goal |\n|---|---|---:|---:|---:|")
    missed = 0
    for kind in (0, 1):
        todo = {pair: of_pair(pair, scale)[kind] for pair in (*FIRST, *OTHERS)}
        found = _in_turns(ours, todo)
        for pair, case in todo.items():
            first = statistics.mean(found[each] for each in FIRST if todo[each].lane == case.lane)
            ratio = found[pair] / first if first else 0.0
            missed += pair in OTHERS and ratio > ALIKE
            goal = f"{ALIKE:g}" if pair in OTHERS else ""
            print(f"| {pair} | {case.name} | {found[pair]:.0f} | {ratio:.2f} | {goal} |", flush=True)
    return missed


def _in_turns(ours: processes.Running, todo: Mapping[str, Case]) -> dict[str, float]:
    """The least of each case, all of them measured in every round; the first round only warms up."""
    rounds = max(case.rounds for case in todo.values())
    found = [{pair: measure(ours, case, bare=False) for pair, case in todo.items()} for _ in range(rounds + 1)]
    return {pair: min(each[pair] for each in found[1:]) for pair in todo}


if __name__ == "__main__":
    sys.exit(main())

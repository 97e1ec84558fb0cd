"""`make bench`: CPU per request of Dragoman and of nginx, the same upstream, the same run, taken in turns.

python -m benchmarks.run [--scale 1.0]
"""

import argparse
import asyncio
import os
import statistics
import sys
from dataclasses import dataclass

from benchmarks import load, processes

ROUNDS = 3
_SMALL = b'{"model":"%b","messages":[{"role":"user","content":"Say something short."}]%b}'
_LARGE_TEXT = b"Ninety thousand words of context. " * 3000
_LARGE = b'{"model":"%b","messages":[{"role":"user","content":"' + _LARGE_TEXT + b'"}]%b}'


@dataclass(frozen=True)
class Case:
    """`lane` decides the client's path. `total` requests over `concurrency` connections a round."""

    name: str
    lane: str
    template: bytes
    extra: bytes
    total: int
    concurrency: int
    must_hold: bytes
    goal: float | None = None

    def message(self, port: int, *, bare: bool) -> bytes:
        """`bare`: as the provider itself would be asked (nginx translates nothing)."""
        translate = self.lane == "Translate" and not bare
        extra = self.extra + (b',"max_tokens":1000' if translate else b"")
        body = self.template % (b"bench" if bare else b"openai:bench", extra)
        headers = {"anthropic-version": "2023-06-01"} if translate else {}
        return load.request("/v1/messages" if translate else "/v1/chat/completions", body, port, headers)


def cases(scale: float) -> list[Case]:
    whole, large, streams = int(4000 * scale), int(1500 * scale), max(20, int(150 * scale))
    stream = b',"stream":true'
    made = []
    for lane in ("Copy", "Translate"):
        end = b"message_stop" if lane == "Translate" else b"[DONE]"
        made += [
            Case("whole, small", lane, _SMALL, b"", whole, 16, b"A short answer", 12),
            Case("whole, 100 KiB request", lane, _LARGE, b"", large, 16, b"A short answer"),
            Case("stream, 200 chunks at 10 ms", lane, _SMALL, stream, streams, 50, end, 4),
        ]
    return made


def measure(running: processes.Running, case: Case, *, bare: bool) -> float:
    """Microseconds of CPU per request."""
    message = case.message(running.port, bare=bare)
    hold = case.must_hold if not bare else case.must_hold.replace(b"message_stop", b"[DONE]")
    before = running.cpu()
    asyncio.run(load.run(running.port, message, case.total, case.concurrency, hold))
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
        with reference.until_ready(), processes.dragoman(upstream.port, folder).until_ready("/health") as ours:
            print(f"ready after {ours.cpu():.2f} s of CPU (goal: 1), {ours.memory() / 1e6:.0f} MB resident\n")
            return table(ours, reference, cases(scale))


def table(ours: processes.Running, reference: processes.Running, todo: list[Case]) -> int:
    """Print a row a case; the exit status says whether every goal was met."""
    print("| lane | case | nginx us | Dragoman us | ratio | goal |\n|---|---|---:|---:|---:|---:|")
    missed = 0
    for case in todo:
        measure(ours, case, bare=False)
        measure(reference, case, bare=True)
        pairs = [(measure(reference, case, bare=True), measure(ours, case, bare=False)) for _ in range(ROUNDS)]
        theirs, mine = (statistics.median(column) for column in zip(*pairs, strict=True))
        ratio = statistics.median(b / a for a, b in pairs if a > 0)
        missed += case.goal is not None and ratio > case.goal
        goal = f"{case.goal:g}" if case.goal is not None else ""
        print(f"| {case.lane} | {case.name} | {theirs:.0f} | {mine:.0f} | {ratio:.1f} | {goal} |", flush=True)
    print(f"\nafter the run: {ours.memory() / 1e6:.0f} MB resident")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

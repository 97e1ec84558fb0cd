"""A reply and a scenario become a script: what is written when, and how it ends. Rule: pure; the server only plays it."""

import zlib
from collections.abc import Callable
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from dragoman.sandbox.reply import Reply
from dragoman.sandbox.scenario import Scenario

Step = bytes | float | Literal["head", "end", "cut", "reset", "hang"]
"""Bytes of the body, seconds to wait, or a mark: the head is written; the answer ends properly, or it does not."""
SLICES = 8
KEEPALIVE_GAP = 0.05
USAGE_GAP = 0.05
HTML = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n"
    b"<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)


class Script(Struct, frozen=True, kw_only=True):
    """`length`: of the whole body; None for a stream, which goes in chunks. `grain`: bytes in one write, 0 for any."""

    status: int
    headers: tuple[tuple[str, str], ...]
    length: int | None
    steps: tuple[Step, ...]
    grain: int = 0


def plain(reply: Reply) -> Script:
    """The reply as it is."""
    return _script(reply, ["head", *reply.frames, "end"])


def script(row: Scenario, reply: Reply, keepalive: bytes, error_frame: Callable[[int], bytes], error_body: Reply) -> Script:
    """The reply as the scenario has it. `error_frame`: the error behind so many frames; `error_body`: where the body is whole."""
    if row.then == "error" and not reply.stream:
        return plain(error_body)
    if row.at == "nothing":
        return _script(reply, [_last(row)])
    reply = _changed(row, reply)
    steps: list[Step] = [row.wait, "head"] if row.wait else ["head"]
    until = len(reply.frames) if row.change == "broken" else _place(row, reply)
    for at, frame in enumerate(reply.frames[:until]):
        if at == reply.content:
            steps += (keepalive if reply.stream else b"\n", KEEPALIVE_GAP) * row.keepalives
        if row.pace and at:
            steps.append(row.pace)
        if row.usage == "late" and at == reply.ending + 1:
            steps.append(USAGE_GAP)
        steps.append(frame)
    if row.then == "error":
        steps.append(error_frame(until))
    steps.append(_last(row))
    return _script(reply, steps, row.grain, extra=row.keepalives)


def _script(reply: Reply, steps: list[Step], grain: int = 0, extra: int = 0) -> Script:
    length = None if reply.stream else sum(map(len, reply.frames)) + extra
    return Script(status=reply.status, headers=reply.headers, length=length, steps=tuple(steps), grain=grain)


def _last(row: Scenario) -> Step:
    return "end" if row.then == "error" else row.then


def _place(row: Scenario, reply: Reply) -> int:
    """How many frames come before the place where something happens."""
    everything = len(reply.frames)
    match row.at:
        case "start":
            return reply.content
        case "middle":
            return min(reply.ending, reply.content + max(1, (reply.ending - reply.content) // 2))
        case "ending":
            return reply.ending if reply.stream else everything
        case "last":
            return everything - 1 if reply.signed_off else everything
        case _:
            return everything


def _changed(row: Scenario, reply: Reply) -> Reply:
    match row.change:
        case "html":
            return Reply(status=502, headers=(("content-type", "text/html"),), frames=(HTML,))
        case "redirect":
            return Reply(status=307, headers=(("location", "/redirected"),))
        case "blank":
            return replace(reply, frames=())
        case "broken":
            return _broken(row, reply)
        case "crlf" if reply.stream:
            return replace(reply, frames=tuple(_with_crlf(frame) for frame in reply.frames))
        case "gzip":
            return _compressed(reply)
    whole_in_time = row.mood == "long"
    if not reply.stream and not whole_in_time and (row.pace or row.then != "end"):
        return _sliced(reply)
    return reply


def _broken(row: Scenario, reply: Reply) -> Reply:
    """One frame loses its last third, and so the end of its JSON."""
    if not reply.stream:
        body = reply.frames[0]
        return replace(reply, frames=(body[: len(body) * 2 // 3],))
    at = min(_place(row, reply), len(reply.frames) - 1)
    frame = reply.frames[at]
    end = frame[len(frame.rstrip(b"\r\n")) :]
    return replace(reply, frames=(*reply.frames[:at], frame[: len(frame) * 2 // 3] + end, *reply.frames[at + 1 :]))


def _with_crlf(frame: bytes) -> bytes:
    return frame.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _compressed(reply: Reply) -> Reply:
    """gzip, flushed after every frame; the end of the compressed data goes with the last."""
    packer = zlib.compressobj(wbits=31)
    frames = [packer.compress(frame) + packer.flush(zlib.Z_SYNC_FLUSH) for frame in reply.frames]
    frames[-1] += packer.flush()
    return replace(reply, headers=(*reply.headers, ("content-encoding", "gzip")), frames=tuple(frames))


def _sliced(reply: Reply) -> Reply:
    """A whole body in pieces, so that something can happen between them."""
    body = reply.frames[0]
    size = max(1, -(-len(body) // SLICES))
    frames = tuple(body[at : at + size] for at in range(0, len(body), size))
    return replace(reply, frames=frames, content=0, ending=len(frames))

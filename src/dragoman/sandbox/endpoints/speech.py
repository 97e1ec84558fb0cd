"""`POST /v1/audio/speech`, as OpenAI answers (API reference, 2026-11): silence, in the form that was asked for.

Rule: the bytes begin as a file of their form does; only WAV and PCM are whole, a hundredth of a second a character.
"""

import base64
import struct

from dragoman.sandbox.endpoints.vectors import tokens
from dragoman.sandbox.openai import common_headers, stream_headers
from dragoman.sandbox.openai_rules import missing, read_body, too_long, wrong_type, wrong_value
from dragoman.sandbox.reply import Incoming, Reply

FORMS: dict[str, tuple[str, bytes]] = {
    "mp3": ("audio/mpeg", b"\xff\xfb\x90\x64"),
    "opus": ("audio/ogg", b"OggS\x00\x02"),
    "aac": ("audio/aac", b"\xff\xf1\x50\x80"),
    "flac": ("audio/flac", b"fLaC\x00\x00\x00\x22"),
    "wav": ("audio/wav", b""),
    "pcm": ("audio/pcm", b""),
}
"""Form -> (media type, first bytes)."""
RATE, SAMPLE, PIECE, MOST = 24_000, 2, 4096, 4096
"""Samples a second; bytes a sample, and a piece of the answer; characters of a text."""


def speak(call: Incoming) -> Reply:
    body = read_body(call)
    for name in ("model", "input", "voice"):
        if name not in body:
            missing(name)
    model, text, form = str(body["model"]), body["input"], body.get("response_format", "mp3")
    if not isinstance(text, str):
        wrong_type("input", "a string", text)
    if len(text) > MOST:
        too_long("input", MOST, len(text))
    if form not in tuple(FORMS):
        wrong_value("response_format", form, tuple(FORMS))
    stream = body.get("stream_format", "audio")
    if stream not in ("audio", "sse"):
        wrong_value("stream_format", stream, ("audio", "sse"))
    sound = _sound(form, bytes(RATE // 100 * SAMPLE * max(1, len(text))))
    pieces = tuple(sound[at : at + PIECE] for at in range(0, len(sound), PIECE))
    if stream == "sse":
        return _events(call, model, text, pieces)
    headers = (("content-type", FORMS[form][0]), *common_headers(call))
    return Reply(headers=headers, frames=pieces, ending=len(pieces), stream=True, model=model)


def _sound(form: str, samples: bytes) -> bytes:
    if form != "wav":
        return FORMS[form][1] + samples
    what = struct.pack("<4sIHHIIHH4sI", b"fmt ", 16, 1, 1, RATE, RATE * SAMPLE, SAMPLE, SAMPLE * 8, b"data", len(samples))
    return b"RIFF" + struct.pack("<I", 4 + len(what) + len(samples)) + b"WAVE" + what + samples


def _events(call: Incoming, model: str, text: str, pieces: tuple[bytes, ...]) -> Reply:
    deltas = (b'data: {"type":"speech.audio.delta","audio":"%b"}\n\n' % base64.b64encode(piece) for piece in pieces)
    asked, said = tokens(text), len(pieces)
    usage = b'{"input_tokens":%d,"output_tokens":%d,"total_tokens":%d}' % (asked, said, asked + said)
    done = b'data: {"type":"speech.audio.done","usage":%b}\n\n' % usage
    return Reply(headers=stream_headers(call), frames=(*deltas, done), ending=len(pieces), stream=True, model=model)

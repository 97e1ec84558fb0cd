"""`POST /v1/audio/transcriptions` and `/v1/audio/translations`, as OpenAI answers (API reference, 2026-11).

Rule: what is heard is which file came, and how large it is.
"""

from dragoman.sandbox.endpoints.multipart import read_form
from dragoman.sandbox.mind import Say, pieces
from dragoman.sandbox.openai import common_headers, stream_headers, whole
from dragoman.sandbox.openai_rules import bad, missing, wrong_value
from dragoman.sandbox.reply import Incoming, Reply
from dragoman.wire import json

FORMS = ("json", "text", "srt", "verbose_json", "vtt")
SOUND_TOKENS = 10


def transcribe(call: Incoming) -> Reply:
    form = read_form(call)
    if form is None:
        bad("Invalid content type. Expected multipart/form-data.")
    model, upload = form.fields.get("model"), form.files.get("file")
    if upload is None:
        missing("file")
    if not model:
        missing("model")
    wanted = form.fields.get("response_format", "json")
    if wanted not in FORMS:
        wrong_value("response_format", wanted, FORMS)
    if not upload.data:
        bad("Audio file is too short. Minimum audio length is 0.1 seconds.", "file", "audio_too_short")
    text = f"I heard {len(upload.data)} bytes of {upload.name}."
    if form.fields.get("stream") == "true":
        return _stream(call, model, text)
    match wanted:
        case "json":
            return whole(call, b'{"text":%b,"usage":%b}' % (json.encode(text), _usage(text)), model=model)
        case "verbose_json":
            return whole(call, _verbose(text, form.fields.get("language", "english")), model=model)
        case "srt":
            return _plain(call, model, f"1\n00:00:00,000 --> 00:00:01,000\n{text}\n\n")
        case "vtt":
            return _plain(call, model, f"WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n{text}\n\n")
        case _:
            return _plain(call, model, f"{text}\n")


def _plain(call: Incoming, model: str, text: str) -> Reply:
    headers = (("content-type", "text/plain; charset=utf-8"), *common_headers(call))
    return Reply(headers=headers, frames=(text.encode(),), model=model)


def _verbose(text: str, language: str) -> bytes:
    said = json.encode(text)
    segment = (
        b'{"id":0,"seek":0,"start":0.0,"end":1.0,"text":%b,"tokens":[],"temperature":0.0,"avg_logprob":-0.1,'
        b'"compression_ratio":1.0,"no_speech_prob":0.0}'
    ) % said
    return (
        b'{"task":"transcribe","language":%b,"duration":1.0,"text":%b,"segments":[%b],"usage":{"type":"duration","seconds":1}}'
    ) % (json.encode(language), said, segment)


def _stream(call: Incoming, model: str, text: str) -> Reply:
    deltas = [b'data: {"type":"transcript.text.delta","delta":%b}\n\n' % json.encode(piece) for piece in pieces(Say(text))]
    done = b'data: {"type":"transcript.text.done","text":%b,"usage":%b}\n\n' % (json.encode(text), _usage(text))
    return Reply(headers=stream_headers(call), frames=(*deltas, done), ending=len(deltas), stream=True, model=model)


def _usage(text: str) -> bytes:
    said = len(pieces(Say(text)))
    return (
        b'{"type":"tokens","input_tokens":%d,"input_token_details":{"text_tokens":0,"audio_tokens":%d},"output_tokens":%d,'
        b'"total_tokens":%d}'
    ) % (SOUND_TOKENS, SOUND_TOKENS, said, SOUND_TOKENS + said)

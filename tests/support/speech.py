"""Drives the dialects without a relay, deterministic: bytes to events, events to bytes, requests from one dialect to another."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec
from msgspec import Raw, Struct

from dragoman.core import seal
from dragoman.core.config import Provider, Target
from dragoman.core.events import Event, Failed, Finished, PartClosed, PartDelta, PartOpened, Started
from dragoman.core.loss import Loss
from dragoman.core.quirks import Quirks
from dragoman.core.request import Request
from dragoman.dialects.base import NOTHING, Answering, Built, Decoder, Stamp, Undo
from dragoman.dialects.registry import CLIENTS, DIALECTS
from support.fixtures import Ask, ask, facts
from support.said import exact
from support.vendor_side import SIDES

NOW = 1_800_000_000
REQUEST_ID = "req_0001"
_KEY = b"a key for tests alone"
MODEL = "some-model"
ACCOUNT = "example"


def decode(dialect: str, pieces: bytes | Iterable[bytes], *, stream: bool, undo: Undo = NOTHING) -> list[Event]:
    """The events of an answer. Fails where a decoder breaks its contract: one end, nothing after it, all parts closed."""
    events, _ = decode_with_losses(dialect, pieces, stream=stream, undo=undo)
    return events


def decode_with_losses(
    dialect: str, pieces: bytes | Iterable[bytes], *, stream: bool, undo: Undo = NOTHING
) -> tuple[list[Event], list[Loss]]:
    decoder: Decoder = DIALECTS[dialect].decoder(stream, Quirks(), undo)
    events: list[Event] = []
    for piece in [pieces] if isinstance(pieces, bytes) else pieces:
        events += decoder.feed(piece)
    events += decoder.close()
    _keeps_the_contract(events)
    return events, decoder.losses


def encode(
    client: str, events: list[Event], *, stream: bool, provider: str, body: bytes | None = None
) -> tuple[bytes, list[Loss]]:
    """What a client of dialect `client` gets for the events of a provider of dialect `provider`, and the encoder's losses.

    Of a dialect that only providers speak: what its vendor would have sent."""
    if client not in CLIENTS:
        return SIDES[client].answer(events, stream=stream), []
    dialect = CLIENTS[client]
    counter = iter(range(1, 10_000))
    answering = Answering(
        request=parse(ask(client) if body is None else Ask(client, "", body), stream=stream),
        stream=stream,
        stamp=Stamp(NOW, lambda prefix: f"{prefix}{next(counter):04d}"),
        seal=lambda value, kind: seal.seal(seal.Proof(f"{provider}:{ACCOUNT}", kind, value), _KEY),
        provider_dialect=provider,
        weights=DIALECTS[provider].weights,
        model=MODEL,
        input_estimate=11 if stream else 0,
    )
    encoder = dialect.encoder(answering)
    out = b"".join([encoder.encode(event) for event in events])
    if not isinstance(events[-1], Failed):
        out += encoder.close()
    elif not stream:
        out = dialect.build_error(events[-1].error, REQUEST_ID)[1]
    return out, encoder.losses


def parse(asked: Ask, *, stream: bool | None = None, url: str = "") -> Request:
    """Raises CallError as the dialect does. `url`: where it was sent to, for dialects that say something in it. Of a dialect that
    only providers speak: what its vendor reads."""
    if asked.dialect not in CLIENTS:
        request = SIDES[asked.dialect].parse(asked.body)
        return request if stream is None else msgspec.structs.replace(request, stream=stream)
    dialect = CLIENTS[asked.dialect]
    door = next(path for path in dialect.paths if path.operation == "chat")
    place = urlsplit(url or door.pattern.replace("{model}", MODEL))
    envelope = dialect.peek(door.method, unquote(place.path), place.query, _HEADERS, asked.body)
    request = dialect.parse_request(envelope, lambda text: seal.unseal(text, _KEY))
    return msgspec.structs.replace(request, stream=envelope.stream if stream is None else stream)


_HEADERS = (("content-type", "application/json"),)


def build(request: Request, dialect: str, quirks: Quirks | None = None, account: str = ACCOUNT) -> Built:
    """The request for a target that speaks `dialect`; its model is the one that was asked for."""
    chosen = quirks if quirks is not None else Quirks()
    return DIALECTS[dialect].build_request(request, target(dialect, request.model or MODEL, chosen, account), chosen)


def endpoint(request: Request, dialect: str, stream: bool, quirks: Quirks | None = None) -> str:
    """Where such a target is asked."""
    chosen = target(dialect, request.model or MODEL, quirks if quirks is not None else Quirks(), ACCOUNT)
    return DIALECTS[dialect].endpoint(chosen, "chat", stream)


def heard(request: Request, dialect: str, built: Built, quirks: Quirks | None = None) -> Request:
    """What a server of the dialect reads in what was built; whether it streams may be said in its URL."""
    streamed, whole = (endpoint(request, dialect, stream, quirks) for stream in (True, False))
    url = streamed if request.stream else whole
    if dialect in CLIENTS:
        return parse(Ask(dialect, "built", built.body), url=url)
    return parse(Ask(dialect, "built", built.body), stream=request.stream if streamed != whole else None)


def target(dialect: str, model: str, quirks: Quirks, account: str) -> Target:
    provider = Provider(id=1, name="Example", slug=account, provider_type="custom", base_url="https://api.example/v1")
    return Target(provider=provider, model=model, dialect=dialect, base="https://api.example/v1", quirks=quirks)


def quirk_rows(dialect: str) -> dict[str, Quirks]:
    """Deviations that the laws are tried with, by name; the first is none."""
    return {"": Quirks(), **{name: msgspec.convert(row, Quirks) for name, row in facts(dialect)["quirks"].items()}}


def plain(value: Any, leave_out: frozenset[str] = frozenset()) -> Any:
    """A value of the vocabulary for comparing: JSON by meaning, numbers as written. `leave_out`: members of structs."""
    if isinstance(value, Raw):
        return exact(bytes(value))
    if isinstance(value, Struct):
        members = {name: plain(getattr(value, name), leave_out) for name in value.__struct_fields__ if name not in leave_out}
        return {"": type(value).__name__, **members}
    if isinstance(value, dict):
        return {key: plain(each, leave_out) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each, leave_out) for each in value]
    return value


def pretty(body: bytes) -> str:
    """JSON for a person's eyes; other bytes as they are."""
    try:
        return msgspec.json.format(body, indent=2).decode() + "\n"
    except msgspec.DecodeError:
        return body.decode()


def _keeps_the_contract(events: list[Event]) -> None:
    assert events, "no events"
    ends = [event for event in events if isinstance(event, Finished | Failed)]
    assert len(ends) == 1, f"{len(ends)} ends"
    assert ends[0] is events[-1], "an event after the end"
    starts = [place for place, event in enumerate(events) if isinstance(event, Started)]
    assert starts in ([0], []), "Started is once, and first"
    assert starts or isinstance(events[-1], Failed), "finished without Started"
    opened, closed = [], set()
    for event in events:
        if isinstance(event, PartOpened):
            opened.append(event.index)
        elif isinstance(event, PartDelta | PartClosed):
            assert event.index in opened, f"{event} before its part"
            assert event.index not in closed, f"{event} after its part"
            assert not isinstance(event, PartDelta) or event.text, "an empty delta"
        if isinstance(event, PartClosed):
            closed.add(event.index)
    assert opened == sorted(set(opened)), "indexes ascend"
    assert closed == set(opened) or isinstance(events[-1], Failed), "a part that was never closed"

"""`translate --answer`: a provider's answer as a client of another dialect would get it. Rule: the same bytes in, the same bytes
out: clock and ids are counted, not drawn.
"""

from itertools import count
from typing import TYPE_CHECKING

from dragoman.cli import pairing
from dragoman.cli.exits import BY_KIND, Exit, VerbError

if TYPE_CHECKING:
    from dragoman.core.errors import Error
    from dragoman.core.request import Request
    from dragoman.dialects.base import Answering, Undo
    from dragoman.relay.pipe import Pipe

REQUEST_ID = "req_0"


def translate_answer(
    body: bytes,
    provider: str | None,
    client: str | None,
    target: str | None,
    request: str | None,
    status: int,
    model: str,
    *,
    stream: bool,
    pretty: bool,
) -> None:
    """Raises VerbError where the answer is a failure, after it was printed as the client gets it."""
    from dragoman.cli.translate import write

    if client is None:
        raise VerbError(Exit.USAGE, "--to DIALECT says who gets the answer")
    pair = pairing.paired(client, provider, target, model, ("--to", "--from"))
    asked, undo = _asked(pair, request, model, stream=stream)
    if status >= 400:
        raise _fail(pair, _refused(pair, status, body), pretty=pretty)
    pipe = _pipe(pair, body, asked, undo, stream=stream)
    out = pipe.feed(body) + pipe.close()
    losses = pipe.losses()
    if losses:
        pairing.say(pairing.listed(losses))
    failed = pipe.watch.failed
    if failed is None:
        write(out, pretty=pretty, stream=stream)
        return
    if stream and pipe.watch.committed:
        write(out + pipe.breaking(failed), pretty=pretty, stream=True)
        raise _told(failed)
    raise _fail(pair, failed, pretty=pretty)


def _asked(pair: pairing.Pair, file: str | None, model: str, *, stream: bool) -> "tuple[Request, Undo]":
    """The client's request, and what has to be named back in the answer. Raises CallError, OSError."""
    from msgspec.structs import replace

    from dragoman.core.request import Request
    from dragoman.core.seal import unseal
    from dragoman.dialects.base import NOTHING
    from dragoman.dialects.pairs import told

    if file is None:
        return Request(dialect=pair.client.id, stream=stream, stream_usage=True), NOTHING
    pair, envelope = pairing.call(pair, pairing.read(file), model, stream=False)
    parsed = pair.client.parse_request(envelope, lambda text: unseal(text, pair.seal_key))
    built = told(envelope, pair.client, pair.speaker, pair.target, pair.seal_key)[1]
    return replace(parsed, stream=stream), built.undo


def _pipe(pair: pairing.Pair, body: bytes, asked: "Request", undo: "Undo", *, stream: bool) -> "Pipe":
    """As the relay would have it for an answer that looks so."""
    from dragoman.relay.pipe import Copy, Translate

    quirks = pair.target.quirks
    streamed = not _is_json(body)
    decoder = pair.speaker.decoder(streamed, quirks, undo)
    if pair.client.id == pair.speaker.id and streamed == stream and not quirks.repeats_ids:
        return Copy(pair.client, decoder, stream=stream, undo=undo, request_id=REQUEST_ID)
    encoder = pair.client.encoder(_answering(pair, asked, stream=stream))
    return Translate(decoder, encoder, comments=stream and pair.client.frames("").comments)


def _answering(pair: pairing.Pair, asked: "Request", *, stream: bool) -> "Answering":
    from dragoman.core.seal import Proof, seal
    from dragoman.dialects.base import Answering, Stamp
    from dragoman.dialects.tokens import estimate

    number, target = count(1), pair.target
    return Answering(
        request=asked,
        stream=stream,
        stamp=Stamp(0, lambda prefix: f"{prefix}{next(number):024}"),
        seal=lambda value, kind: seal(Proof(target.origin, kind, value), pair.seal_key),
        provider_dialect=pair.speaker.id,
        weights=pair.speaker.weights,
        model=target.model,
        input_estimate=estimate(asked) if stream else 0,
        new_ids=target.quirks.repeats_ids,
    )


def _is_json(body: bytes) -> bool:
    from dragoman.wire import json

    try:
        json.decode(body)
    except json.JSONError:
        return False
    return True


def _refused(pair: pairing.Pair, status: int, body: bytes) -> "Error":
    """An error answer, with its own bytes for clients of the same dialect."""
    from msgspec.structs import replace

    return replace(pair.speaker.parse_error(status, (), body), status=status, body=body, dialect=pair.speaker.id)


def _fail(pair: pairing.Pair, error: "Error", *, pretty: bool) -> VerbError:
    """Print the failure as the client would get it before any content."""
    from dragoman.cli.translate import write
    from dragoman.relay.replies import failed_whole

    status, _, body = failed_whole(pair.client, error, REQUEST_ID)
    pairing.say(f"HTTP {status}")
    write(body, pretty=pretty)
    return _told(error)


def _told(error: "Error") -> VerbError:
    return VerbError(BY_KIND.get(error.kind, Exit.FAILED), f"the answer is a failure: {error.message}")

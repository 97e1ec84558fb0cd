"""One leg of a call: the request as one target gets it, and the pipe for its answer. Pure but for ids and the clock."""

import time
from collections.abc import Callable, Mapping

from msgspec import Struct, structs

from dragoman import __version__
from dragoman.core import seal
from dragoman.core.config import Secret, Target
from dragoman.core.embedding import EmbeddingRequest
from dragoman.core.errors import CallError, ConfigError, Error, ErrorKind
from dragoman.core.loss import Loss, LossKind
from dragoman.core.request import Envelope, Headers, Request
from dragoman.dialects.base import Answering, Built, Dialect, ProviderDialect, Stamp
from dragoman.dialects.endpoints import url_below
from dragoman.dialects.hosting import hosted
from dragoman.dialects.lanes import Lane, tell
from dragoman.dialects.omission import left_out
from dragoman.dialects.thoughts import forgetful
from dragoman.dialects.tokens import estimate
from dragoman.providers.auth import Grant, credentials, grant, secrets
from dragoman.providers.headers import incoming, outgoing, told
from dragoman.providers.masking import is_secret
from dragoman.providers.targets import allows_private
from dragoman.relay.outlet import JSON
from dragoman.relay.pipe import Copy, Pipe, Translate
from dragoman.relay.unwrapping import Body, Unwrapped, is_framed
from dragoman.relay.upstream import Outgoing, Response

OURSELVES = ("user-agent", f"dragoman/{__version__}")
SHORTEST_SECRET = 8
"""Characters; a shorter key would be found in words that are none."""
_STREAMS = {**dict.fromkeys((b"{", b"[", b"<"), False), **dict.fromkeys((b"d", b"e", b":", b"i", b"r"), True)}
"""First byte of an answer that is not white space -> it is a stream of events (`data`, `event`, `id`, `retry`, a comment)."""


class Asked:
    """A client's call, parsed once at most. `seal_key`: opens and closes seals."""

    __slots__ = ("_embedding", "_request", "dialect", "envelope", "make_id", "request_id", "seal_key", "strict")

    def __init__(
        self,
        envelope: Envelope,
        dialect: Dialect,
        request_id: str,
        seal_key: bytes,
        make_id: Callable[[str], str],
        *,
        strict: bool,
    ) -> None:
        self.envelope, self.dialect, self.request_id = envelope, dialect, request_id
        self.seal_key, self.make_id, self.strict = seal_key, make_id, strict
        self._request: Request | None = None
        self._embedding: EmbeddingRequest | None = None

    @property
    def request(self) -> Request:
        """The canonical form. Raises CallError (bad_request)."""
        if self._request is None:
            self._request = self.dialect.parse_request(self.envelope, lambda text: seal.unseal(text, self.seal_key))
        return self._request

    @property
    def embedding(self) -> EmbeddingRequest:
        """The same, of a call for embeddings."""
        if self._embedding is None:
            assert self.dialect.embedder is not None
            self._embedding = self.dialect.embedder.parse(self.envelope)
        return self._embedding


class Lesson(Struct, frozen=True, kw_only=True):
    """What a target is known not to take. `members`: paths in its dialect (wire.cut). `turns`: how many of the conversation's
    first messages go without their thoughts."""

    members: tuple[str, ...] = ()
    turns: int = 0


class Leg:
    """Raises CallError where the target cannot say what the client asks (kind unsupported), or the request is malformed.

    `known`: what is left out of a translated request; `lesson`: what was. `said`: the body before its host had it another way.
    """

    __slots__ = ("_asked", "_known", "_minted", "_speaker", "built", "lane", "lesson", "said", "target")

    def __init__(
        self, asked: Asked, target: Target, dialects: Mapping[str, ProviderDialect], known: Callable[[], Lesson] = Lesson
    ) -> None:
        self._asked, self.target = asked, target
        self._speaker, self._known = dialects[target.dialect], known
        self._minted: list[Secret] = []
        self.lesson = Lesson()
        self.lane, built = self._build()
        self.said, self.built = built.body, self._hosted(built)
        self._judge(self.built.losses)

    @property
    def asked(self) -> Asked:
        return self._asked

    def _build(self) -> tuple[Lane, Built]:
        """A request that is forwarded as it came is never lessened: clients of its dialect negotiate by its errors."""
        asked, target, lost = self._asked, self.target, tuple[Loss, ...]()

        def request() -> Request:
            nonlocal lost
            self.lesson = self._known()
            found, lost = forgetful(asked.request, self.lesson.turns) if self.lesson.turns else (asked.request, ())
            return found

        lane, built = tell(asked.envelope, asked.dialect, self._speaker, target, request)
        if self.lesson.members:
            built = left_out(built, asked.request, self.lesson.members, own=asked.request.dialect == target.dialect)
        return lane, structs.replace(built, losses=(*lost, *built.losses)) if lost else built

    def _hosted(self, built: Built) -> Built:
        if self.target.quirks.host is None:
            return built
        return hosted(built, self._asked.envelope.operation, self._told(built), self.target.quirks)

    def _judge(self, losses: tuple[Loss, ...]) -> None:
        fatal = (LossKind.REFUSED, LossKind.DROPPED) if self._asked.strict else (LossKind.REFUSED,)
        refused = tuple(loss for loss in losses if loss.kind in fatal)
        if refused:
            raise CallError(self._asked.dialect.refusal(refused))

    def _told(self, built: Built) -> Headers:
        """What headers say of the request."""
        envelope, target = self._asked.envelope, self.target
        return told(envelope.headers, target, built.headers, envelope.dialect == target.dialect)

    def outgoing(self) -> Outgoing:
        """What goes to the provider. Raises CallError where its key cannot be used."""
        envelope, target = self._asked.envelope, self.target
        same = envelope.dialect == target.dialect
        framing = envelope.framing if self.lane == "copy" else ""
        return Outgoing(
            method="POST",
            url=self._speaker.endpoint(target, envelope.operation, envelope.stream, framing),
            headers=(
                ("content-type", JSON),
                *credentials(target),
                *outgoing(envelope.headers, target, (OURSELVES, *self.built.headers), same),
            ),
            body=self.built.body,
            timeout_idle=target.provider.timeout,
            allow_private=allows_private(target.provider),
            grant=_granted(target),
            minted=self._minted,
        )

    def url_below(self, below: str, query: str = "", above: str = "", *, modelled: bool = True) -> str:
        """The URL of another call than the dialect's usual one at this target (dialects/endpoints)."""
        target, usual = self.target, ""
        if target.path:
            usual = self._speaker.endpoint(structs.replace(target, base="", path="", query=""), "chat", stream=False)
        return url_below(target, usual, below, query, above, modelled=modelled)

    def plain(self, response: Response) -> Body:
        """The answer's body as its dialect has it, whatever the host wraps it in."""
        host = self.target.quirks.host
        return Unwrapped(response) if host is not None and host.frames == "aws" and is_framed(response) else response

    def pipe(self, first: bytes) -> Pipe:
        """For an answer that begins so. A provider may answer whole where a stream was asked, and the reverse; its content type
        often tells otherwise."""
        asked, quirks, undo, framing = self._asked, self.target.quirks, self.built.undo, self._asked.envelope.framing
        wants_stream = asked.envelope.stream
        copies = self.lane == "copy" and not quirks.repeats_ids
        framed = copies and framing != "" and first[:1] == b"["
        streams = wants_stream if framed else _STREAMS.get(first[:1], wants_stream)
        decoder = self._speaker.decoder(streams, quirks, undo)
        if copies and streams == wants_stream:
            request_id = asked.request_id
            return Copy(asked.dialect, decoder, stream=streams, undo=undo, request_id=request_id, framing=framing)
        comments = wants_stream and asked.dialect.frames(framing).comments
        return Translate(decoder, asked.dialect.encoder(self._answering()), comments=comments)

    def _answering(self) -> Answering:
        asked, target = self._asked, self.target
        return Answering(
            request=asked.request,
            stream=asked.envelope.stream,
            framing=asked.envelope.framing,
            stamp=Stamp(int(time.time()), asked.make_id),
            seal=lambda value, kind: seal.seal(seal.Proof(target.origin, kind, value), asked.seal_key),
            provider_dialect=target.dialect,
            weights=self._speaker.weights,
            model=target.model,
            input_estimate=estimate(asked.request) if asked.envelope.stream else 0,
            new_ids=target.quirks.repeats_ids,
        )

    def failure(self, status: int, headers: Headers, body: bytes) -> Error:
        """A provider's error answer, with its own bytes for clients of the same dialect, but for our secrets that some repeat."""
        body = self.hide(body)
        headers = tuple((name, self.hide(value.encode("latin-1")).decode("latin-1")) for name, value in headers)
        error = self._speaker.parse_error(status, headers, body)
        kind = next((value for name, value in headers if name == "content-type"), "application/json")
        return structs.replace(
            error, status=status, body=body, dialect=self.target.dialect, content_type=kind, headers=incoming(headers)
        )

    def discreet(self, error: Error) -> Error:
        """An error that was told inside an answer, without our secrets."""
        return structs.replace(error, message=self.hide(error.message.encode("utf-8", "replace")).decode())

    def hide(self, data: bytes) -> bytes:
        """What a provider says about a failure, without the key and the secret headers that it was sent."""
        provider = self.target.provider
        words = (value.rpartition(" ")[2] for name, value in provider.headers if is_secret(name))
        for secret in (*secrets(provider), *self._minted, *map(Secret, words)):
            if len(secret.reveal()) >= SHORTEST_SECRET:
                data = data.replace(secret.reveal().encode(), secret.masked.encode())
        return data


def _granted(target: Target) -> Grant | None:
    try:
        return grant(target)
    except ConfigError as error:
        raise CallError(Error(kind=ErrorKind.AUTH, message=str(error))) from None

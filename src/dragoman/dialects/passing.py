"""Calls that are passed as they are: files, batches, images, sound, whatever a vendor has beside chat. Rule: nothing of them is
read but what tells whom to ask, and nothing is changed but the model's name.

A dialect lists them in its own table (`Dialect.paths`) as rows made here. What makes or refers to something kept at a provider is
`pinned`: it is asked of one provider only.
"""

import re
from collections.abc import Mapping
from typing import Final, TypeAlias
from urllib.parse import parse_qsl, quote, urlsplit

from msgspec import Raw

from dragoman.core.config import Target
from dragoman.core.errors import CallError, Error, ErrorKind, bad_request
from dragoman.core.request import Envelope, Headers
from dragoman.dialects.base import MANY, Path, compiled
from dragoman.wire import json, multipart
from dragoman.wire.json import Members

PASSED: Final = frozenset({"pass", "embed"})
"""Operations of doors whose calls are read here."""
REFERRING: Final = (
    "previous_response_id", "conversation", "input_file_id", "training_file", "file_id", "file_ids", "vector_store_id",
    "vector_store_ids", "assistant_id", "thread_id", "container_id", "video_id", "video", "agent_id", "environment_id",
)  # fmt: skip
"""Members of a body that tell ids of what a provider keeps (OpenAI's and Anthropic's API references, 2026-11)."""
Methods: TypeAlias = tuple[str, ...]
Links: TypeAlias = tuple[tuple[str, str], ...]
_SESSIONS: Final = "upload_id"
"""In a query: the upload that a call goes on with (Google)."""
_DOTS: Final = re.compile(r"(?:^|[/\\])\.{1,2}(?:$|[/\\;])")
_MODEL: Final = "model"
_MODELS: Final = "models/"
"""How Google's bodies begin the name of a model."""
_ID: Final = "id"


def doors_of(dialect: object) -> tuple[Path, ...]:
    """Where clients call a dialect; one of providers only has no doors."""
    found: tuple[Path, ...] = getattr(dialect, "paths", ())
    return found


def attached(dialect: object, body: bytes) -> str | None:
    """The id of the file that a client's conversation has attached last (Dialect.attached)."""
    found: str | None = dialect.attached(body) if hasattr(dialect, "attached") else None
    return found


def asking(root: str, below: str) -> Path:
    """A door through which a model is asked, and nothing is kept."""
    return Path("POST", root + below, "pass", root=root)


def making(root: str, below: str) -> Path:
    """A door through which something is made, or worked on, that a provider keeps: by what the body names, where it does."""
    return Path("POST", root + below, "pass", root=root, pinned=True)


def kept(root: str, name: str, more: Methods = (), links: Links = ()) -> tuple[Path, ...]:
    """The doors of one kind of thing that a provider keeps: the list of them, each by its id, and whatever there is of one.

    `more`: methods besides GET, POST and DELETE. `links`: see Path."""
    return (*_kept(root, f"/{name}", ("GET", "POST"), links), *one_kept(root, name, more, links))


def one_kept(root: str, name: str, more: Methods = (), links: Links = ()) -> tuple[Path, ...]:
    """The same without the list."""
    methods = ("GET", "POST", "DELETE", *more)
    return tuple(door for end in ("", "/{rest}") for door in _kept(root, f"/{name}/{{id}}{end}", methods, links))


def verbs(root: str, name: str, needs: str) -> tuple[Path, ...]:
    """What is done with one of them where the vendor's paths end in a verb (Google's `files/{id}:download`)."""
    pattern = f"{root}/{name}/{{id}}:{{verb}}"
    return tuple(Path(method, pattern, "pass", needs=needs, root=root, pinned=True) for method in ("GET", "POST"))


def _kept(root: str, below: str, methods: Methods, links: Links) -> tuple[Path, ...]:
    return tuple(Path(method, root + below, "pass", root=root, pinned=True, links=links) for method in methods)


def peek(dialect: str, door: Path, method: str, path: str, query: str, headers: Headers, body: bytes) -> Envelope:
    """What is known of a call through this door. Raises CallError: 400 where a form or JSON cannot be read, 404 for a path that
    would lead elsewhere."""
    named = _named(door.pattern, path)
    model, refers = named.get(_MODEL), named.get(_ID)
    session = _session(query)
    if session is not None:  # its body is a file, whatever its content type says
        refers = refers or session
    elif model is None:
        model, told = _told(_content_type(headers), body)
        refers = refers or told
    return Envelope(
        dialect=dialect, operation=door.operation, model=model or None, stream=False, body=body, method=method, path=path,
        query=query, headers=headers, pinned=door.pinned or refers is not None, refers=refers,
        door=f"{door.method} {door.pattern}", below=_below(door, named),
        above=door.above, links=door.links,
    )  # fmt: skip


def retarget(envelope: Envelope, target: Target) -> bytes:
    """The body with the target's model; the same object where nothing changes."""
    model = target.model
    if envelope.model in (None, model) or _in_path(envelope):
        return envelope.body
    kind = _content_type(envelope.headers)
    if multipart.is_form(kind):
        return multipart.replaced(kind, envelope.body, _MODEL, model)
    members = json.members(envelope.body)
    named = json.decode(members[_MODEL], str) if _MODEL in members else ""
    begin = _MODELS if named.startswith(_MODELS) else ""
    return json.encode({**members, _MODEL: begin + model.removeprefix(begin)})


def relinked(envelope: Envelope, body: bytes) -> bytes:
    """An answer whose links lead back here: official clients follow them, with the key that they have for us. They become paths,
    which lie below the client's own base URL: nobody here knows that."""
    for name, begin in envelope.links:
        url = rb'("%b"\s*:\s*")https?://[^"]*?(%b[^"]*")' % (re.escape(name).encode(), re.escape(begin).encode())
        body = re.sub(url, rb"\1\2", body)
    return body


def relinked_headers(envelope: Envelope, told: Headers) -> Headers:
    """Headers whose links lead back here, under the name by which the client called: some take whole URLs only."""
    begins = dict(envelope.links)
    return tuple((name, _here(envelope, value, begins[name]) if name in begins else value) for name, value in told)


def sessions(told: Headers, links: Links) -> tuple[str, ...]:
    """Ids of uploads that the links of an answer's headers lead to."""
    names = {name for name, _ in links}
    found = (_session(urlsplit(value).query) for name, value in told if name in names)
    return tuple(id_ for id_ in found if id_ is not None)


def _session(query: str) -> str | None:
    return next((value for name, value in parse_qsl(query) if name == _SESSIONS), None)


def _here(envelope: Envelope, url: str, begin: str) -> str:
    found = re.fullmatch(rf"https?://[^/?#]+(?:/[^?#]*?)?({re.escape(begin)}.*)", url)
    host = envelope.header("host")
    if found is None or host is None:
        return url
    return f"{envelope.header('x-forwarded-proto') or 'http'}://{host}{found[1]}"


def content_type(envelope: Envelope) -> str:
    """What the body is sent as: as the client called it, unless it was read as JSON all the same."""
    told = _content_type(envelope.headers)
    return "application/json" if _looks_like_json(told, envelope.body) else told


def _named(pattern: str, path: str) -> Mapping[str, str]:
    found = compiled(pattern).fullmatch(path)
    if found is None or any(_DOTS.search(value) for value in found.groupdict().values()):
        raise _nowhere(path)
    return found.groupdict()


def _below(door: Path, named: Mapping[str, str]) -> str:
    """The client's path under the root, with every name in it escaped, so that it stays where its pattern put it."""
    escaped = {name: quote(value, safe="/" if name in MANY else "") for name, value in named.items() if name != _MODEL}
    return re.sub(r"\{(\w+)\}", lambda name: escaped.get(name[1], name[0]), door.pattern.removeprefix(door.root))


def _told(kind: str, body: bytes) -> tuple[str | None, str | None]:
    """(model, id of what is kept) that a body names."""
    if body == b"":
        return None, None
    if multipart.is_form(kind):
        try:
            return multipart.value(kind, body, _MODEL), None
        except multipart.FormError as error:
            raise bad_request(f"the request body is no form that can be read: {error}", "") from None
    if "json" in kind.lower() or _looks_like_json(kind, body):
        members = Members(body)
        return (members.take(_MODEL, str) or "").removeprefix(_MODELS), _reference(members)
    return None, None


def _looks_like_json(kind: str, body: bytes) -> bool:
    """What `curl -d` sends where nobody tells it a content type: it calls JSON a form."""
    untold = kind == "" or kind.lower().startswith("application/x-www-form-urlencoded")
    return untold and body.lstrip()[:1] == b"{"


def _reference(members: Members) -> str | None:
    for name in REFERRING:
        raw = members.take_raw(name)
        found = None if raw is None else _first_text(raw)
        if found is not None:
            return found
    return None


def _first_text(raw: Raw) -> str | None:
    value = json.decode(raw)
    first = value[0] if isinstance(value, list) and value else value
    named = first.get("id") if isinstance(first, dict) else first
    return named if isinstance(named, str) else None


def _in_path(envelope: Envelope) -> bool:
    return "{model}" in envelope.below


def _content_type(headers: Headers) -> str:
    return next((value for name, value in headers if name == "content-type"), "")


def _nowhere(path: str) -> CallError:
    message = f"there is nothing at {path!a}"
    return CallError(Error(kind=ErrorKind.NOT_FOUND, status=404, message=message, code="unknown_url", ours=True))

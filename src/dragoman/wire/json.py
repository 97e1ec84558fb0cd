"""The only door to JSON (RFC 8259), on msgspec: strict UTF-8, no NaN, exact bytes where asked (`Raw`).

Duplicate members: the last wins. Nesting deeper than the decoder allows is an error, never a crash.
"""

import re
from typing import Any, TypeVar, overload

import msgspec
from msgspec import Raw

from dragoman.core.errors import bad_request

T = TypeVar("T")
JSONError = msgspec.DecodeError
"""Malformed JSON, or (ValidationError, a subclass) a value of another type than asked for. RecursionError is folded in."""

_encoder = msgspec.json.Encoder()
_any = msgspec.json.Decoder()
_members: msgspec.json.Decoder[dict[str, Raw]] = msgspec.json.Decoder(dict[str, Raw])
_items: msgspec.json.Decoder[list[Raw]] = msgspec.json.Decoder(list[Raw])
_text: msgspec.json.Decoder[str] = msgspec.json.Decoder(str)
_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}

_QUOTE, _BRACKET, _BRACE, _N = b'"[{n'
_SURROGATES = re.compile(rb"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
"""An escaped backslash, a whole pair, or one half: taken in this order, so that only halves are left over."""
_HALF = 6


@overload
def decode(data: bytes | str | Raw) -> Any: ...
@overload
def decode(data: bytes | str | Raw, type_: type[T]) -> T: ...
def decode(data: bytes | str | Raw, type_: Any = Any) -> Any:
    """The value, of `type_` where given. Raises JSONError."""
    try:
        return (_any if type_ is Any else _decoder(type_)).decode(data)
    except (RecursionError, UnicodeDecodeError) as error:
        raise JSONError(str(error)) from None


def encode(value: Any) -> bytes:
    """Compact JSON; `Raw` inside is written with its exact bytes; non-ASCII stays as it is."""
    return _encoder.encode(value)


def text(value: Any) -> str:
    """`encode` as str."""
    return _encoder.encode(value).decode()


def spaced(value: Any) -> str:
    """`text` with a blank after each comma and colon, as language models write JSON."""
    return msgspec.json.format(_encoder.encode(value), indent=0).decode()


def raw(value: Any) -> Raw:
    """`encode` as Raw."""
    return Raw(_encoder.encode(value))


def compact(data: bytes) -> bytes:
    """The same JSON on one line without white space between its tokens; every token keeps its bytes. Raises JSONError."""
    return msgspec.json.format(data, indent=-1)


def pretty(data: bytes) -> bytes:
    """The same JSON with line breaks and two blanks a level; every token keeps its bytes. Raises JSONError."""
    return msgspec.json.format(data, indent=2)


def mended(data: bytes) -> bytes:
    """Halves of escaped surrogate pairs (a character was cut in two), which no text can hold, as U+FFFD. All else stays."""
    if b"\\ud" not in data and b"\\uD" not in data:
        return data
    return _SURROGATES.sub(lambda match: rb"\ufffd" if len(match[0]) == _HALF else match[0], data)


def members(data: bytes | str | Raw) -> dict[str, Raw]:
    """The members of an object, values as exact bytes. Raises JSONError for anything else."""
    try:
        return _members.decode(data)
    except (RecursionError, UnicodeDecodeError) as error:
        raise JSONError(str(error)) from None


def items(data: bytes | str | Raw) -> list[Raw]:
    """The items of an array, as exact bytes. Raises JSONError for anything else."""
    try:
        return _items.decode(data)
    except (RecursionError, UnicodeDecodeError) as error:
        raise JSONError(str(error)) from None


def is_string(data: Raw) -> bool:
    return memoryview(data)[0] == _QUOTE


def is_array(data: Raw) -> bool:
    return memoryview(data)[0] == _BRACKET


def is_object(data: Raw) -> bool:
    return memoryview(data)[0] == _BRACE


def is_null(data: Raw) -> bool:
    view = memoryview(data)
    return len(view) == 4 and view[0] == _N


def _decoder(type_: Any) -> msgspec.json.Decoder[Any]:
    found = _decoders.get(type_)
    if found is None:
        found = _decoders[type_] = msgspec.json.Decoder(type_)
    return found


class Members:
    """A client's JSON object, taken apart by popping. What is not taken is `rest()`. An explicit null counts as absent.

    `at`: JSON Pointer of the object in the client's request. Raises CallError (bad_request) that names the member at fault.
    """

    __slots__ = ("_left", "at")

    def __init__(self, data: bytes | Raw, at: str = "") -> None:
        self.at = at
        try:
            self._left = _members.decode(data)
        except msgspec.ValidationError:
            raise bad_request(f"{name_of(at) or 'the request body'}: an object is expected", name_of(at)) from None
        except (JSONError, RecursionError, UnicodeDecodeError) as error:
            raise bad_request(f"the request body is not valid JSON: {error}", name_of(at)) from None

    def take(self, name: str, type_: type[T]) -> T | None:
        """Pop a member as `type_`; None where it is absent or null."""
        data = self._left.pop(name, None)
        if data is None or is_null(data):
            return None
        try:
            found: T = _decoder(type_).decode(data)
        except (JSONError, RecursionError, UnicodeDecodeError) as error:
            where = self.path(name)
            raise bad_request(f"{name_of(where)}: {_plain(error)}", name_of(where)) from None
        return found

    def need(self, name: str, type_: type[T]) -> T:
        """Pop a member that must be there."""
        found = self.take(name, type_)
        if found is None:
            where = name_of(self.path(name))
            raise bad_request(f"{where}: Field required", where)
        return found

    def take_raw(self, name: str) -> Raw | None:
        """Pop a member as its exact bytes; None where it is absent or null."""
        data = self._left.pop(name, None)
        return None if data is None or is_null(data) else data

    def take_object(self, name: str) -> "Members | None":
        """Pop a member that is an object, to be taken apart in turn."""
        data = self.take_raw(name)
        return None if data is None else Members(data, self.path(name))

    def take_list(self, name: str) -> list[Raw] | None:
        """Pop a member that is an array, items as exact bytes."""
        data = self.take_raw(name)
        if data is None:
            return None
        try:
            return _items.decode(data)
        except JSONError:
            where = name_of(self.path(name))
            raise bad_request(f"{where}: an array is expected", where) from None

    def has(self, name: str) -> bool:
        data = self._left.get(name)
        return data is not None and not is_null(data)

    def look(self, name: str) -> Raw | None:
        """The exact bytes of a member that is still there; None where it is absent or null."""
        data = self._left.get(name)
        return None if data is None or is_null(data) else data

    def word(self, name: str) -> str | None:
        """The value of a member that is still there, if it is a string."""
        data = self._left.get(name)
        return _text.decode(data) if data is not None and is_string(data) else None

    def is_string(self, name: str) -> bool:
        """Whether a member that is still there is a string."""
        data = self._left.get(name)
        return data is not None and is_string(data)

    def rest(self) -> dict[str, Raw]:
        """What nobody took, nulls left out."""
        return {name: data for name, data in self._left.items() if not is_null(data)} if self._left else {}

    def path(self, name: str | int) -> str:
        """JSON Pointer of a member (RFC 6901 escapes)."""
        return f"{self.at}/{escape(name) if isinstance(name, str) else name}"


def escape(name: str) -> str:
    """A member name inside a JSON Pointer."""
    return name.replace("~", "~0").replace("/", "~1") if "~" in name or "/" in name else name


def unescape(step: str) -> str:
    """The member name that a step of a JSON Pointer stands for."""
    return step.replace("~1", "/").replace("~0", "~") if "~" in step else step


def name_of(pointer: str) -> str:
    """`/messages/0/content` as vendors write it in messages: `messages.0.content`."""
    return pointer.strip("/").replace("/", ".").replace("~1", "/").replace("~0", "~")


def _plain(error: Exception) -> str:
    return str(error).partition(" - at `")[0]

"""Deltas of a Chat message, or a whole message at once, -> parts in events. Owns which parts are open.

Rule: thinking and text are closed when another kind begins, so that clients whose parts follow one another can be served as
the stream comes; calls stay open to the end, for parallel ones interleave.
"""

from typing import Any

from msgspec import Raw

from dragoman.core.events import Citation, Event, PartClosed, PartDelta, PartKind, PartOpened
from dragoman.core.parts import Extras, Media
from dragoman.dialects.base import Undo
from dragoman.dialects.free_text import unwrapped
from dragoman.dialects.media import split_data_url
from dragoman.dialects.openai_chat.calls import Call, Calls
from dragoman.dialects.openai_chat.facts import MESSAGE
from dragoman.dialects.openai_chat.notes import citation
from dragoman.dialects.openai_chat.reasoning import details, is_encrypted, proof_of, signed, text_of
from dragoman.wire import json

_TAKEN = frozenset(
    {"role", "content", "refusal", "tool_calls", "function_call", "reasoning", "reasoning_content", "reasoning_details",
     "images", "audio", "annotations"}
)  # fmt: skip
_QUICK = frozenset({"role", "content", "reasoning", "reasoning_content", "reasoning_details"})
"""What most deltas hold."""
_SAID = {"text": "content", "refusal": "refusal"}
"""Where words stand in a message: of a list, in all of it."""
_SAME = ("type", "index", "id")
"""Members that tell one detail of thinking from the next."""
_CALL_TAKEN = frozenset({"index", "id", "type", "function", "custom"})
_SLOT: Extras = {"slot": Raw(b'"reasoning"')}
"""Extras of thinking that stood in `reasoning`, so that clients of this dialect find it there."""
_NO_EXTRAS: Extras = {}


class Assembly:
    """Feed it deltas; take `out`. `extras`: members of the message that no event has a place for; `nameless`: where calls stood
    that were never told a name, so that nothing can be called."""

    def __init__(self, undo: Undo) -> None:
        self.out: list[Event] = []
        self.extras: dict[str, Any] = {}
        self.nameless: list[str] = []
        self.refused = False
        self._undo = undo
        self._next = 0
        self._said: int | None = None
        self._said_kind: PartKind = "text"
        self._thinking: int | None = None
        self._detail: dict[str, Any] | None = None
        self._calls = Calls()
        self._legacy = False
        self._audio: dict[str, Any] | None = None
        self._pieces = self._images = self._details = self._notes = 0
        self._letters = self._before = 0
        self._citations: list[Citation] = []

    @property
    def any(self) -> bool:
        """Whether anything was said."""
        return self._next > 0 or self._audio is not None

    @property
    def called(self) -> bool:
        return any(call.index is not None and not call.text for call in self._calls.all)

    def feed(self, delta: dict[str, Any]) -> None:
        reasoning = delta.get("reasoning_content") or delta.get("reasoning")
        told = delta.get("reasoning_details")
        if reasoning or told:
            self._reason(delta, reasoning if isinstance(reasoning, str) else "", details(told))
        content = delta.get("content")
        if content:
            if isinstance(content, str):
                self._say(content, "text")
            else:
                self._list(content)
        if not delta.keys() <= _QUICK:
            self._rest(delta)

    def close(self) -> None:
        """Close what is open, in order of opening."""
        self._close_thinking()
        self._close_said()
        self._close_audio()
        for place, call in enumerate(self._calls.all):
            if call.index is not None:
                self._close_call(call, call.index)
            elif call.held or call.id is not None:
                self.nameless.append(f"{MESSAGE}tool_calls/{place}")

    def _rest(self, delta: dict[str, Any]) -> None:
        refusal, calls, legacy = delta.get("refusal"), delta.get("tool_calls"), delta.get("function_call")
        if refusal and isinstance(refusal, str):
            self.refused = True
            self._say(refusal, "refusal")
        if delta.get("annotations"):
            self._annotate(details(delta["annotations"]))
        if isinstance(calls, list):
            for piece in calls:
                if isinstance(piece, dict):
                    self._call(piece)
        if isinstance(legacy, dict) and (legacy.get("name") or legacy.get("arguments")):
            self._legacy = True
            self._call({"index": 0, "function": legacy})
        for image in delta.get("images") or ():
            self._image(image, f"images/{self._images}")
            self._images += 1
        if isinstance(delta.get("audio"), dict):
            self._sound(delta["audio"])
        if not delta.keys() <= _TAKEN:
            for name in delta.keys() - _TAKEN:
                keep(self.extras, MESSAGE + json.escape(name), delta[name])

    def _open(self, kind: PartKind, place: str, **more: Any) -> int:
        """`place`: where it stands in the message."""
        index, self._next = self._next, self._next + 1
        self.out.append(PartOpened(index=index, kind=kind, at=MESSAGE + place, **more))
        return index

    def _say(self, text: str, kind: PartKind) -> None:
        if self._said is None or self._said_kind != kind:
            self._close_thinking()
            self._close_said()
            self._said, self._said_kind = self._open(kind, _SAID[kind]), kind
            self._before = self._letters
        if kind == "text":
            self._letters += len(text)
        self.out.append(PartDelta(self._said, text))

    def _close_said(self) -> None:
        if self._said is not None:
            self.out.append(PartClosed(index=self._said, citations=tuple(self._citations)))
            self._said, self._citations = None, []

    def _annotate(self, notes: list[dict[str, Any]]) -> None:
        """Notes on the text that is being said; those that come when it is over stay members of the message."""
        plain = [{name: value for name, value in note.items() if name != "index"} for note in notes]
        if self._said is None or self._said_kind != "text":
            keep(self.extras, MESSAGE + "annotations", plain)
            return
        for note in plain:
            self._citations.append(citation(note, self._before, f"{MESSAGE}annotations/{self._notes}"))
            self._notes += 1

    def _list(self, content: Any) -> None:
        """Content that is no string: Mistral's list of text and thinking, JSON that Cloudflare parsed."""
        if not isinstance(content, list):
            self._say(json.spaced(content), "text")
            return
        for piece in content:
            if isinstance(piece, str) and piece:
                self._say(piece, "text")
            elif isinstance(piece, dict):
                self._piece(piece, f"content/{self._pieces}")
            self._pieces += 1

    def _piece(self, piece: dict[str, Any], place: str) -> None:
        kind = piece.get("type")
        if kind == "thinking":
            inner = piece.get("thinking")
            texts = [inner] if isinstance(inner, str) else [found.get("text") for found in details(inner)]
            text = "".join(found for found in texts if isinstance(found, str))
            if text:
                self._think(text, _NO_EXTRAS, "content")
        elif kind in ("text", "output_text") or "text" in piece:
            if isinstance(piece.get("text"), str) and piece["text"]:
                self._say(piece["text"], "text")
        elif kind == "refusal" and isinstance(piece.get("refusal"), str):
            self.refused = True
            self._say(piece["refusal"], "refusal")
        elif kind == "image_url":
            self._image(piece, place)
        else:
            self._close_thinking()
            self._close_said()
            index = self._open("opaque", place, raw=json.raw(piece), opaque_kind=str(kind))
            self.out.append(PartClosed(index=index))

    def _reason(self, delta: dict[str, Any], text: str, told: list[dict[str, Any]]) -> None:
        """The string and the details tell the same words: never both."""
        slot = _NO_EXTRAS if delta.get("reasoning_content") or not text else _SLOT
        place = "reasoning" if slot else "reasoning_content"
        texts = "".join(text_of(detail) or "" for detail in told) if told else ""
        if not told or (text and texts and text != texts):
            if text:
                self._think(text, slot, place)
            return
        if text and not texts:
            self._think(text, slot, place)
        for detail in told:
            self._note(detail, text_of(detail) or "", slot)

    def _note(self, detail: dict[str, Any], text: str, slot: Extras) -> None:
        place = f"reasoning_details/{self._details}"
        if is_encrypted(detail):
            self._details += 1
            self._close_thinking()
            self._close_said()
            index = self._open("reasoning", place, redacted=True)
            self.out.append(PartClosed(index=index, proof=proof_of(detail)))
            return
        known = self._detail
        if known is not None and any(known.get(name) != detail[name] for name in _SAME if name in detail):
            self._close_thinking()
            place = f"reasoning_details/{self._details}"
        if text:
            self._think(text, slot, place)
        elif self._thinking is None:
            if not detail.get("signature"):
                return
            self._begin_thinking(slot, place)
        kept = {name: value for name, value in detail.items() if value is not None or not self._detail}
        self._detail = {**self._detail, **kept} if self._detail else kept
        if signed(detail):
            self._close_thinking()

    def _think(self, text: str, slot: Extras, place: str) -> None:
        if self._thinking is None:
            self._begin_thinking(slot, place)
        assert self._thinking is not None
        self.out.append(PartDelta(self._thinking, text))

    def _begin_thinking(self, slot: Extras, place: str) -> None:
        self._close_said()
        self._thinking = self._open("reasoning", place, extras=slot)

    def _close_thinking(self) -> None:
        if self._thinking is not None:
            proof = None if self._detail is None else proof_of(self._detail)
            self._details += self._detail is not None
            self.out.append(PartClosed(index=self._thinking, proof=proof))
            self._thinking = self._detail = None

    def _call(self, piece: dict[str, Any]) -> None:
        custom = piece.get("type") == "custom" or ("function" not in piece and "custom" in piece)
        inner = piece.get("custom" if custom else "function")
        inner = inner if isinstance(inner, dict) else {}
        ident, name, arguments = piece.get("id"), inner.get("name"), inner.get("input" if custom else "arguments")
        ident = ident if isinstance(ident, str) and ident else None
        name = name if isinstance(name, str) else ""
        call = self._calls.of(piece.get("index"), ident, name) or self._calls.new(piece.get("index"), ident, custom)
        call.id = call.id or ident
        call.name = call.name or name
        if call.index is None and call.name:
            self._open_call(call)
        if arguments is not None and arguments != "":
            self._argue(call, arguments if isinstance(arguments, str) else json.text(arguments))
        if not piece.keys() <= _CALL_TAKEN:
            for more in piece.keys() - _CALL_TAKEN:
                keep(call.extras, more, piece[more])

    def _open_call(self, call: Call) -> None:
        self._close_thinking()
        self._close_said()
        undo = self._undo
        place = "function_call" if self._legacy else f"tool_calls/{self._calls.all.index(call)}"
        told_in = "/arguments" if self._legacy else "/custom/input" if call.custom else "/function/arguments"
        call.text = call.name == undo.json_tool
        call.custom = call.custom or call.name in undo.custom
        if call.text:
            call.index = self._open("text", place, told_in=told_in)
        else:
            ident = undo.ids.get(call.id, call.id) if call.id else None
            name = undo.names.get(call.name, call.name)
            kind: PartKind = "custom" if call.custom else "tool"
            call.index = self._open(kind, place, id=ident, name=name, told_in=told_in)
        if call.name not in undo.custom:
            held, call.held = call.held, []
            for text in held:
                self._argue(call, text)

    def _argue(self, call: Call, text: str) -> None:
        if not call.told and not call.custom and not call.text and text.strip() == "null":
            return  # no arguments, as some write them
        if call.index is None or call.name in self._undo.custom:
            call.held.append(text)
        else:
            call.told.append(text)
            self.out.append(PartDelta(call.index, text))

    def _close_call(self, call: Call, index: int) -> None:
        """Arguments are never empty: `{}` where none came."""
        if not call.held and not call.told and not call.custom and not call.text:
            self.out.append(PartDelta(index, "{}"))
        if call.held:
            text = unwrapped("".join(call.held))
            if text:
                self.out.append(PartDelta(index, text))
        self.out.append(PartClosed(index=index, extras={name: json.raw(value) for name, value in sorted(call.extras.items())}))

    def _image(self, image: Any, place: str) -> None:
        """OpenRouter's images, one a piece."""
        inner = image.get("image_url") if isinstance(image, dict) else None
        url = inner.get("url") if isinstance(inner, dict) else inner
        if not isinstance(url, str) or not url:
            return
        mime, data = split_data_url(url) or (None, None)
        self._close_thinking()
        self._close_said()
        media = Media(kind="image", mime=mime, data=data, url=url if data is None else None)
        self.out.append(PartClosed(index=self._open("media", place, media=media)))

    def _sound(self, audio: dict[str, Any]) -> None:
        """Sound comes in pieces of base64 and of its transcript."""
        held = self._audio if self._audio is not None else {}
        for name, value in audio.items():
            if name in ("data", "transcript") and isinstance(value, str):
                held[name] = held.get(name, "") + value
            else:
                keep(held, name, value)
        if any(held.values()):
            self._audio = held

    def _close_audio(self) -> None:
        if self._audio is not None:
            data = self._audio.pop("data", "")
            extras = {name: json.raw(value) for name, value in sorted(self._audio.items())}
            index = self._open("media", "audio", media=Media(kind="audio", data=data), extras=extras)
            self.out.append(PartClosed(index=index))
            self._audio = None


def keep(extras: dict[str, Any], name: str, value: Any) -> None:
    """Remember a member: lists grow, of all else the last value counts; what is empty says nothing."""
    if value is None or value in ("", [], {}):
        return
    known = extras.get(name)
    extras[name] = [*known, *value] if isinstance(known, list) and isinstance(value, list) else value

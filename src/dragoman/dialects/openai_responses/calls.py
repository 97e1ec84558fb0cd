"""Calls on their way to a Responses client, each as the item of the tool that the client offered.

Rule: a function in a namespace is called by its own name and its namespace, a native tool by its own item (natives).
"""

from typing import Any

from msgspec import Struct

from dragoman.core.events import PartClosed, PartOpened
from dragoman.core.request import Request, Tool
from dragoman.dialects.openai_responses.natives import NATIVES, Native, called
from dragoman.dialects.openai_responses.writers import Sheet, Writer
from dragoman.wire import json


class Form(Struct, frozen=True):
    """What a client calls the tool with a canonical name."""

    name: str
    namespace: str | None = None
    native: Native | None = None


def forms(request: Request) -> dict[str, Form]:
    """The tools of a request that are called otherwise than by their canonical name."""
    found: dict[str, Form] = {}
    for tool in request.tools:
        if not isinstance(tool, Tool):
            continue
        if "name" in tool.extras:
            space = tool.extras.get("namespace")
            name = json.decode(tool.extras["name"], str)
            found[tool.name] = Form(name, namespace=None if space is None else json.decode(space, str))
        elif "type" in tool.extras:
            native = NATIVES[json.decode(tool.extras["type"], str)]
            found[tool.name] = Form(native.tool, native=native)
    return found


class CallWriter(Writer):
    """A function call."""

    kind = ("function_call", "fc_", "arguments", "response.function_call_arguments")
    __slots__ = ("_form", "_head", "_id", "_index")

    def __init__(self, sheet: Sheet, opened: PartOpened, form: Form | None) -> None:
        super().__init__(sheet, opened)
        sheet.called = True
        self._form = form

    def open(self) -> bytes:
        type_, prefix, member, events = self.kind
        self._index, self._id = self.sheet.place(), self.sheet.item_id(self.opened, prefix)
        form, extras = self._form, self.opened.extras
        name = form.name if form is not None else self.opened.name or ""
        self._head: dict[str, Any] = {
            "id": self._id, "type": type_, "call_id": self.sheet.call_id(self.opened.id), "name": name,
        }  # fmt: skip
        if form is not None and form.namespace is not None:
            self._head["namespace"] = form.namespace
        elif self.sheet.own and "namespace" in extras:
            self._head["namespace"] = extras["namespace"]
        self.around(f"{events}.delta", self._where())
        return self.sheet.added(self._index, {**self._head, "status": "in_progress", member: ""})

    def cut(self) -> bytes:
        """A call whose arguments are complete was made; of any other nobody may think so."""
        return self.close(PartClosed(index=self.opened.index)) if _is_object(self.text) else b""

    def _where(self) -> dict[str, Any]:
        return {"item_id": self._id, "output_index": self._index}

    def close(self, closed: PartClosed) -> bytes:
        type_, _, member, events = self.kind
        self.lose(closed)
        out = b""
        if not self._pieces and type_ == "function_call":
            out = self.more("{}", False)  # arguments are never empty
        text = self.text
        out += self.sheet.event(f"{events}.done", {**self._where(), member: text, "name": self._head["name"]})
        extras = closed.extras if self.sheet.own else {}
        return out + self.sheet.done(self._index, {**self._head, "status": "completed", member: text, **extras})


class CustomWriter(CallWriter):
    kind = ("custom_tool_call", "ctc_", "input", "response.custom_tool_call_input")
    __slots__ = ()

    def cut(self) -> bytes:
        """Free text does not tell whether it is complete."""
        return b""


class NativeWriter(CallWriter):
    """A tool with an item of its own, whose arguments are known when they are complete."""

    __slots__ = ()

    def open(self) -> bytes:
        return b""

    def close(self, closed: PartClosed) -> bytes:
        assert self._form is not None
        assert self._form.native is not None
        native, text = self._form.native, self.text
        action = called(native, text)
        if action is None:
            self.sheet.frame.ledger.approximate(self.at, f"what the model wrote does not fit into a {native.call}")
            self._pieces = []
            out = super().open() + (self.more(text, False) if text else b"")
            return out + super().close(closed)
        self.lose(closed)
        index, ident = self.sheet.place(), self.sheet.item_id(self.opened, native.prefix)
        head = {"id": ident, "type": native.call, "call_id": self.sheet.call_id(self.opened.id)}
        more = {"execution": "client"} if native.tool == "tool_search" else {}
        added = self.sheet.added(index, {**head, "status": "in_progress", **action, **more})
        return added + self.sheet.done(index, {**head, "status": "completed", **action, **more})


def _is_object(arguments: str) -> bool:
    try:
        return isinstance(json.decode(arguments), dict)
    except json.JSONError:
        return False


def call_writer(sheet: Sheet, opened: PartOpened, form: Form | None) -> CallWriter:
    if form is not None and form.native is not None:
        return NativeWriter(sheet, opened, form)
    return (CustomWriter if opened.kind == "custom" else CallWriter)(sheet, opened, form)

"""Output items of OpenAI Responses, whole and as events that bring them (reference, 2026-11). Rule: bytes are written out."""

from collections.abc import Iterator
from itertools import chain, zip_longest

from msgspec import Struct

from dragoman.sandbox.mind import Answer, Part, Refuse, Thought, ToolUse, pieces
from dragoman.sandbox.reply import Heard, Incoming, string
from dragoman.sandbox.signature import sign
from dragoman.wire import json

Event = tuple[bytes, bytes]
"""(type, members behind `type` and `sequence_number`)."""


class Item(Struct, frozen=True):
    """One output item. `opening` before what it says, `deltas` with it, `closing` behind. `call`: of a tool."""

    whole: bytes
    opening: tuple[Event, ...]
    deltas: tuple[Event, ...]
    closing: tuple[Event, ...]
    call: bool = False


def items_of(call: Incoming, heard: Heard, answer: Answer) -> list[Item]:
    calls = any(isinstance(part, ToolUse) for part in answer.parts)
    last = len(answer.parts) - 1
    cut = answer.finish in ("length", "filtered")
    found = []
    for at, part in enumerate(answer.parts):
        id_ = b"%b%02d" % (call.nonce.encode(), at)
        if isinstance(part, Thought):
            found.append(_reasoning(id_, at, part, heard))
        elif isinstance(part, ToolUse):
            found.append(_call(id_, at, part))
        else:
            phase = b"commentary" if calls else b"final_answer"
            status = b"incomplete" if cut and at == last else b"completed"
            found.append(_message(id_, at, part, answer.escaped, phase, status))
    return found


def compaction(call: Incoming, text: str) -> Item:
    """The one item that stands for a conversation that was made short."""
    id_ = b"cmp_%b00" % call.nonce.encode()
    whole = b'{"id":"%b","type":"compaction","encrypted_content":"%b"}' % (id_, sign(text, "compaction").encode())
    added = _added(0, b'{"id":"%b","type":"compaction","encrypted_content":""}' % id_)
    compacting = (b"response.compaction.compacting", b'"item_id":"%b","output_index":0' % id_)
    return Item(whole, (added, compacting), (), (_done(0, whole),))


def events(items: list[Item], interleaved: bool) -> tuple[list[Event], list[Event]]:
    """Those before anything is said, and the others, in order; the calls' arguments interleaved where asked for."""
    before: list[Event] = list(items[0].opening) if items else []
    rest = list(chain.from_iterable((*item.opening, *item.deltas, *item.closing) for item in items))
    calls = [item for item in items if item.call]
    if interleaved and len(calls) > 1:
        others = chain.from_iterable((*item.opening, *item.deltas, *item.closing) for item in items if not item.call)
        mixed = chain.from_iterable(zip_longest(*(item.deltas for item in calls)))
        opened, closed = (chain.from_iterable(each) for each in ([c.opening for c in calls], [c.closing for c in calls]))
        rest = [*others, *opened, *(event for event in mixed if event is not None), *closed]
    return before, rest[len(before) :]


def _message(id_: bytes, index: int, part: Part, escaped: bool, phase: bytes, status: bytes) -> Item:
    assert not isinstance(part, Thought | ToolUse)
    refuses = isinstance(part, Refuse)
    head = b'"id":"msg_%b","type":"message","role":"assistant","phase":"%b"' % (id_, phase)
    place = b'"item_id":"msg_%b","output_index":%d,"content_index":0' % (id_, index)
    kind, none = (b"refusal", b"") if refuses else (b"output_text", b',"logprobs":[]')
    text = string(part.text, escaped)
    content = (
        b'{"type":"refusal","refusal":%b}' if refuses else b'{"type":"output_text","annotations":[],"logprobs":[],"text":%b}'
    )
    whole = b'{%b,"status":"%b","content":[%b]}' % (head, status, content % text)
    said = (string(piece, escaped and n % 2 == 1) for n, piece in enumerate(pieces(part)))
    told = b"refusal" if refuses else b"text"
    return Item(
        whole,
        (
            _added(index, b'{%b,"status":"in_progress","content":[]}' % head),
            (b"response.content_part.added", b'%b,"part":%b' % (place, content % b'""')),
        ),
        tuple((b"response.%b.delta" % kind, b'%b,"delta":%b%b' % (place, piece, none)) for piece in said),
        (
            (b"response.%b.done" % kind, b'%b,"%b":%b%b' % (place, told, text, none)),
            (b"response.content_part.done", b'%b,"part":%b' % (place, content % text)),
            _done(index, whole),
        ),
    )


def _reasoning(id_: bytes, index: int, part: Thought, heard: Heard) -> Item:
    """Its text is a summary, and only where one was asked for; a ciphertext under way is not yet the final one."""
    head = b'"id":"rs_%b","type":"reasoning"' % id_
    place = b'"item_id":"rs_%b","output_index":%d,"summary_index":0' % (id_, index)
    included = part.redacted or "reasoning.encrypted_content" in heard.body.get("include", ())
    proof = sign(part.text, "reasoning").encode()
    under_way, final = ((b',"encrypted_content":"%b"' % p if included else b"") for p in (proof[:16], proof))
    added = _added(index, b'{%b%b,"summary":[]}' % (head, under_way))
    if part.redacted or not heard.show_thinking:
        whole = b'{%b%b,"summary":[]}' % (head, final)
        return Item(whole, (added,), (), (_done(index, whole),))
    summary = b'{"type":"summary_text","text":%b}'
    text = json.encode(part.text)
    whole = b'{%b%b,"summary":[%b]}' % (head, final, summary % text)
    deltas = (json.encode(piece) for piece in pieces(part))
    return Item(
        whole,
        (added, (b"response.reasoning_summary_part.added", b'%b,"part":%b' % (place, summary % b'""'))),
        tuple((b"response.reasoning_summary_text.delta", b'%b,"delta":%b' % (place, piece)) for piece in deltas),
        (
            (b"response.reasoning_summary_text.done", b'%b,"text":%b' % (place, text)),
            (b"response.reasoning_summary_part.done", b'%b,"part":%b' % (place, summary % text)),
            _done(index, whole),
        ),
    )


def _call(id_: bytes, index: int, use: ToolUse) -> Item:
    call_id = b'"call_id":"call_%b"' % id_
    if use.searches:
        head = b'"id":"tsc_%b","type":"tool_search_call",%b,"execution":"client"' % (id_, call_id)
        whole = b'{%b,"status":"completed","arguments":%b}' % (head, use.arguments.encode())
        added = _added(index, b'{%b,"status":"in_progress","arguments":{}}' % head)
        return Item(whole, (added,), (), (_done(index, whole),), call=True)
    prefix, kind, told = (b"ctc", b"custom_tool_call", b"input") if use.custom else (b"fc", b"function_call", b"arguments")
    event = b"response.custom_tool_call_input" if use.custom else b"response.function_call_arguments"
    namespace = b',"namespace":%b' % json.encode(use.namespace) if use.namespace else b""
    head = b'"id":"%b_%b","type":"%b",%b,"name":%b%b' % (prefix, id_, kind, call_id, json.encode(use.name), namespace)
    place = b'"item_id":"%b_%b","output_index":%d' % (prefix, id_, index)
    text = json.encode(use.arguments)
    whole = b'{%b,"status":"completed","%b":%b}' % (head, told, text)
    return Item(
        whole,
        (_added(index, b'{%b,"status":"in_progress","%b":""}' % (head, told)),),
        tuple((b"%b.delta" % event, b'%b,"delta":%b' % (place, json.encode(piece))) for piece in pieces(use)),
        ((b"%b.done" % event, b'%b,"%b":%b' % (place, told, text)), _done(index, whole)),
        call=True,
    )


def _added(index: int, item: bytes) -> Event:
    return b"response.output_item.added", b'"output_index":%d,"item":%b' % (index, item)


def _done(index: int, item: bytes) -> Event:
    return b"response.output_item.done", b'"output_index":%d,"item":%b' % (index, item)


def numbered(found: list[Event]) -> Iterator[bytes]:
    """The events as bytes, each with its place in the stream."""
    return (frame(at, event) for at, event in enumerate(found))


def frame(at: int, event: Event) -> bytes:
    kind, members = event
    return b'event: %b\ndata: {"type":"%b","sequence_number":%d,%b}\n\n' % (kind, kind, at, members)

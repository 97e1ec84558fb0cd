"""Names: what was renamed on the way out is named back in the answer, and two names never become one."""

import json

import pytest

from dragoman.core.events import Event, Finished, PartClosed, PartDelta, PartOpened, Started
from dragoman.core.request import Tool
from dragoman.dialects.registry import DIALECTS
from support.every import every
from support.fixtures import Ask, requests
from support.said import exact, of_events
from support.speech import build, decode, encode, parse, quirk_rows


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("target", DIALECTS)
@every("asked", requests())
def test_tools_are_called_by_the_clients_names(asked: Ask, target: str, stream: bool) -> None:
    """Every tool is called by the name it has on the wire; the client reads the names it gave."""
    request = parse(asked)
    for name, quirks in quirk_rows(target).items():
        undo = build(request, target, quirks).undo
        wire = {client: sent for sent, client in undo.names.items()}
        assert len(wire) == len(undo.names), name
        offered = [tool.name for tool in request.tools if isinstance(tool, Tool)]
        data, _ = encode(target, calls([wire.get(tool, tool) for tool in offered]), stream=stream, provider=target)
        heard = decode(target, data, stream=stream, undo=undo)
        assert [event.name for event in heard if isinstance(event, PartOpened)] == offered, name


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("target", DIALECTS)
@every("asked", requests())
def test_free_text_comes_back_as_free_text(asked: Ask, target: str, stream: bool) -> None:
    """A custom tool that had to be offered as a function with one argument is called with that argument's text."""
    request = parse(asked)
    for name, quirks in quirk_rows(target).items():
        built = build(request, target, quirks)
        if not built.undo.custom or quirks.rename:
            continue
        offered = [tool for tool in parse(Ask(target, "", built.body)).tools if isinstance(tool, Tool)]
        for tool in offered:
            if tool.name in built.undo.custom:
                assert tool.schema is not None
                (argument,) = exact(bytes(tool.schema))["properties"]
                events = calls([tool.name], json.dumps({argument: 'ls -l "a b"\n'}))
                data, _ = encode(target, events, stream=stream, provider=target)
                heard = of_events(decode(target, data, stream=stream, undo=built.undo))
                assert [(call.arguments, call.custom) for call in heard.calls] == [('ls -l "a b"\n', True)], name


def calls(names: list[str], text: str = "{}") -> list[Event]:
    events: list[Event] = [Started(id="a", model="m")]
    for index, name in enumerate(names):
        events += [
            PartOpened(index=index, kind="tool", id=f"call_{index}", name=name),
            *[PartDelta(index, text[place : place + 3]) for place in range(0, len(text), 3)],
            PartClosed(index=index),
        ]
    return [*events, Finished(reason="tool" if names else "stop")]

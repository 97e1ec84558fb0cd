"""Names: what was renamed on the way out is named back in the answer, and two names never become one."""

import pytest

from dragoman.core.events import Event, Finished, PartClosed, PartDelta, PartOpened, Started
from dragoman.core.request import Tool
from dragoman.dialects.registry import DIALECTS
from support.fixtures import Ask, requests
from support.speech import build, decode, encode, parse, quirk_rows


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("target", DIALECTS)
@pytest.mark.parametrize("asked", requests(), ids=str)
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


def calls(names: list[str]) -> list[Event]:
    events: list[Event] = [Started(id="a", model="m")]
    for index, name in enumerate(names):
        events += [
            PartOpened(index=index, kind="tool", id=f"call_{index}", name=name),
            PartDelta(index, "{}"),
            PartClosed(index=index),
        ]
    return [*events, Finished(reason="tool" if names else "stop")]

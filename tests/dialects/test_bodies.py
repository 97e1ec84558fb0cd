"""The example that every dialect of clients ships, and bodies as calls."""

import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from dragoman.core.errors import CallError
from dragoman.dialects.bodies import call_of, example
from dragoman.dialects.registry import CLIENTS
from support.fixtures import FIXTURES, ask
from support.golden import ROOT

BODY = b'{"messages":[{"role":"user","content":"Hi"}],"contents":[{"role":"user","parts":[{"text":"Hi"}]}],"input":"Hi"}'


@pytest.mark.parametrize("dialect", CLIENTS)
def test_the_example_is_a_request_and_no_fixture_beside_it_says_the_same(dialect: str) -> None:
    speaker = CLIENTS[dialect]
    request = speaker.parse_request(call_of(speaker, example(speaker)), lambda text: None)
    assert request.dialect == dialect
    assert request.messages
    assert request.tools
    assert len(example(speaker)) > len(ask(dialect).body)
    assert not (FIXTURES / dialect / "requests" / "maximal.json").exists()


@pytest.mark.parametrize("dialect", CLIENTS)
def test_a_body_alone_is_a_call(dialect: str) -> None:
    """Where the model and the stream stand in the path, they are given; else they are the body's."""
    envelope = call_of(CLIENTS[dialect], BODY, model="some/model:1", stream=False)
    assert (envelope.dialect, envelope.operation, envelope.stream, envelope.body) == (dialect, "chat", False, BODY)
    assert envelope.model in (None, "some/model:1")
    named = call_of(CLIENTS[dialect], BODY[:-1] + b',"model":"m","stream":true}', model="m", stream=True)
    assert (named.model, named.stream) == ("m", True)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"x"'])
@pytest.mark.parametrize("dialect", CLIENTS)
def test_what_is_no_body(dialect: str, body: bytes) -> None:
    with pytest.raises(CallError):
        call_of(CLIENTS[dialect], body)


def test_the_wheel_has_the_examples(tmp_path: Path) -> None:
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(built) as wheel:
        shipped = {name for name in wheel.namelist() if name.endswith("/example.json")}
        folders = {type(dialect).__module__.rpartition(".")[0].replace(".", "/") for dialect in CLIENTS.values()}
        assert shipped == {f"{folder}/example.json" for folder in folders}
        bodies = {wheel.read(name) for name in shipped}
    assert bodies == {example(dialect) for dialect in CLIENTS.values()}

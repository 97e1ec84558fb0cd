"""What agent programs ask for beside answers, and what a stream must have for them, over real sockets."""

import pytest

from support.stack import MODELS, Stack

pytestmark = pytest.mark.e2e
HELLO = [{"role": "user", "content": "Hello"}]


def test_claude_code_says_hello_first(stack: Stack) -> None:
    assert stack.server.ask("HEAD", "/api/hello").status == 200


def test_a_websocket_for_responses_is_declined(stack: Stack) -> None:
    """With 426 Codex goes on over HTTP at once; any other 4xx is fatal to it."""
    upgrade = {"upgrade": "websocket", "connection": "Upgrade", "openai-beta": "responses_websockets=2026-02-06"}
    assert stack.server.ask("GET", "/v1/responses", headers=upgrade).status == 426


def test_three_shapes_of_the_list_of_models(stack: Stack) -> None:
    openai = stack.server.ask("GET", "/v1/models").json
    assert (openai["object"], {model["object"] for model in openai["data"]}) == ("list", {"model"})
    anthropic = stack.server.ask("GET", "/v1/models?limit=1000", headers={"anthropic-version": "2023-06-01"}).json
    assert ("has_more" in anthropic, {model["type"] for model in anthropic["data"]}) == (True, {"model"})
    google = stack.server.ask("GET", "/v1/models", headers={"x-goog-api-key": "any"}).json
    assert all(model["name"].startswith("models/") for model in google["models"])


def test_the_lists_come_in_pages(stack: Stack) -> None:
    version = {"anthropic-version": "2023-06-01"}
    for path, headers, member in (
        ("/v1beta/models?pageSize=1", {}, "models"),
        ("/v1/models?pageSize=1", {"x-goog-api-key": "any"}, "models"),
        ("/v1/models?limit=1", version, "data"),
    ):
        page = stack.server.ask("GET", path, headers=headers).json
        assert (len(page[member]), bool(page.get("nextPageToken", page.get("has_more")))) == (1, True)
    google = stack.server.ask("GET", "/v1beta/models?pageToken=nowhere")
    assert (google.status, google.json["error"]["status"]) == (400, "INVALID_ARGUMENT")
    anthropic = stack.server.ask("GET", "/v1/models?after_id=nobody", headers=version)
    assert (anthropic.status, anthropic.json["error"]["type"]) == (400, "invalid_request_error")


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("path", "asked"), [("/v1/messages", {"max_tokens": 50, "messages": HELLO}), ("/v1/responses", {"input": "Hello"})]
)
def test_every_event_has_its_name_on_a_line_of_its_own(stack: Stack, path: str, asked: dict[str, object], model: str) -> None:
    version = {"anthropic-version": "2023-06-01"}
    body = stack.server.ask("POST", path, {"model": model, "stream": True, **asked}, version).body.decode()
    frames = [frame for frame in body.strip().split("\n\n") if not frame.startswith(":")]
    assert all(frame.startswith("event: ") and "\ndata: {" in frame for frame in frames)
    assert frames[-1].startswith(("event: message_stop", "event: response.completed"))

"""AI Forwarder: one endpoint, models by prefix, fallback, fields of the body. Vendors are at their own addresses."""

from typing import Any

import pytest

from support.callers import CHAT, HELLO, Caller, bearer, chunks_of, record_of, streamed_text, text_of
from support.internet import Internet
from support.scripted import Received, Script
from support.server import Reply
from support.vendors import TEXT, Asked, failing, good

pytestmark = pytest.mark.e2e

OPENAI = "https://api.openai.com/v1/chat/completions"
CLAUDE = "https://api.anthropic.com/v1/messages"
GEMINI = "https://generativelanguage.googleapis.com/v1beta/models/{}:generateContent"
GROQ = "https://api.groq.com/openai/v1/chat/completions"
OPENROUTER = "https://openrouter.ai/api/v1/chat/completions"
OLLAMA = "http://localhost:11434/v1/chat/completions"


def asked_for(forwarder: Caller, net: Internet, model: Any, **more: Any) -> tuple[Reply, list[Asked]]:
    mark = len(net.vendors.asked)
    reply = forwarder.chat(model, **more)
    return reply, net.vendors.since(mark)


@pytest.mark.requirement("S1-2", "S1-5", "S1-12", "S1-13", "S1-14", "S1-15", "S1-16", "S1-17", "S1-41", "S1-42")
@pytest.mark.requirement("S1-46", "S1-47", "S1-48", "S1-49", "S1-50", "S1-51")
@pytest.mark.parametrize(
    ("model", "url", "name", "header"),
    [
        ("gpt-4o-mini", OPENAI, "gpt-4o-mini", ("authorization", "Bearer sk-openai-CANARY-1")),
        ("gpt-3.5-turbo", OPENAI, "gpt-3.5-turbo", ("authorization", "Bearer sk-openai-CANARY-1")),
        ("claude-3-opus-20240229", CLAUDE, "claude-3-opus-20240229", ("x-api-key", "sk-ant-api03-CANARY-2")),
        ("claude-3-haiku-20240307", CLAUDE, "claude-3-haiku-20240307", ("x-api-key", "sk-ant-api03-CANARY-2")),
        ("gemini-1.5-pro-latest", GEMINI, "gemini-1.5-pro-latest", ("x-goog-api-key", "AI-google-CANARY-3")),
        ("gemini-1.5-flash", GEMINI, "gemini-1.5-flash", ("x-goog-api-key", "AI-google-CANARY-3")),
        ("groq:llama3-8b-8192", GROQ, "llama3-8b-8192", ("authorization", "Bearer gsk_groq-CANARY-4")),
        ("groq:gemma2-9b-it", GROQ, "gemma2-9b-it", ("authorization", "Bearer gsk_groq-CANARY-4")),
        ("openrouter:openai/gpt-4o-mini", OPENROUTER, "openai/gpt-4o-mini", ("authorization", "Bearer sk-or-v1-CANARY-5")),
        (
            "openrouter:anthropic/claude-3-haiku",
            OPENROUTER,
            "anthropic/claude-3-haiku",
            ("authorization", "Bearer sk-or-v1-CANARY-5"),
        ),
        ("ollama:llama3", OLLAMA, "llama3", ("authorization", "Bearer ollama-CANARY-6")),
        ("ollama:mistral", OLLAMA, "mistral", ("authorization", "Bearer ollama-CANARY-6")),
    ],
)
def test_a_prefix_picks_the_provider(
    forwarder: Caller, net: Internet, model: str, url: str, name: str, header: tuple[str, str]
) -> None:
    reply, asked = asked_for(forwarder, net, model)
    assert text_of(reply) == TEXT
    assert [(one.url, one.body.get("model", name)) for one in asked] == [(url.format(name), name)]
    assert asked[0].headers[header[0]] == header[1]
    assert reply.headers["x-dragoman-target"].endswith(f":{name}")


@pytest.mark.requirement("S1-6", "S1-43", "S1-44", "S1-52", "S1-54", "S1-65")
@pytest.mark.parametrize("given", [{}, {"model": None}])
def test_without_a_model_the_first_of_the_priority_list_answers(forwarder: Caller, net: Internet, given: dict[str, Any]) -> None:
    """Omitted and null are the same; the prefix in GROQ_MODEL is not sent."""
    mark = len(net.vendors.asked)
    reply = forwarder.post(CHAT, {"messages": HELLO, **given})
    assert text_of(reply) == TEXT
    assert [(one.url, one.body["model"]) for one in net.vendors.since(mark)] == [(GROQ, "gemma2-9b-it")]


@pytest.mark.requirement("S1-6", "S1-43", "S1-52", "D8")
def test_without_a_model_the_next_ones_follow_in_order(tired: Caller, net: Internet) -> None:
    mark = len(net.vendors.asked)
    with net.vendors.plays("gemma2-9b-it", failing(503)), net.vendors.plays("gpt-4o-mini", failing(503)):
        reply = tired.chat()
    assert text_of(reply) == TEXT
    assert [one.url for one in net.vendors.since(mark)] == [GROQ, OPENAI, CLAUDE]
    assert net.vendors.last.body["model"] == "claude-3-haiku-20240307"
    assert reply.headers["x-dragoman-attempts"] == "3"


@pytest.mark.requirement("S1-6", "D8", "D9")
@pytest.mark.parametrize("status", [500, 503, 429, 404, 401])
def test_a_provider_that_fails_is_followed_by_the_priority_list(tired: Caller, net: Internet, status: int) -> None:
    """The other trigger: a model was named, and its provider fails for a reason that may pass elsewhere."""
    model = f"gemini-fails-{status}"
    with net.vendors.plays(model, failing(status)):
        reply, asked = asked_for(tired, net, model)
    assert text_of(reply) == TEXT
    assert asked[0].url == GEMINI.format(model)
    assert len(asked) > 1
    assert asked[-1].url != GEMINI.format(model)
    assert record_of(tired.server, reply)["rule"] == "family"


@pytest.mark.requirement("S1-6", "D9")
@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_request_that_is_wrong_is_wrong_everywhere(tired: Caller, net: Internet, status: int) -> None:
    model = f"gpt-refuses-{status}"
    with net.vendors.plays(model, failing(status, "no such field")):
        reply, asked = asked_for(tired, net, model)
    assert reply.status == status
    assert reply.json["error"]["message"] == "no such field"
    assert len(asked) == 1


@pytest.mark.requirement("S1-6", "S1-43")
def test_who_follows_needs_the_priority_list(keyed: Caller, net: Internet) -> None:
    """Without PROVIDERS_PRIORITY nobody follows an explicit name."""
    with net.vendors.plays("gemma-alone", failing(503)):
        reply, asked = asked_for(keyed, net, "groq:gemma-alone")
    assert reply.status == 503
    assert len(asked) == 1


@pytest.mark.requirement("S1-7", "S1-53", "S1-55", "S1-56", "S1-57", "S1-58", "S1-60", "S1-61", "S1-62", "S1-63")
@pytest.mark.parametrize("stop", ["END", ["END", "STOP"]])
def test_every_documented_field_reaches_the_provider(forwarder: Caller, net: Internet, stop: Any) -> None:
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Tell me a joke."},
        {"role": "assistant", "content": "No."},
        {"role": "user", "content": "Please."},
    ]
    fields = {
        **{"messages": messages, "temperature": 0.7, "top_p": 0.9, "max_tokens": 150, "stream": False, "stop": stop},
        **{"presence_penalty": 0.5, "frequency_penalty": -0.5, "user": "user-1"},
    }
    reply, asked = asked_for(forwarder, net, "gpt-4o-mini", **fields)
    assert text_of(reply) == TEXT
    assert asked[0].body == {"model": "gpt-4o-mini", **fields}


@pytest.mark.requirement("S1-55", "S1-56", "S1-58", "S1-60")
def test_the_fields_mean_the_same_in_the_other_dialect(forwarder: Caller, net: Internet) -> None:
    messages = [{"role": "system", "content": "Be brief."}, *HELLO]
    _, asked = asked_for(
        forwarder, net, "claude-3-haiku-20240307", messages=messages, temperature=0.7, max_tokens=150, stop="END", user="user-1"
    )
    body = asked[0].body
    assert "Be brief." in str(body["system"])
    assert (body["temperature"], body["max_tokens"], body["stop_sequences"]) == (0.7, 150, ["END"])
    assert body["metadata"] == {"user_id": "user-1"}


@pytest.mark.requirement("S1-55")
@pytest.mark.parametrize("body", [{"model": "claude-3-haiku-20240307"}, {"model": "claude-3-haiku-20240307", "messages": "hi"}])
def test_messages_are_required(forwarder: Caller, body: dict[str, Any]) -> None:
    reply = forwarder.post(CHAT, body)
    assert reply.status == 400
    assert "messages" in reply.json["error"]["message"]


@pytest.mark.requirement("S1-59")
@pytest.mark.parametrize("model", ["gpt-4o-mini", "claude-3-haiku-20240307"])
def test_streaming_is_fully_there(forwarder: Caller, net: Internet, model: str) -> None:
    reply, asked = asked_for(forwarder, net, model, stream=True)
    assert asked[0].body["stream"] is True
    assert streamed_text(reply) == TEXT
    chunks = chunks_of(reply)
    assert chunks[-1] == "[DONE]"
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks[:-1]][-1] == "stop"


@pytest.mark.requirement("S1-59")
def test_stream_is_false_by_default(forwarder: Caller) -> None:
    reply = forwarder.chat("gpt-4o-mini")
    assert reply.headers["content-type"] == "application/json"
    assert reply.json["object"] == "chat.completion"


@pytest.mark.requirement("S1-64", "D14")
@pytest.mark.parametrize("model", ["gpt-4o-mini", "claude-3-haiku-20240307"])
def test_extra_body_is_laid_over_the_providers_body(forwarder: Caller, net: Internet, model: str) -> None:
    """Never over model, messages or stream; the member itself is not sent."""
    extra = {"top_k": 40, "vendor_only": {"a": [1, 2.50]}, "model": "other", "messages": [], "stream": True}
    reply, asked = asked_for(forwarder, net, model, extra_body=extra)
    assert text_of(reply) == TEXT
    body = asked[0].body
    assert body["vendor_only"] == {"a": [1, 2.5]}
    assert "x-dragoman-losses" not in reply.headers
    assert body["top_k"] == 40
    assert body["model"] == model
    assert len(body["messages"]) == 1
    assert not body.get("stream")
    assert "extra_body" not in body


@pytest.mark.requirement("S1-65", "S1-53")
def test_the_two_documented_calls(forwarder: Caller, net: Internet) -> None:
    explain = [{"role": "user", "content": "Explain quantum physics in simple terms."}]
    first, asked = asked_for(forwarder, net, "groq:gemma2-9b-it", messages=explain, temperature=0.7, max_tokens=150)
    assert text_of(first) == TEXT
    assert {name: asked[0].body[name] for name in ("model", "temperature", "max_tokens")} == {
        "model": "gemma2-9b-it",
        "temperature": 0.7,
        "max_tokens": 150,
    }
    assert text_of(forwarder.chat(messages=[{"role": "user", "content": "What is the capital of France?"}])) == TEXT


@pytest.mark.requirement("S1-4", "S1-53")
def test_the_method_is_post_and_the_key_a_bearer_token(forwarder: Caller) -> None:
    assert forwarder.server.ask("PUT", CHAT, {}, forwarder.headers).status == 405
    assert b"choices" not in forwarder.get(CHAT).body  # another call: the list of answers that a provider stored
    without = Caller(forwarder.server)
    assert without.chat("gpt-4o-mini").status == 401
    assert without.chat("gpt-4o-mini", headers=bearer("fwd_" + "x" * 43)).status == 401


@pytest.mark.requirement("S1-11")
def test_calls_do_not_wait_for_each_other(forwarder: Caller, net: Internet) -> None:
    """A provider that answers nobody before all have asked: a server that served one call at a time would never end."""
    import asyncio
    import threading

    together, waiting = 12, []
    everyone = asyncio.Event()

    def barrier(request: Received) -> Script:
        waiting.append(request)
        if len(waiting) == together:
            everyone.set()
        return [everyone, *good(request)]

    replies: list[Reply] = []
    with net.vendors.plays("gpt-barrier", barrier):
        threads = [threading.Thread(target=lambda: replies.append(forwarder.chat("gpt-barrier"))) for _ in range(together)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [text_of(reply) for reply in replies] == [TEXT] * together

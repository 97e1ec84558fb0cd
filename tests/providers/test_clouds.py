"""Clouds as rows: where they are recognised, which dialect serves which model, where it is asked, and what their keys are."""

import json

import pytest

from dragoman.core.config import Provider, Secret, Target
from dragoman.core.errors import ConfigError
from dragoman.dialects.registry import DIALECTS
from dragoman.providers import auth, keys, listing
from dragoman.providers.environment import from_environment
from dragoman.providers.presets import preset_of
from dragoman.providers.targets import target_for
from support.routing import provider

CHAT, ANTHROPIC, CONVERSE = "openai-chat", "anthropic", "bedrock"
BUILT = (CHAT, ANTHROPIC, CONVERSE)
ALL = (*BUILT, "openai-responses", "gemini")
RUNTIME = "https://bedrock-runtime.us-east-1.amazonaws.com"
VERTEX = "https://europe-west1-aiplatform.googleapis.com/v1/projects/p/locations/europe-west1"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (RUNTIME, "bedrock"),
        ("https://bedrock-runtime-fips.us-gov-west-1.amazonaws.com", "bedrock"),
        ("https://bedrock-runtime.cn-north-1.amazonaws.com.cn", "bedrock"),
        ("https://vpce-1-a.bedrock-runtime.eu-west-1.vpce.amazonaws.com", "bedrock"),
        ("https://bedrock-mantle.us-east-1.api.aws", "bedrock-mantle"),
        ("https://aws-external-anthropic.us-east-1.api.aws", "claude-aws"),
        (VERTEX, "vertex"),
        ("https://aiplatform.googleapis.com", "vertex"),
        ("https://aiplatform.eu.rep.googleapis.com/v1/projects/p/locations/eu", "vertex"),
        ("https://claude.googleapis.com", "claude-google"),
        ("https://r.services.ai.azure.com/anthropic", "azure"),
        ("https://bedrock-runtime.evil.us-east-1.amazonaws.com.evil.example", "custom"),
        ("https://s3.us-east-1.amazonaws.com", "custom"),
    ],
)
def test_a_cloud_is_known_by_its_host(url: str, expected: str) -> None:
    assert preset_of("", "x", url).id == expected


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        ("aws", "bedrock"),
        ("Amazon Bedrock", "bedrock"),
        ("vertex-ai", "vertex"),
        ("Google Vertex", "vertex"),
        ("foundry", "azure"),
    ],
)
def test_a_cloud_is_known_by_its_type(type_: str, expected: str) -> None:
    assert preset_of(type_, "x", "https://h").id == expected


def asked(
    url: str, model: str, client: str, operation: str = "chat", *, stream: bool = False, built: tuple[str, ...] = BUILT
) -> str:
    """`dialect URL`, without the scheme and host."""
    target = target_for(provider("C", preset_of("", "x", url).id, base_url=url), model, client, built)
    assert target is not None
    if target.dialect not in DIALECTS:
        return f"{target.dialect} {target.base.partition('://')[2].partition('/')[2]}"
    found = DIALECTS[target.dialect].endpoint(target, operation, stream)
    return f"{target.dialect} {found.partition('://')[2].partition('/')[2]}"


CLAUDE = "us.anthropic.claude-opus-4-8"


@pytest.mark.parametrize(
    ("model", "client", "operation", "stream", "expected"),
    [
        (CLAUDE, ANTHROPIC, "chat", False, f"anthropic model/{CLAUDE}/invoke"),
        (CLAUDE, ANTHROPIC, "chat", True, f"anthropic model/{CLAUDE}/invoke-with-response-stream"),
        (CLAUDE, ANTHROPIC, "count_tokens", False, f"anthropic model/{CLAUDE}/count-tokens"),
        (CLAUDE, CHAT, "chat", False, f"bedrock model/{CLAUDE}/converse"),
        (CLAUDE, CHAT, "chat", True, f"bedrock model/{CLAUDE}/converse-stream"),
        (CLAUDE, "gemini", "count_tokens", False, f"bedrock model/{CLAUDE}/count-tokens"),
        ("us.amazon.nova-lite-v1:0", ANTHROPIC, "chat", False, "bedrock model/us.amazon.nova-lite-v1%3A0/converse"),
        ("us.amazon.nova-lite-v1:0", CHAT, "chat", False, "bedrock model/us.amazon.nova-lite-v1%3A0/converse"),
        ("openai.gpt-oss-120b-1:0", CHAT, "chat", False, "openai-chat openai/v1/chat/completions"),
        ("openai.gpt-oss-120b-1:0", ANTHROPIC, "chat", False, "bedrock model/openai.gpt-oss-120b-1%3A0/converse"),
        (
            "arn:aws:bedrock:us-east-1:1:application-inference-profile/x", ANTHROPIC, "chat", False,
            "bedrock model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aapplication-inference-profile%2Fx/converse",
        ),
    ],
)  # fmt: skip
def test_who_asks_bedrock_for_what(model: str, client: str, operation: str, stream: bool, expected: str) -> None:
    assert asked(RUNTIME, model, client, operation, stream=stream) == expected


PLACE = "v1/projects/p/locations/europe-west1"


@pytest.mark.parametrize(
    ("model", "client", "stream", "expected"),
    [
        ("claude-opus-5", ANTHROPIC, False, f"anthropic {PLACE}/publishers/anthropic/models/claude-opus-5:rawPredict"),
        ("claude-opus-5", CHAT, True, f"anthropic {PLACE}/publishers/anthropic/models/claude-opus-5:streamRawPredict"),
        ("gemini-2.5-pro", ANTHROPIC, False, f"gemini {PLACE}/publishers/google"),
        ("gemini-2.5-pro", CHAT, False, f"gemini {PLACE}/publishers/google"),
        (
            "meta/llama-4-maverick-17b-128e-instruct-maas",
            ANTHROPIC,
            False,
            f"openai-chat {PLACE}/endpoints/openapi/chat/completions",
        ),
    ],
)
def test_who_asks_vertex_for_what(model: str, client: str, stream: bool, expected: str) -> None:
    assert asked(VERTEX, model, client, stream=stream, built=ALL).startswith(expected)


def test_vertex_without_gemini_is_asked_at_its_compatible_endpoint() -> None:
    assert asked(VERTEX, "gemini-2.5-pro", CHAT) == f"openai-chat {PLACE}/endpoints/openapi/chat/completions"
    assert asked("https://aiplatform.googleapis.com", "gemini-2.5-pro", CHAT, built=ALL).startswith("gemini v1/publishers/google")


@pytest.mark.parametrize(
    ("model", "client", "expected"),
    [
        ("anthropic.claude-opus-5-5", ANTHROPIC, "anthropic anthropic/v1/messages"),
        ("anthropic.claude-opus-5-5", CHAT, "anthropic anthropic/v1/messages"),
        ("openai.gpt-oss-120b", ANTHROPIC, "openai-chat v1/chat/completions"),
        ("openai.gpt-6", CHAT, "openai-responses openai/v1"),
    ],
)
def test_who_asks_mantle_for_what(model: str, client: str, expected: str) -> None:
    assert asked("https://bedrock-mantle.us-east-1.api.aws", model, client, built=ALL).startswith(expected)


@pytest.mark.parametrize(
    ("preset", "url", "expected"),
    [
        ("openrouter", "https://openrouter.ai/api/v1", ANTHROPIC),
        ("deepseek", "https://api.deepseek.com", ANTHROPIC),
        ("moonshot", "https://api.moonshot.ai/v1", ANTHROPIC),
        ("zai", "https://api.z.ai/api/paas/v4", ANTHROPIC),
        ("qwen", "https://dashscope-intl.aliyuncs.com/compatible-mode/v1", ANTHROPIC),
        ("minimax", "https://api.minimax.io/v1", ANTHROPIC),
        ("fireworks", "https://api.fireworks.ai/inference/v1", ANTHROPIC),
        ("ollama", "http://localhost:11434", ANTHROPIC),
        ("lm-studio", "http://localhost:1234", ANTHROPIC),
        ("vllm", "http://localhost:8000", ANTHROPIC),
        ("llama-cpp", "http://localhost:8080", CHAT),
    ],
)
def test_which_anthropic_endpoints_are_faithful(preset: str, url: str, expected: str) -> None:
    """Where the URL says no dialect: a record that names an endpoint has decided itself."""
    there = provider("P", preset, base_url=url)
    native = preset_of(preset, "P", url).speaks[ANTHROPIC]
    assert native.faithful == (expected == ANTHROPIC)
    if there.base_url.startswith("https"):
        target = target_for(there, "m", ANTHROPIC, BUILT)
        assert target is not None
        assert target.dialect == expected


def test_a_record_decides_itself_what_is_faithful() -> None:
    record = provider("L", "llama-cpp", base_url="http://localhost:8080", dialects={CHAT: "", ANTHROPIC: ""})
    target = target_for(record, "m", ANTHROPIC, BUILT)
    assert target is not None
    assert target.dialect == ANTHROPIC


def by_slug(env: dict[str, str]) -> dict[str, Provider]:
    return {found.slug: found for found in from_environment(env).providers}


@pytest.mark.parametrize(
    ("env", "url", "key"),
    [
        ({"AWS_BEARER_TOKEN_BEDROCK": "b"}, RUNTIME, "b"),
        ({"BEDROCK_API_KEY": "b", "AWS_REGION": "eu-west-3"}, "https://bedrock-runtime.eu-west-3.amazonaws.com", "b"),
        (
            {"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "S", "BEDROCK_REGION": "eu-west-1", "AWS_REGION": "us-east-2"},
            "https://bedrock-runtime.eu-west-1.amazonaws.com",
            "A:S",
        ),
        (
            {"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "S", "AWS_SESSION_TOKEN": "T", "BEDROCK_MODEL": "m"},
            RUNTIME,
            "A:S:T",
        ),
    ],
)
def test_bedrock_in_the_environment(env: dict[str, str], url: str, key: str) -> None:
    found = by_slug(env)["bedrock"]
    assert (found.base_url, found.api_key) == (url, Secret(key))


@pytest.mark.parametrize(
    ("env", "url"),
    [
        ({"VERTEX_PROJECT": "p", "VERTEX_LOCATION": "europe-west1"}, VERTEX),
        ({"VERTEX_PROJECT": "p"}, "https://aiplatform.googleapis.com/v1/projects/p/locations/global"),
        (
            {"VERTEX_LOCATION": "eu", "GOOGLE_CLOUD_PROJECT": "p"},
            "https://aiplatform.eu.rep.googleapis.com/v1/projects/p/locations/eu",
        ),
    ],
)
def test_vertex_in_the_environment(env: dict[str, str], url: str) -> None:
    found = by_slug({"GOOGLE_APPLICATION_CREDENTIALS": "/k.json", **env})["vertex"]
    assert (found.base_url, found.api_key) == (url, Secret("/k.json"))


def test_credentials_for_other_things_make_no_provider() -> None:
    env = {"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "S", "AWS_REGION": "us-east-1"}
    env |= {"GOOGLE_APPLICATION_CREDENTIALS": "/k.json", "GOOGLE_CLOUD_PROJECT": "p"}
    assert set(by_slug(env)) == {"ollama"}
    assert set(by_slug({"AWS_ACCESS_KEY_ID": "A", "BEDROCK_REGION": "us-east-1"})) == {"ollama"}


def test_where_bedrock_lists_its_models() -> None:
    found = listing.where(provider("B", "bedrock", base_url=RUNTIME))
    assert (found.kind, found.url) == ("bedrock", "https://bedrock.us-east-1.amazonaws.com/foundation-models")
    rows = [
        {"modelId": "amazon.nova-lite-v1:0", "modelName": "Nova Lite", "providerName": "Amazon", "outputModalities": ["TEXT"]},
        {"modelId": "amazon.titan-embed-text-v2:0", "outputModalities": ["EMBEDDING"]},
    ]
    listed = listing.read("bedrock", json.dumps({"modelSummaries": rows}).encode()).models
    assert [(each.id, each.display_name, each.owner) for each in listed] == [("amazon.nova-lite-v1:0", "Nova Lite", "Amazon")]


PAIR = "AKIAIOSFODNN7EXAMPLE:wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


def target(url: str, key: str) -> Target:
    found = target_for(provider("C", preset_of("", "x", url).id, base_url=url, api_key=Secret(key)), CLAUDE, CHAT, BUILT)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("url", "region"),
    [
        (RUNTIME, "us-east-1"),
        ("https://bedrock-runtime-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
        ("https://vpce-1.bedrock-runtime.ap-southeast-2.vpce.amazonaws.com", "ap-southeast-2"),
        ("https://bedrock-mantle.eu-central-1.api.aws", "eu-central-1"),
    ],
)
def test_the_host_tells_the_region(url: str, region: str) -> None:
    found = auth.grant(target(url, PAIR))
    assert found is not None
    assert (found.region, found.service) == (region, preset_of("", "x", url).service)
    assert auth.credentials(target(url, PAIR)) == ()


def test_a_plain_key_needs_no_grant() -> None:
    plain = target(RUNTIME, "ABSKQmVkcm9jazEyMzQ1Njc4")
    assert auth.grant(plain) is None
    assert auth.credentials(plain) == (("authorization", "Bearer ABSKQmVkcm9jazEyMzQ1Njc4"),)


def test_a_records_own_header_beats_what_would_be_made() -> None:
    record = provider("C", "bedrock", base_url=RUNTIME, api_key=Secret(PAIR), headers=(("Authorization", "Bearer x"),))
    found = target_for(record, CLAUDE, CHAT, BUILT)
    assert found is not None
    assert auth.grant(found) is None


@pytest.mark.parametrize("read", [keys.aws, keys.google, keys.azure])
@pytest.mark.parametrize("text", ["{", "{}", '{"type":"service_account"}', '{"type":"external_account"}', '{"AccessKeyId":"A"}'])
def test_json_that_is_no_key_is_told(read: object, text: str) -> None:
    assert callable(read)
    with pytest.raises(ConfigError, match="api_key: ") as caught:
        read(Secret(text))
    assert "\n" not in str(caught.value)


def test_what_a_key_holds_is_secret_too() -> None:
    record = provider("C", "bedrock", base_url=RUNTIME, api_key=Secret(PAIR + ":the-session"))
    told = [secret.reveal() for secret in auth.secrets(record)]
    assert "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" in told
    assert "the-session" in told
    assert "wJalr" not in repr(auth.grant(target(RUNTIME, PAIR)))

"""The Store by its own words: what is written is in the next Snapshot, and what fails changes nothing."""

from pathlib import Path
from typing import Any

import pytest

from dragoman.core.config import Key
from dragoman.core.errors import ConfigError
from dragoman.store import Store
from dragoman.store.errors import ConflictError, InvalidError, ReadOnlyError, UnknownError
from support.store import EXAMPLES, opened, provider


async def test_the_ten_examples_are_kept_as_they_were_given(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        for example in EXAMPLES:
            stored = await store.create_provider(example)
            for field in set(example) - {"api_key", "headers"}:
                assert getattr(stored.provider, field) == example[field], field
            assert stored.provider.api_key.reveal() == example["api_key"]
            assert dict(stored.provider.headers) == example.get("headers", {})
            assert (stored.problem, stored.provider.source, stored.provider.timeout) == (None, "database", 300.0)
        names = [one.name for one in store.snapshot.providers if one.source == "database"]
        assert names == [example["name"] for example in EXAMPLES]
    async with opened(tmp_path) as again:
        assert [one.provider for one in again.providers()] == [one.provider for one in store.providers()]


async def test_what_is_left_out_has_defaults(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        made = (await store.create_provider(provider("Groq cloud", base_url="https://api.groq.com/openai/v1"))).provider
        assert (made.provider_type, made.priority, made.is_active, made.big_model) == ("groq", 100, True, "")
        plain = (await store.create_provider(provider("Mine", models=["a", "b", "a"]))).provider
        assert (plain.provider_type, plain.models) == ("custom", ("a", "b"))
        assert (plain.big_model, plain.medium_model, plain.small_model) == ("a", "a", "a")


async def test_a_partial_change_keeps_the_rest(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        made = await store.create_provider(provider(headers={"x-a": "1"}, big_model="big"))
        changed = await store.update_provider(made.provider.id, {"is_active": False, "priority": 5})
        assert changed.provider.api_key == made.provider.api_key
        assert changed.provider.headers == made.provider.headers
        assert (changed.provider.is_active, changed.provider.priority, changed.provider.big_model) == (False, 5, "big")
        assert changed.provider.updated_at > made.provider.updated_at
        assert changed.provider.created_at == made.provider.created_at


async def test_the_masked_key_keeps_the_stored_one(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        made = await store.create_provider(provider(headers={"X-Auth-Token": "CANARY-token-1"}))
        assert made.masked_key == "...6789"
        again = await store.update_provider(made.provider.id, {"api_key": "...6789", "headers": {"X-Auth-Token": "...en-1"}})
        assert again.provider.api_key.reveal() == "sk-CANARY-0123456789"
        with pytest.raises(InvalidError, match="masked"):
            await store.update_provider(made.provider.id, {"api_key": "...9999"})
        with pytest.raises(InvalidError, match="masked"):
            await store.create_provider(provider("Other", api_key="...6789"))
        other = await store.update_provider(made.provider.id, {"api_key": "sk-another-key"})
        assert other.provider.api_key.reveal() == "sk-another-key"


async def test_names_are_unique_and_slugs_follow(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        first = await store.create_provider(provider("Local Ollama"))
        assert first.provider.slug == "local-ollama"
        for same in ("Local Ollama", "LOCAL OLLAMA", " local ollama ", "Ｌocal Ollama"):
            with pytest.raises(ConflictError, match="id 1"):
                await store.create_provider(provider(same))
        second = await store.create_provider(provider("local_ollama"))
        assert second.provider.slug == "local-ollama-2"
        await store.update_provider(first.provider.id, {"name": "LOCAL ollama"})
        assert (await store.create_provider(provider("Sandbox"))).provider.slug == "sandbox-2"
        assert (await store.create_provider(provider("通义千问"))).provider.slug != ""


async def test_an_id_is_never_used_again(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        first = await store.create_provider(provider("a"))
        await store.delete_provider(first.provider.id)
        second = await store.create_provider(provider("a"))
        assert second.provider.id > first.provider.id
        with pytest.raises(UnknownError):
            store.provider(first.provider.id)
        with pytest.raises(UnknownError):
            await store.delete_provider(first.provider.id)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "  "),
        ("name", "a\nb"),
        ("name", "evil\u202eeman"),
        ("name", "x" * 10_000),
        ("provider_type", "a b\x00"),
        ("base_url", ""),
        ("base_url", "api.example.com/v1"),
        ("base_url", "ftp://example.com"),
        ("base_url", "https://user:CANARY@example.com/v1"),
        ("base_url", "sk-CANARY"),
        ("base_url", "https://exa mple.com"),
        ("base_url", "https://example.com:99999"),
        ("base_url", "https://example.com/v1#CANARY"),
        ("api_key", "sk-CANARY\r\nx: y"),
        ("priority", -1),
        ("priority", 10**12),
        ("timeout", 0),
        ("timeout", -1.0),
        ("timeout", float("inf")),
        ("timeout", float("nan")),
        ("headers", {"Transfer-Encoding": "chunked"}),
        ("headers", {"Content-Length": "5"}),
        ("headers", {"connection": "close"}),
        ("headers", {"Host": "elsewhere"}),
        ("headers", {"x": "CANARY\r\ny: z"}),
        ("headers", {"bad name": "x"}),
        ("dialects", ["Open AI!"]),
        ("dialects", {"openai-chat": "relative/path"}),
        ("overrides", {"no_such_quirk": 1}),
        ("overrides", {"top_k": "CANARY"}),
        ("models", ["a\x00b"]),
    ],
)
async def test_what_cannot_be_used_is_refused(field: str, value: Any, tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        with pytest.raises(InvalidError) as caught:
            await store.create_provider(provider(**{field: value}) if field != "name" else provider(value))
        message = str(caught.value)
        assert message.startswith(field)
        assert "\n" not in message
        assert "CANARY" not in message
        assert store.snapshot.revision == 0


async def test_dialects_that_are_not_built_are_kept(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        listed = await store.create_provider(provider("a", dialects=["openai-responses", "gemini", "cohere"]))
        assert listed.provider.dialects == {"openai-responses": "", "gemini": "", "cohere": ""}
        paths = {"anthropic": "/special/messages", "openai-chat": "https://other.example.com/chat"}
        assert (await store.create_provider(provider("b", dialects=paths))).provider.dialects == paths


async def test_the_environment_is_hidden_by_a_record_of_the_same_slug(tmp_path: Path) -> None:
    env = {"OPENAI_API_KEY": "sk-CANARY-env-0001", "GROQ_API_KEY": "gsk-CANARY-env-0002", "PROVIDERS_PRIORITY": "groq,openai"}
    async with opened(tmp_path, env) as store:
        before = {one.slug: one for one in store.snapshot.providers}
        assert before["openai"].source == "env"
        assert before["openai"].id < -1
        assert store.snapshot.priority == ("groq", "openai")
        assert store.snapshot.real_provider_ever
        for change in (store.update_provider(before["openai"].id, {"priority": 1}), store.delete_provider(before["openai"].id)):
            with pytest.raises(ReadOnlyError, match="environment"):
                await change
        made = await store.create_provider(provider("OpenAI"))
        after = {one.slug: one for one in store.snapshot.providers}
        assert after["openai"].source == "database"
        assert after["groq"] == before["groq"]
        await store.delete_provider(made.provider.id)
        assert {one.slug: one for one in store.snapshot.providers} == before


async def test_the_sandbox_ends_with_the_first_provider_for_good(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        assert not store.snapshot.real_provider_ever
        made = await store.create_provider(provider())
        assert store.snapshot.real_provider_ever
        await store.delete_provider(made.provider.id)
        assert store.snapshot.real_provider_ever
    async with opened(tmp_path) as again:
        assert again.snapshot.real_provider_ever


async def test_keys(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        key, text = await store.create_key({"name": "laptop", "description": "mine", "expires_at": 4e9})
        assert text.startswith(key.prefix)
        assert len(key.prefix) == 8
        assert store.snapshot.keys[store.digest(text)] == key
        changed = await store.update_key(key.id, {"is_active": False, "strict": True})
        assert (changed.is_active, changed.strict, changed.name, changed.expires_at) == (False, True, "laptop", 4e9)
        assert store.snapshot.keys[store.digest(text)] == changed
        other, _ = await store.create_key({})
        assert [one.id for one in listed(store)] == [key.id, other.id]
        await store.delete_key(key.id)
        assert store.digest(text) not in store.snapshot.keys
        with pytest.raises(UnknownError):
            store.key(key.id)
        with pytest.raises(UnknownError):
            await store.update_key("no such", {"name": "x"})


async def test_the_key_file_is_merged_and_a_row_beats_it(tmp_path: Path) -> None:
    (tmp_path / "keys.txt").write_text("fwd_from_the_file\n")
    async with opened(tmp_path) as store:
        key, text = await store.create_key({})
        (from_file,) = (one for one in listed(store) if one.source == "file")
        assert store.snapshot.keys[store.digest("fwd_from_the_file")] == from_file
        with pytest.raises(ReadOnlyError, match="key file"):
            await store.delete_key(from_file.id)
        await store.update_key(key.id, {"is_active": False})
        (tmp_path / "keys.txt").write_text(f"{text}\n")
        await store.refresh()
        assert not store.snapshot.keys[store.digest(text)].is_active
        assert len(store.snapshot.keys) == 1


async def test_a_key_file_that_cannot_be_read_again_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "keys.txt").write_text("fwd_from_the_file\n")
    async with opened(tmp_path) as store:
        (tmp_path / "keys.txt").write_bytes(b"\xff\xfe broken")
        with pytest.raises(ConfigError):
            await store.refresh()
        assert store.digest("fwd_from_the_file") in store.snapshot.keys


async def test_last_use_is_seen_at_once_and_written_in_the_end(tmp_path: Path) -> None:
    (tmp_path / "keys.txt").write_text("fwd_from_the_file\n")
    async with opened(tmp_path) as store:
        key, _ = await store.create_key({})
        revision = store.snapshot.revision
        from_file = listed(store)[1]
        store.touch_key(key.id, 1000.0)
        store.touch_key(key.id, 2000.0)
        store.touch_key(from_file.id, 3000.0)
        assert [one.last_used_at for one in listed(store)] == [2000.0, 3000.0]
    async with opened(tmp_path) as again:
        assert again.key(key.id).last_used_at == 2000.0
        assert again.snapshot.revision == revision


async def test_allow_private_is_the_operators_or_the_presets(tmp_path: Path) -> None:
    local = provider("Box", provider_type="ollama", base_url="http://localhost:11434/v1")
    async with opened(tmp_path) as store:
        assert (await store.create_provider(local)).provider.allow_private
        assert not (await store.create_provider(provider())).provider.allow_private
    async with opened(tmp_path, {"OPENAI_API_KEY": "sk-0123456789"}, allow_private=True) as store:
        assert all(one.allow_private for one in store.snapshot.providers)


def listed(store: Store) -> tuple[Key, ...]:
    return store.keys()

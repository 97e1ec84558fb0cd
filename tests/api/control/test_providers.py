"""`/admin/providers`, as requirement D15 has it."""

from pathlib import Path
from typing import Any

import pytest

from support.control import controlling
from support.store import EXAMPLES, provider

FIELDS = {
    *("id", "name", "slug", "provider_type", "base_url", "api_key", "big_model", "medium_model", "small_model", "models"),
    *("is_active", "priority", "headers", "timeout", "dialects", "overrides", "source", "problem", "created_at", "updated_at"),
}
DOCUMENTED = {
    "name": "My Provider",
    "provider_type": "openai",
    "base_url": "https://api.example.com/v1",
    "api_key": "your-api-key",
    "big_model": "gpt-4",
    "medium_model": "gpt-3.5-turbo",
    "small_model": "gpt-3.5-turbo",
    "is_active": True,
    "priority": 10,
}


async def test_the_documented_calls(tmp_path: Path) -> None:
    """Requirements S0-66..68."""
    async with controlling(tmp_path) as control:
        made = await control.ask("POST", "/admin/providers", DOCUMENTED)
        assert made.status_code == 201
        record = made.json()
        assert set(record) == FIELDS
        assert {name: record[name] for name in DOCUMENTED} == {**DOCUMENTED, "api_key": "...-key"}
        listed = (await control.ask("GET", "/admin/providers")).json()
        assert isinstance(listed, list)
        assert listed == [record]
        changed = await control.ask("PUT", "/admin/providers/1", {"is_active": False})
        assert changed.status_code == 200
        assert changed.json() == {**record, "is_active": False, "updated_at": changed.json()["updated_at"]}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["name"])
async def test_the_ten_examples(example: dict[str, Any], tmp_path: Path) -> None:
    """Requirements S0-46..55, verbatim."""
    async with controlling(tmp_path) as control:
        made = await control.ask("POST", "/admin/providers", example)
        assert made.status_code == 201, made.text
        record = made.json()
        shown = {name: record[name] for name in example if name != "api_key"}
        assert shown == {name: value for name, value in example.items() if name != "api_key"}
        key = example["api_key"]
        assert record["api_key"] == (f"...{key[-4:]}" if len(key) > 8 else "...")
        assert (record["timeout"], record["source"], record["problem"]) == (300.0, "database", None)
        assert made.headers["location"] == f"/admin/providers/{record['id']}"
        assert (await control.ask("GET", f"/admin/providers/{record['id']}")).json() == record
        assert (await control.ask("GET", f"/admin/providers/{record['slug']}")).json() == record


async def test_little_is_enough(tmp_path: Path) -> None:
    """A record may name models and no tiers: the first model stands for all three."""
    async with controlling(tmp_path) as control:
        body = {
            "name": "claude box",
            "base_url": "https://llm.example.com",
            "api_key": "",
            "models": ["m-1", "m-2"],
            "is_active": True,
        }
        record = (await control.ask("POST", "/admin/providers", body)).json()
        assert (record["provider_type"], record["big_model"], record["small_model"]) == ("anthropic", "m-1", "m-1")
        assert (record["priority"], record["api_key"], record["headers"], record["dialects"]) == (100, "", {}, [])


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_a_record_can_be_sent_back_as_it_was_read(method: str, tmp_path: Path) -> None:
    async with controlling(tmp_path) as control:
        body = provider(headers={"X-Auth": "CANARY-secret-header", "x-plain": "1"}, timeout=12.5, dialects={"anthropic": "/a"})
        record = (await control.ask("POST", "/admin/providers", body)).json()
        assert "CANARY" not in str(record)
        assert record["headers"] == {"X-Auth": "...ader", "x-plain": "1"}
        back = await control.ask(method, "/admin/providers/1", {**record, "priority": 7})
        assert back.status_code == 200, back.text
        assert back.json() == {**record, "priority": 7, "updated_at": back.json()["updated_at"]}
        kept = control.store.provider(1).provider
        assert kept.api_key.reveal() == body["api_key"]
        assert dict(kept.headers) == body["headers"]


async def test_null_clears_what_is_optional(tmp_path: Path) -> None:
    async with controlling(tmp_path) as control:
        await control.ask(
            "POST", "/admin/providers", provider(headers={"x-a": "1"}, timeout=5, models=["m"], dialects=["anthropic"])
        )
        cleared = {"headers": None, "timeout": None, "models": None, "dialects": None, "big_model": None, "overrides": None}
        record = (await control.ask("PUT", "/admin/providers/1", cleared)).json()
        assert {name: record[name] for name in cleared} == {
            **{"headers": {}, "timeout": 300.0, "models": [], "dialects": [], "big_model": "", "overrides": {}}
        }
        assert (await control.ask("PUT", "/admin/providers/1", {"name": None})).status_code == 422
        same = await control.ask("POST", "/admin/providers", provider("Second", headers=None, timeout=None, provider_type=None))
        assert same.status_code == 201


@pytest.mark.parametrize(
    ("field", "value"), [("id", 9), ("slug", "other"), ("source", "env"), ("created_at", "2020-01-01T00:00:00Z")]
)
async def test_read_only_fields_do_not_change(field: str, value: Any, tmp_path: Path) -> None:
    async with controlling(tmp_path) as control:
        record = (await control.ask("POST", "/admin/providers", provider())).json()
        refused = await control.ask("PUT", "/admin/providers/1", {field: value, "priority": 1})
        assert refused.status_code == 422
        assert field in refused.json()["detail"][0]["msg"]
        assert (await control.ask("GET", "/admin/providers/1")).json() == record
        assert (await control.ask("POST", "/admin/providers", {**provider("b"), field: value})).status_code == 422


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (provider(nonsense="CANARY"), "nonsense"),
        (provider(spend=1), "spend"),
        (provider(__proto__={}), "__proto__"),
        ({"base_url": "https://a.b", "api_key": "sk-CANARY"}, "name"),
        ({"name": "a", "base_url": "https://a.b"}, "api_key"),
        ({"name": "a", "base_url": "https://a.b", "api_key": {"value": "sk-CANARY"}}, "api_key"),
        ({"name": "a", "base_url": "https://a.b", "api_key": ["sk-CANARY"]}, "api_key"),
        ({"name": "a", "base_url": "https://a.b", "api_key": None}, "api_key"),
        (provider(base_url="sk-CANARY"), "base_url"),
        (provider(base_url="https://sk-CANARY@a.b"), "base_url"),
        (provider(base_url="https://a.b/#sk-CANARY"), "base_url"),
        (provider(base_url="https://[sk-CANARY"), "base_url"),
        (provider(base_url="sk-CANARY://a.b"), "base_url"),
        (provider(priority="CANARY"), "priority"),
        (provider(priority=1.5), "priority"),
        (provider(priority=-1), "priority"),
        (provider(priority=10**30), "priority"),
        (provider(is_active="CANARY"), "is_active"),
        (provider(timeout=0), "timeout"),
        (provider(models="CANARY"), "models"),
        (provider(models=[1]), "models"),
        (provider(headers=["CANARY"]), "headers"),
        (provider(headers={"x-a": {"b": "CANARY"}}), "headers"),
        (provider(headers={"x-a": "CANARY\r\nx: y"}), "headers"),
        (provider(headers={"Transfer-Encoding": "chunked"}), "headers"),
        (provider(headers={"Connection": "x"}), "headers"),
        (provider(dialects="CANARY"), "dialects"),
        (provider(dialects=[{"CANARY": 1}]), "dialects"),
        (provider(overrides={"CANARY": 1}), "overrides"),
        ([], "the body"),
        ("CANARY", "the body"),
    ],
)
async def test_what_is_refused_is_named_and_not_repeated(body: Any, where: str, tmp_path: Path) -> None:
    async with controlling(tmp_path) as control:
        refused = await control.ask("POST", "/admin/providers", body)
        assert refused.status_code == 422, refused.text
        problems = refused.json()["detail"]
        assert any(one["msg"].startswith(where) for one in problems), problems
        named = str(problems).replace("'CANARY'", "") if where == "overrides" else str(problems)
        assert "CANARY" not in named
        assert control.store.snapshot.revision == 0


@pytest.mark.parametrize(
    "content", [b"", b"{", b"CANARY", b'{"name": NaN}', b'{"priority": 1e400}', b"\xff", b"[" * 100_000, b'{"a":' * 50_000]
)
async def test_what_is_no_json(content: bytes, tmp_path: Path) -> None:
    async with controlling(tmp_path) as control:
        headers = {"content-type": "application/json"}
        for method, path in (("POST", "/admin/providers"), ("POST", "/admin/api-keys")):
            refused = await control.ask(method, path, content=content, headers=headers)
            assert refused.status_code in (400, 422)
            assert "CANARY" not in refused.text


async def test_names_are_unique(tmp_path: Path) -> None:
    async with controlling(tmp_path) as control:
        await control.ask("POST", "/admin/providers", provider("One"))
        refused = await control.ask("POST", "/admin/providers", provider("ONE"))
        assert refused.status_code == 409
        assert "'One'" in refused.json()["detail"]


async def test_delete(tmp_path: Path) -> None:
    async with controlling(tmp_path) as control:
        await control.ask("POST", "/admin/providers", provider())
        gone = await control.ask("DELETE", "/admin/providers/1")
        assert (gone.status_code, gone.content) == (204, b"")
        for method, body in (("GET", None), ("PUT", {}), ("PATCH", {}), ("DELETE", None)):
            for named in ("1", "custom", "-1", "99999999999999999999999", "%00", "1.5", "١"):
                assert (await control.ask(method, f"/admin/providers/{named}", body)).status_code == 404


async def test_the_environments_are_read_only(tmp_path: Path) -> None:
    async with controlling(tmp_path, {"GROQ_API_KEY": "gsk-CANARY-0123"}) as control:
        record = (await control.ask("GET", "/admin/providers/groq")).json()
        assert (record["source"], record["api_key"], record["created_at"]) == ("env", "...0123", None)
        assert isinstance(record["id"], int)
        path = f"/admin/providers/{record['id']}"
        assert (await control.ask("GET", path)).json() == record
        for refused in (await control.ask("PUT", path, {"priority": 1}), await control.ask("DELETE", path)):
            assert refused.status_code == 409
            assert "environment" in refused.json()["detail"]


async def test_a_test_asks_the_stored_address(tmp_path: Path) -> None:
    async with controlling(tmp_path) as control:
        await control.ask("POST", "/admin/providers", provider())
        answer = await control.ask("POST", "/admin/providers/1/test")
        assert answer.json() == {"status": "online", "status_code": 200, "latency_ms": 1.5, "detail": None}
        await control.ask("POST", "/admin/providers/1/test", {"base_url": "https://evil.example"})
        assert [one.base_url for one in control.probed] == ["https://api.example.com/v1"] * 2
        assert (await control.ask("POST", "/admin/providers/7/test")).status_code == 404


async def test_a_provider_whose_secret_cannot_be_opened(tmp_path: Path) -> None:
    async with controlling(tmp_path, secret_key="one") as control:
        await control.ask("POST", "/admin/providers", provider())
    async with controlling(tmp_path, secret_key="two") as control:
        record = (await control.ask("GET", "/admin/providers/1")).json()
        assert "SECRET_KEY" in record["problem"]
        assert (record["api_key"], record["is_active"]) == ("...", True)
        assert (await control.ask("POST", "/admin/providers/1/test")).json()["status"] == "offline"
        assert control.probed == []
        assert (await control.ask("PUT", "/admin/providers/1", {**record, "priority": 2})).json()["problem"] is not None
        assert (await control.ask("PUT", "/admin/providers/1", {"api_key": "sk-new-key-1"})).json()["problem"] is None

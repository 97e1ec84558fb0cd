"""`/admin/api-keys`, as requirement D15 has it."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from support.control import controlling

FIELDS = {
    *("id", "name", "description", "expires_at", "is_active", "strict", "prefix", "source", "created_at", "last_used_at"),
}


async def test_a_key_from_its_making_to_its_end(tmp_path: Path) -> None:
    async with controlling(tmp_path) as control:
        made = await control.ask("POST", "/admin/api-keys", {"name": "laptop", "description": "mine"})
        assert made.status_code == 201
        record = made.json()
        assert set(record) == {*FIELDS, "key"}
        text = record.pop("key")
        assert re.fullmatch(r"fwd_[A-Za-z0-9_-]{43}", text)
        assert (record["name"], record["expires_at"], record["is_active"], record["last_used_at"]) == ("laptop", None, True, None)
        assert text.startswith(record["prefix"])
        listed = await control.ask("GET", "/admin/api-keys")
        assert listed.json() == [record]
        assert (await control.ask("GET", f"/admin/api-keys/{record['id']}")).json() == record
        changed = await control.ask("PUT", f"/admin/api-keys/{record['id']}", {**record, "is_active": False, "strict": True})
        assert changed.status_code == 200
        assert changed.json() == {**record, "is_active": False, "strict": True}
        patched = await control.ask("PATCH", f"/admin/api-keys/{record['id']}", {"description": None})
        assert patched.json()["description"] is None
        for told in (listed, changed, patched):
            assert text not in told.text
            assert control.store.digest(text) not in told.text
        assert (await control.ask("DELETE", f"/admin/api-keys/{record['id']}")).status_code == 204
        assert (await control.ask("GET", f"/admin/api-keys/{record['id']}")).status_code == 404


async def test_an_empty_object_is_enough(tmp_path: Path) -> None:
    async with controlling(tmp_path) as control:
        assert (await control.ask("POST", "/admin/api-keys", {})).status_code == 201


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("2030-01-02T03:04:05Z", "2030-01-02T03:04:05.000Z"),
        ("2030-01-02T03:04:05", "2030-01-02T03:04:05.000Z"),
        ("2030-01-02T05:04:05.250+02:00", "2030-01-02T03:04:05.250Z"),
        ("2030-01-02", "2030-01-02T00:00:00.000Z"),
        (1893553445, "2030-01-02T03:04:05.000Z"),
    ],
)
async def test_expiry_in_many_spellings(given: Any, told: str, tmp_path: Path) -> None:
    async with controlling(tmp_path) as control:
        made = (await control.ask("POST", "/admin/api-keys", {"expires_at": given})).json()
        assert made["expires_at"] == told
        assert control.store.key(made["id"]).expires_at == datetime.fromisoformat(told).timestamp()
        assert (await control.ask("PUT", f"/admin/api-keys/{made['id']}", {"expires_at": None})).json()["expires_at"] is None


@pytest.mark.parametrize(
    "body",
    [
        {"key": "fwd_CANARY"},
        {"digest": "CANARY"},
        {"id": 7},
        {"role": "CANARY"},
        {"expires_at": "CANARY"},
        {"expires_at": "0001-01-01T00:00:00+14:00"},
        {"is_active": None},
        {"name": "a\nb"},
        {"name": ["CANARY"]},
        {"description": "x" * 5000},
    ],
)
async def test_what_is_refused(body: dict[str, Any], tmp_path: Path) -> None:
    async with controlling(tmp_path) as control:
        refused = await control.ask("POST", "/admin/api-keys", body)
        assert refused.status_code == 422
        assert "CANARY" not in refused.text
        assert control.store.snapshot.keys == {}


async def test_keys_of_the_file_are_listed_and_read_only(tmp_path: Path) -> None:
    (tmp_path / "keys.txt").write_text("fwd_from_the_file\n")
    async with controlling(tmp_path) as control:
        (record,) = (await control.ask("GET", "/admin/api-keys")).json()
        assert (record["source"], record["prefix"], record["created_at"]) == ("file", "fwd_from", None)
        assert control.store.digest("fwd_from_the_file")[:8] not in str(record)
        refused = await control.ask("DELETE", f"/admin/api-keys/{record['id']}")
        assert (refused.status_code, "key file" in refused.text) == (409, True)


async def test_last_use_is_shown(tmp_path: Path) -> None:
    async with controlling(tmp_path) as control:
        made = (await control.ask("POST", "/admin/api-keys", {})).json()
        now = datetime.now(UTC)
        control.store.touch_key(made["id"], now.timestamp())
        shown = (await control.ask("GET", f"/admin/api-keys/{made['id']}")).json()["last_used_at"]
        assert abs(datetime.fromisoformat(shown) - now) < timedelta(milliseconds=2)

"""`/admin/learned`: seen and cleared."""

import time
from pathlib import Path

from dragoman.core.config import Provider, Target
from support.control import Control, controlling

FIELDS = {"provider", "model", "dialect", "member", "said", "learned_at", "expires_at"}


def target(slug: str) -> Target:
    provider = Provider(id=1, name=slug, slug=slug, provider_type="openai", base_url="https://x.example/v1")
    return Target(provider=provider, model="m", dialect="openai-chat", base=provider.base_url)


def taught(control: Control) -> None:
    now = time.time()
    control.learned.refuses(target("openai"), ("temperature",), "Unknown parameter: 'temperature'.", now - 60)
    control.learned.refuses(target("gone"), ("tools.*.strict",), "<script>no</script>", now)
    control.learned.forgets(target("openai"), "a conversation", 3, now)


async def test_what_was_learned_is_seen(tmp_path: Path) -> None:
    async with controlling(tmp_path, {"OPENAI_API_KEY": "sk-CANARY-0123"}) as control:
        assert (await control.ask("GET", "/admin/learned")).json() == []
        taught(control)
        rows = (await control.ask("GET", "/admin/learned")).json()
        assert [(row["provider"], row["member"]) for row in rows] == [("gone", "tools.*.strict"), ("openai", "temperature")]
        assert set(rows[0]) == FIELDS
        assert rows[1]["said"] == "Unknown parameter: 'temperature'."
        assert rows[0]["learned_at"].endswith("Z")
        assert rows[0]["learned_at"][:4] <= rows[0]["expires_at"][:4]
        of_one = (await control.ask("GET", "/admin/learned/openai")).json()
        assert of_one == [rows[1]]
        by_id = (await control.ask("GET", "/admin/providers")).json()[0]["id"]
        assert (await control.ask("GET", f"/admin/learned/{by_id}")).json() == of_one
        assert (await control.ask("GET", "/admin/learned/nobody")).status_code == 404


async def test_it_is_forgotten_of_one_provider_or_of_all(tmp_path: Path) -> None:
    async with controlling(tmp_path, {"OPENAI_API_KEY": "sk-CANARY-0123"}) as control:
        taught(control)
        assert (await control.ask("DELETE", "/admin/learned/gone")).status_code == 204
        assert [row["provider"] for row in (await control.ask("GET", "/admin/learned")).json()] == ["openai"]
        assert (await control.ask("DELETE", "/admin/learned/nobody")).status_code == 404
        assert (await control.ask("DELETE", "/admin/learned/openai")).status_code == 204
        assert control.learned.turns(target("openai"), "a conversation", time.time()) == 0
        taught(control)
        cleared = await control.ask("DELETE", "/admin/learned")
        assert (cleared.status_code, cleared.content) == (204, b"")
        assert (await control.ask("GET", "/admin/learned")).json() == []


async def test_the_dashboard_shows_it_escaped(tmp_path: Path) -> None:
    async with controlling(tmp_path) as control:
        assert "Learned refusals" in (await control.ask("GET", "/admin")).text
        taught(control)
        page = (await control.ask("GET", "/admin")).text
        assert "<code>tools.*.strict</code>" in page
        assert "&lt;script&gt;" in page
        assert "<script>" not in page

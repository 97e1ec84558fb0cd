"""Several processes on one database."""

import asyncio
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from dragoman.store import Store
from support.store import opened, provider

_OTHER = """
import asyncio, sys
from pathlib import Path
from dragoman.settings import Settings
from dragoman.store import Store

async def main(folder, *names):
    there = {"database_url": f"sqlite:///{folder}/store.db", "keys_file": f"{folder}/keys.txt"}
    store = await Store.open(Settings.load({}, Path("none"), **there))
    for name in names:
        await store.create_provider({"name": name, "base_url": "https://api.example.com/v1", "api_key": "sk-0123456789"})
    print((await store.create_key({}))[1])
    await store.close()

asyncio.run(main(*sys.argv[1:]))
"""


def _start(folder: Path, *names: str) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", _OTHER, str(folder), *names], stdout=subprocess.PIPE, text=True, cwd=folder)


async def _until(store: Store, count: int) -> None:
    """Until that many providers are in the Snapshot."""
    async with asyncio.timeout(30):
        while sum(one.source == "database" for one in store.snapshot.providers) != count:
            await asyncio.sleep(0.02)


async def test_a_watching_store_sees_what_another_process_does(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        watching = asyncio.create_task(store.watch())
        other = _start(tmp_path, "from outside")
        text = (await asyncio.to_thread(other.communicate))[0].strip()
        await _until(store, 1)
        assert store.snapshot.providers[0].api_key.reveal() == "sk-0123456789"
        async with asyncio.timeout(30):
            while store.digest(text) not in store.snapshot.keys:
                await asyncio.sleep(0.02)
            (tmp_path / "keys.txt").write_text("fwd_written_by_hand\n")
            while store.digest("fwd_written_by_hand") not in store.snapshot.keys:
                await asyncio.sleep(0.02)
            (tmp_path / "keys.txt").unlink()
            while store.digest("fwd_written_by_hand") in store.snapshot.keys:
                await asyncio.sleep(0.02)
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


async def test_watching_survives_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        watching = asyncio.create_task(store.watch())
        (tmp_path / "keys.txt").write_bytes(b"\xff\xfe")
        await asyncio.sleep(0.7)
        (tmp_path / "keys.txt").write_text("fwd_good_again\n")
        async with asyncio.timeout(30):
            while not store.snapshot.keys:
                await asyncio.sleep(0.02)
        watching.cancel()


async def test_first_starts_at_once_share_one_secret_and_lose_no_write(tmp_path: Path) -> None:
    others = [_start(tmp_path, *(f"p{number}-{turn}" for turn in range(5))) for number in range(3)]
    texts = [(await asyncio.to_thread(other.communicate))[0].strip() for other in others]
    assert [other.returncode for other in others] == [0, 0, 0]
    async with opened(tmp_path) as store:
        assert store.snapshot.revision == 18
        assert store.warnings == ()
        assert {one.name for one in store.snapshot.providers if one.source == "database"} == {
            f"p{number}-{turn}" for number in range(3) for turn in range(5)
        }
        assert {store.digest(text) for text in texts} == set(store.snapshot.keys)
        assert (await store.create_provider(provider())).problem is None

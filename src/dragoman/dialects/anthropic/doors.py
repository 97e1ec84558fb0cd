"""What Anthropic's API has beside messages (API reference and SDK 2.11.0, 2026-11), as doors.

Left out: what administers an account (`/v1/organizations`, `/v1/user_profiles`, `/v1/vaults`, `/v1/tunnels`): no client of a
gateway may do that.
"""

from dragoman.dialects.base import Path
from dragoman.dialects.passing import kept

ROOTS = ("", "/api/anthropic")
"""Where clients find this API; at a provider it begins with `/v1`, which its base is without."""
_BATCHES = "v1/messages/batches"
_RESULTS = (("results_url", f"/{_BATCHES}/"),)
"""The SDK asks this URL for the results of a batch, whatever host is in it."""
_KEPT = (
    "files", "skills", "agents", "sessions", "environments", "deployments", "deployment_runs", "dreams", "memory_stores",
)  # fmt: skip

DOORS: tuple[Path, ...] = tuple(
    door
    for root in ROOTS
    for doors in (kept(root, _BATCHES, links=_RESULTS), *(kept(root, f"v1/{name}") for name in _KEPT))
    for door in doors
)
"""Of this whole API, but for messages, their counts and models."""

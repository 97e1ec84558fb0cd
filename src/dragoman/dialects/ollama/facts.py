"""What the dialect is called, its words, and what losing its members means. Dated tables, no code.

Source of all rows, unless one says otherwise: Ollama's `api/types.go`, `server/routes.go` and `openai/openai.go` of 2026-08-21.
"""

from collections.abc import Mapping

from dragoman.core.events import Reason
from dragoman.core.loss import LossKind

ID = "ollama"

OPTIONS: Mapping[str, str] = {
    "num_predict": "max_output_tokens",
    "temperature": "temperature",
    "top_k": "top_k",
    "top_p": "top_p",
    "seed": "seed",
    "stop": "stop",
    "presence_penalty": "presence_penalty",
    "frequency_penalty": "frequency_penalty",
}
"""Members of `options` -> the canonical ones they tell."""

OWN_OPTIONS = frozenset(
    {"num_ctx", "num_batch", "num_gpu", "main_gpu", "use_mmap", "num_thread", "draft_num_predict", "num_keep", "num_predict",
     "min_p", "typical_p", "repeat_last_n", "repeat_penalty", "mirostat", "mirostat_eta", "mirostat_tau"}
)  # fmt: skip
"""Options that are Ollama's own words, whichever dialect's client writes them beside its members (mirostat: before 2025)."""

OWN_MEMBERS = frozenset({"keep_alive", "think", "truncate", "shift"})
"""Top-level members that are its own words, likewise; `options` is merged."""

EFFORTS = ("none", "low", "medium", "high", "max")
"""Levels that `think` has words for; `false` is none. `max` since 2026."""

REASONS: Mapping[str, Reason] = {"stop": "stop", "length": "length"}
"""`load` and `unload` answer requests without messages."""

COUNTS = ("prompt_eval_count", "eval_count")
METRICS = frozenset({*COUNTS, "total_duration", "load_duration", "prompt_eval_duration", "eval_duration"})
"""Durations are nanoseconds."""

ANSWER_WEIGHTS: Mapping[str, LossKind | None] = {
    "*": LossKind.DROPPED,
    # whom a server has asked in its place
    "remote_model": None,
    "remote_host": None,
}

"""A deadline for a task: `asyncio.timeout` at half its price, which every call pays."""

import asyncio


class Deadline:
    """Cancels the current task after `seconds`, unless `cancel` comes first."""

    __slots__ = ("_expired", "_handle", "_task")

    def __init__(self, seconds: float) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("only inside a task")
        self._task, self._expired = task, False
        self._handle = task.get_loop().call_later(seconds, self._expire)

    def passed(self) -> bool:
        """Whether it was this deadline that cancelled the task, and nobody else; the task then goes on."""
        return self._expired and self._task.uncancel() == 0

    def cancel(self) -> None:
        self._handle.cancel()

    def _expire(self) -> None:
        self._expired = True
        self._task.cancel()

"""Why a change was refused. Rule: each message is one clear line for the person who asked, and holds no secret."""

from dragoman.core.errors import DragomanError


class ChangeError(DragomanError):
    """The change was refused and nothing was written."""


class InvalidError(ChangeError):
    """`field` has a value that cannot be used."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field, self.message = field, message


class UnknownError(ChangeError):
    """There is no such row."""


class ConflictError(ChangeError):
    """Another row has what must be unique."""


class ReadOnlyError(ChangeError):
    """The record does not come from the database and is changed where it comes from."""


class UnavailableError(ChangeError):
    """The database could not be written (locked for long, full, read-only)."""

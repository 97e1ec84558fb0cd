"""Exit codes, by cause, and the one place that turns what was raised into a line and a code."""

import sys
from enum import IntEnum

from dragoman.core.errors import CallError, ConfigError, ErrorKind


class Exit(IntEnum):
    """The values are a promise: scripts read them."""

    OK = 0
    DEFECT = 1
    USAGE = 2
    CONFIG = 3
    CONNECT = 4
    AUTH = 5
    FAILED = 6
    NOT_FOUND = 7
    REFUSED = 8
    LOSSY = 9
    INTERRUPTED = 130


MEANINGS = {
    Exit.OK: "done",
    Exit.DEFECT: "a defect of Dragoman's own (a traceback is shown: please report it)",
    Exit.USAGE: "the command was written wrongly",
    Exit.CONFIG: "a setting, the database or a file cannot be used",
    Exit.CONNECT: "the server or provider cannot be reached, or the address cannot be listened on",
    Exit.AUTH: "the key or the provider's credential was refused",
    Exit.FAILED: "the server or the provider failed (rate limits, overload, timeouts, broken answers)",
    Exit.NOT_FOUND: "no such provider, key or model",
    Exit.REFUSED: "the request was refused as it stands (invalid, too large, the name is taken, a target cannot say it)",
    Exit.LOSSY: "something would be dropped in translation, and `--strict` was given",
    Exit.INTERRUPTED: "interrupted",
}

BY_KIND = {
    ErrorKind.AUTH: Exit.AUTH,
    ErrorKind.PERMISSION: Exit.AUTH,
    ErrorKind.NOT_FOUND: Exit.NOT_FOUND,
    ErrorKind.BAD_REQUEST: Exit.REFUSED,
    ErrorKind.CONTEXT_OVERFLOW: Exit.REFUSED,
    ErrorKind.TOO_LARGE: Exit.REFUSED,
    ErrorKind.CONFLICT: Exit.REFUSED,
    ErrorKind.UNSUPPORTED: Exit.REFUSED,
    ErrorKind.CONTENT_POLICY: Exit.REFUSED,
}
"""Every other kind is FAILED."""

BY_STATUS = {
    400: Exit.REFUSED,
    401: Exit.AUTH,
    403: Exit.AUTH,
    404: Exit.NOT_FOUND,
    409: Exit.REFUSED,
    413: Exit.REFUSED,
    422: Exit.REFUSED,
}
"""Every other status of 400 and more is FAILED."""


class VerbError(Exception):
    """A verb ends: one line and its exit code."""

    def __init__(self, code: Exit, message: str) -> None:
        super().__init__(message)
        self.code = code


def reason(error: BaseException) -> tuple[Exit, str] | None:
    """(code, line) of what a verb may raise; None for anything that is a defect."""
    match error:
        case VerbError():
            return error.code, str(error)
        case ConfigError():
            return Exit.CONFIG, str(error)
        case CallError():
            return BY_KIND.get(error.error.kind, Exit.FAILED), error.error.message
        case KeyboardInterrupt():
            return Exit.INTERRUPTED, "interrupted"
        case PermissionError() | FileNotFoundError() | FileExistsError() | IsADirectoryError() | NotADirectoryError():
            return Exit.CONFIG, f"{error.filename}: {error.strerror}"
        case OSError():
            return Exit.CONNECT, error.strerror or str(error)
    if "pydantic" in sys.modules:
        return _bad_settings(error)
    return None


def _bad_settings(error: BaseException) -> tuple[Exit, str] | None:
    """Settings that cannot be used, by the names of their variables."""
    from pydantic import ValidationError

    from dragoman.settings import Settings

    if not isinstance(error, ValidationError):
        return None
    told = []
    for problem in error.errors():
        name = str(problem["loc"][0]) if problem["loc"] else ""
        field = Settings.model_fields.get(name)
        variable = ((field.alias if field is not None else None) or name).upper()
        told.append(f"{variable}: {problem['msg']} (it is {problem['input']!r})")
    return Exit.CONFIG, "; ".join(told)

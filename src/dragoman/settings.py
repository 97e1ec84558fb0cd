"""ENVIRONMENT AND .env -> one frozen Settings. Rule: nothing else in the house reads the environment.

`.env` in the working directory is read; the process environment beats it, except for the two names that Claude Code's users
set for the client side: there `.env` wins, and `warnings` says so.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

CLIENT_SIDE_NAMES = ("ANTHROPIC_BASE_URL", "ANTHROPIC_MODEL")
DEFAULT_SECRETS = frozenset(
    {"change-me", "changeme", "secret", "your-secret-key", "your-secret-key-here", "dev", "test", "admin", "password"}
)


class Settings(BaseSettings):
    """Every setting of the process. Times in seconds, sizes in bytes. Unknown names of the environment are ignored."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", case_sensitive=False, populate_by_name=True)

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on.")
    log_level: Literal["critical", "error", "warning", "info", "debug", "trace"] = Field(
        "info", description="How much is logged."
    )
    database_type: Literal["sqlite", "postgresql", "supabase"] = Field("sqlite", description="Kind of database.")
    database_url: str = Field("sqlite:///./dragoman.db", description="Where configuration is kept.")
    secret_key: str = Field("", description="Master secret. Empty: generated into a 0600 file beside the database.", repr=False)
    keys_file: str = Field("keys/forwarder_api_keys.txt", description="Client keys, one a line; watched.")
    admin_username: str = Field("admin", description="User name of the admin plane.")
    admin_password: str = Field("", description="Password of the admin plane (HTTP Basic).", repr=False)
    forwarder_key: str = Field("", description="Key that `dragoman call` uses. Opens nothing on the server.", repr=False)
    providers_priority: str = Field("", description="Comma-separated provider names for calls without a model, and for failover.")

    auth: Literal["auto", "required"] = Field("auto", alias="DRAGOMAN_AUTH", description="Who may call (docs: authentication).")
    attempts: int = Field(1, ge=1, le=10, alias="DRAGOMAN_ATTEMPTS", description="Tries per target.")
    retry_statuses: str = Field("", alias="DRAGOMAN_RETRY_STATUSES", description="Comma-separated statuses that move on, too.")
    retry_auth: bool = Field(
        True, alias="DRAGOMAN_RETRY_AUTH", description="A provider's 401 and 403 move on to the next target."
    )
    timeout_connect: float = Field(5.0, gt=0, alias="DRAGOMAN_TIMEOUT_CONNECT", description="To connect to a provider.")
    timeout_idle: float = Field(
        300.0, gt=0, alias="DRAGOMAN_TIMEOUT_IDLE", description="Silence between bytes, where the provider's record sets none."
    )
    timeout_total: float = Field(3600.0, gt=0, alias="DRAGOMAN_TIMEOUT_TOTAL", description="A whole call.")
    allow_private: bool = Field(
        False, alias="DRAGOMAN_ALLOW_PRIVATE", description="Providers on loopback and private addresses for every type."
    )
    max_body: int = Field(32 * 1024 * 1024, gt=0, alias="DRAGOMAN_MAX_BODY", description="Largest request body.")
    sandbox: bool = Field(False, alias="DRAGOMAN_SANDBOX", description="Serve the sandbox provider though others are configured.")
    strict: bool = Field(False, alias="DRAGOMAN_STRICT", description="Refuse what would be dropped, for every call.")

    environment: dict[str, str] = Field(default_factory=dict, exclude=True, repr=False)
    """The merged environment, for the providers' own variables (OPENAI_API_KEY, ...)."""
    warnings: tuple[str, ...] = Field((), exclude=True)

    @field_validator("database_url", "host", mode="before")
    @classmethod
    def _empty_is_default(cls, value: object, info: object) -> object:
        return value if value != "" else cls.model_fields[info.field_name].default  # type: ignore[attr-defined]

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None, env_file: Path | None = None, **overrides: object) -> Self:
        """Settings from the environment, `.env` and the command line's overrides. Raises pydantic.ValidationError."""
        process = dict(os.environ if environ is None else environ)
        file = _read_env_file(env_file or Path(".env"))
        merged = {**file, **process}
        warnings = []
        for name in CLIENT_SIDE_NAMES:
            if name in file and process.get(name, file[name]) != file[name]:
                merged[name] = file[name]
                warnings.append(f"{name} is set in .env and in the environment: .env is used (the other is for clients)")
        values = _named(cls, merged) | {name: value for name, value in overrides.items() if value is not None}
        return cls.model_validate({**values, "environment": merged, "warnings": tuple(warnings)})


def _named(cls: type[Settings], environment: Mapping[str, str]) -> dict[str, object]:
    """Field name -> value for the variables that are set and not empty."""
    upper = {name.upper(): value for name, value in environment.items()}
    found: dict[str, object] = {}
    for name, field in cls.model_fields.items():
        value = upper.get((field.alias or name).upper(), "")
        if value != "" and name not in ("environment", "warnings"):
            found[name] = value
    return found


def _read_env_file(path: Path) -> dict[str, str]:
    from dotenv import dotenv_values

    return {name: value for name, value in dotenv_values(path).items() if value is not None} if path.is_file() else {}

"""The shapes of admin bodies (requirement D15), for validation and for the API's documentation. Rule: unknown fields are refused
by name; what a value may be is decided in `store.validate`, for the CLI as well."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field


def _dialects(value: object) -> object:
    names = isinstance(value, list) and all(isinstance(item, str) for item in value)
    paths = isinstance(value, dict) and all(isinstance(item, str) for item in value.values())
    if not names and not paths:
        raise ValueError("must be a list of dialect ids, or an object of dialect ids and paths")
    return value


def _moment(value: datetime) -> datetime:
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)


Dialects = Annotated[list[str] | dict[str, str], BeforeValidator(_dialects)]
Moment = Annotated[datetime, AfterValidator(_moment)]

_NAME = Field(description="Display name for the provider.", examples=["OpenAI"])
_TYPE = Field(
    description="Type identifier: openai, azure, anthropic, gemini, mistral, ... Detected from name and URL if left out.",
    examples=["openai"],
)
_URL = Field(description="API endpoint URL.", examples=["https://api.openai.com/v1"])
_KEY = Field(description="The provider's key. Reads as `...last4`; sending that back keeps the stored one.", examples=["sk-..."])
_BIG = Field(description="Model for opus-tier requests.")
_MEDIUM = Field(description="Model for sonnet-tier requests.")
_SMALL = Field(description="Model for haiku-tier requests.")
_MODELS = Field(description="Further model ids that it serves.")
_PRIORITY = Field(description="Order of failover: lower is tried first.")
_HEADERS = Field(description="Additional HTTP headers.", examples=[{"anthropic-version": "2023-06-01"}])
_TIMEOUT = Field(description="Seconds of silence that are borne.")
_DIALECTS = Field(description="Dialect ids in order of preference, or ids and paths. Empty: as the type and the URL say.")
_OVERRIDES = Field(description="Deviations that differ from the preset's, by quirk.")
_STRICT = Field(description="Refuse what would be dropped in translation, for every call with this key.")
_EXPIRES = Field(description="From then on the key is refused. Without a time zone it is UTC.")


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class ProviderCreate(_Body):
    """A new provider (requirements S0-35..45)."""

    name: Annotated[str, _NAME]
    base_url: Annotated[str, _URL]
    api_key: Annotated[str, _KEY]
    provider_type: Annotated[str | None, _TYPE] = None
    big_model: Annotated[str | None, _BIG] = None
    medium_model: Annotated[str | None, _MEDIUM] = None
    small_model: Annotated[str | None, _SMALL] = None
    models: Annotated[list[str] | None, _MODELS] = None
    is_active: bool = True
    priority: Annotated[int, _PRIORITY] = 100
    headers: Annotated[dict[str, str] | None, _HEADERS] = None
    timeout: Annotated[float | None, _TIMEOUT] = None
    dialects: Annotated[Dialects | None, _DIALECTS] = None
    overrides: Annotated[dict[str, Any] | None, _OVERRIDES] = None


class ProviderUpdate(_Body):
    """The fields that change. Read-only ones are taken when they are as they were read, so that a record can be sent back."""

    name: Annotated[str, _NAME] = ""
    base_url: Annotated[str, _URL] = ""
    api_key: Annotated[str, _KEY] = ""
    provider_type: Annotated[str, _TYPE] = ""
    big_model: Annotated[str | None, _BIG] = None
    medium_model: Annotated[str | None, _MEDIUM] = None
    small_model: Annotated[str | None, _SMALL] = None
    models: Annotated[list[str] | None, _MODELS] = None
    is_active: bool = True
    priority: Annotated[int, _PRIORITY] = 100
    headers: Annotated[dict[str, str] | None, _HEADERS] = None
    timeout: Annotated[float | None, _TIMEOUT] = None
    dialects: Annotated[Dialects | None, _DIALECTS] = None
    overrides: Annotated[dict[str, Any] | None, _OVERRIDES] = None
    id: Any = None
    slug: Any = None
    source: Any = None
    problem: Any = None
    created_at: Any = None
    updated_at: Any = None


class ProviderRecord(BaseModel):
    """A provider as it is kept. `source`: env is read-only. `problem`: why it cannot serve though it is active."""

    id: int
    name: str
    slug: str
    provider_type: str
    base_url: str
    api_key: str
    big_model: str
    medium_model: str
    small_model: str
    models: list[str]
    is_active: bool
    priority: int
    headers: dict[str, str]
    timeout: float
    dialects: list[str] | dict[str, str]
    overrides: dict[str, Any]
    source: Literal["database", "env"]
    problem: str | None
    created_at: datetime | None
    updated_at: datetime | None


class KeyCreate(_Body):
    """A new client key; its text is told once, in the answer."""

    name: str | None = None
    description: str | None = None
    expires_at: Annotated[Moment | None, _EXPIRES] = None
    is_active: bool = True
    strict: Annotated[bool, _STRICT] = False


class KeyUpdate(_Body):
    """The fields that change."""

    name: str | None = None
    description: str | None = None
    expires_at: Annotated[Moment | None, _EXPIRES] = None
    is_active: bool = True
    strict: Annotated[bool, _STRICT] = False
    id: Any = None
    prefix: Any = None
    source: Any = None
    created_at: Any = None
    last_used_at: Any = None


class KeyRecord(BaseModel):
    """A client key as it is kept. `source`: file is read-only here. `prefix`: its first characters."""

    id: int | str
    name: str | None
    description: str | None
    expires_at: datetime | None
    is_active: bool
    strict: bool
    prefix: str
    source: Literal["database", "file"]
    created_at: datetime | None
    last_used_at: datetime | None


class KeyCreated(KeyRecord):
    """With its text, this once."""

    key: str


class LearnedRecord(BaseModel):
    """`member`: path in requests of `dialect`, `*` any place of a list. `said`: the provider's words, their beginning."""

    provider: str
    model: str
    dialect: str
    member: str
    said: str
    learned_at: datetime
    expires_at: datetime


class Connectivity(BaseModel):
    """How a test of a provider went."""

    status: str
    status_code: int | None
    latency_ms: float | None
    detail: str | None

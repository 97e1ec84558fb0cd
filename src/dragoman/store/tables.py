"""The tables as SQLAlchemy knows them, for writing. Rule: this module is imported with the first write and never at start."""

from sqlalchemy import Boolean, Column, Float, Integer, MetaData, String, Table, Text

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("deletions", Integer, nullable=False),
    Column("real_provider_ever", Boolean, nullable=False),
    Column("salt", String(64), nullable=False),
)
"""One row. `revision` grows with every change, `deletions` with every row that went away."""

providers = Table(
    "providers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("slug", String(200), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("name_key", String(400), nullable=False, unique=True),
    Column("provider_type", String(64), nullable=False),
    Column("base_url", Text, nullable=False),
    Column("api_key", Text, nullable=False),
    Column("headers", Text, nullable=False),
    Column("big_model", Text, nullable=False),
    Column("medium_model", Text, nullable=False),
    Column("small_model", Text, nullable=False),
    Column("models", Text, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("timeout", Float, nullable=False),
    Column("dialects", Text, nullable=False),
    Column("overrides", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
    Column("revision", Integer, nullable=False, index=True),
    sqlite_autoincrement=True,
)
"""`api_key` and `headers` are sealed; `models`, `dialects`, `overrides` and the opened `headers` are JSON. `revision`: of its
last change. Ids are never used again: secrets are bound to them."""

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("secret_id", String(16), nullable=False),
    Column("prefix", String(16), nullable=False),
    Column("name", String(200), nullable=False),
    Column("description", Text, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("strict", Boolean, nullable=False),
    Column("expires_at", Float, nullable=True),
    Column("created_at", Float, nullable=False),
    Column("last_used_at", Float, nullable=True),
    Column("revision", Integer, nullable=False, index=True),
    sqlite_autoincrement=True,
)
"""`secret_id`: the keyring under which `digest` was made."""

CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

CREATE TABLE meta (
    id INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    deletions INTEGER NOT NULL,
    real_provider_ever BOOLEAN NOT NULL,
    salt VARCHAR(64) NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE providers (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    slug VARCHAR(200) NOT NULL,
    name VARCHAR(200) NOT NULL,
    name_key VARCHAR(400) NOT NULL,
    provider_type VARCHAR(64) NOT NULL,
    base_url TEXT NOT NULL,
    api_key TEXT NOT NULL,
    headers TEXT NOT NULL,
    big_model TEXT NOT NULL,
    medium_model TEXT NOT NULL,
    small_model TEXT NOT NULL,
    models TEXT NOT NULL,
    is_active BOOLEAN NOT NULL,
    priority INTEGER NOT NULL,
    timeout FLOAT NOT NULL,
    dialects TEXT NOT NULL,
    overrides TEXT NOT NULL,
    created_at FLOAT NOT NULL,
    updated_at FLOAT NOT NULL,
    revision INTEGER NOT NULL,
    UNIQUE (slug),
    UNIQUE (name_key)
);

CREATE INDEX ix_providers_revision ON providers (revision);

CREATE TABLE api_keys (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    digest VARCHAR(64) NOT NULL,
    secret_id VARCHAR(16) NOT NULL,
    prefix VARCHAR(16) NOT NULL,
    name VARCHAR(200) NOT NULL,
    description TEXT NOT NULL,
    is_active BOOLEAN NOT NULL,
    strict BOOLEAN NOT NULL,
    expires_at FLOAT,
    created_at FLOAT NOT NULL,
    last_used_at FLOAT,
    revision INTEGER NOT NULL,
    UNIQUE (digest)
);

CREATE INDEX ix_api_keys_revision ON api_keys (revision);

INSERT INTO alembic_version (version_num) VALUES ('0001') RETURNING version_num;

# Every command of the project. Needs python3 (3.11 or newer), pip and make; uv is put into .uv/ where it is not on PATH.

PYTHON ?= python3
UV := $(shell uv --version >/dev/null 2>&1 && echo uv || echo .uv/bin/uv)
BOOTSTRAP := $(filter .uv/bin/uv,$(UV))
BIN := .venv/bin

# The Python that is there is used; none is downloaded.
UV_PYTHON ?= $(PYTHON)
UV_PYTHON_DOWNLOADS ?= never
# As pip, git and curl do: a company's proxy signs with a certificate that only the system knows.
UV_SYSTEM_CERTS ?= $(if $(wildcard /etc/ssl/certs/* /etc/ssl/cert.pem),true,false)
export UV_PYTHON UV_PYTHON_DOWNLOADS UV_SYSTEM_CERTS
unexport UV_PROJECT_ENVIRONMENT VIRTUAL_ENV

.PHONY: help run install test test-clients check bench golden format

help:            ## what there is
	@sed -n 's/^\([a-z-]*\): .*## /\1|/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "  make %-12s %s\n", $$1, $$2 }'

run: install     ## serve; honours HOST, PORT, DATABASE_URL and .env
	@$(BIN)/dragoman serve $(ARGS)

install: $(BOOTSTRAP) ## .venv/bin/dragoman and what it needs, nothing more
	@$(UV) sync --quiet --frozen --no-dev --inexact

test: develop    ## all tests; ARGS='-k name' for some
	@$(BIN)/pytest -n auto --dist worksteal $(ARGS)

test-clients: develop ## Claude Code, Codex and the JavaScript SDKs against it; node and npm, or one of PyPI's
	@{ command -v node && command -v npm; } >/dev/null || $(UV) sync --quiet --locked --group node
	@$(BIN)/python tests/support/node.py
	@$(BIN)/pytest -m clients -n 2 --dist worksteal tests/clients $(ARGS)

check: develop   ## format, lint, types, layers, generated files and the lock
	@$(UV) lock --quiet --check
	@$(BIN)/ruff format --quiet --check . || { echo "run: make format"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/pytest -m golden -n auto

golden: develop  ## write the generated files anew (docs tables, golden files)
	@$(BIN)/pytest -m golden --write-golden

bench: develop   ## CPU per request against nginx as a bare proxy; ARGS are the harness's
	@$(BIN)/python -m benchmarks.run $(ARGS)

format: develop  ## format the code, sort imports
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

.PHONY: develop
develop: $(BOOTSTRAP)
	@$(UV) sync --quiet --locked

.uv/bin/uv:
	@echo "uv is not on PATH: installing it into .uv/" >&2
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --root-user-action ignore --target .uv uv \
		|| { $(PYTHON) -m venv --clear .uv && .uv/bin/pip install --quiet --disable-pip-version-check uv; }

# Everything a person runs, one line each: `make help`.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install --quiet --require-hashes --only-binary=:all:

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Acuse needs Python 3.11 or newer, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv

.venv/.run: requirements/run.txt pyproject.toml | .venv/bin/python
	@echo "Installing what Acuse needs to run (about 20 seconds the first time)..."
	$(INSTALL) -r requirements/run.txt
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

.venv/.test: requirements/test.txt .venv/.run
	@echo "Installing what the suite needs (about a minute the first time)..."
	$(INSTALL) -r requirements/test.txt
	@touch $@

.PHONY: help setup demo serve test check format docs bench screenshots requirements clean

help:  ## list these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)$$/  make \1\t\2/' | expand -t 22

setup: .venv/.run  ## install into .venv, so that .venv/bin/acuse exists

demo: setup  ## a year of a taxpayer's CFDIs from the SAT simulator to your screen
	$(BIN)/acuse demo $(ARGS)

serve: setup  ## the application on 127.0.0.1:8000, database and worker included
	$(BIN)/acuse serve $(ARGS)

test: .venv/.test  ## the whole suite (tiers without their tool say so)
	$(BIN)/python -m pytest $(ARGS)

check: .venv/.test  ## format, lint, types, import contracts, figures, generated pages in step
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tools.figures
	$(BIN)/python -m tools.reference --check

format: .venv/.test  ## put the code into its form
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format --quiet .

docs: .venv/.test  ## write the generated pages (settings, errors, rights, commands) and .env.example
	$(BIN)/python -m tools.reference

bench: .venv/.test  ## the hot paths, as ratios against a limit or a peer in one run
	$(BIN)/python -m benchmarks $(ARGS)

screenshots: .venv/.test  ## every page in light and dark, wide and narrow, into screenshots/
	$(BIN)/python -m tools.screenshots $(ARGS)

requirements:  ## compile requirements/*.in to hashed files (needs uv; the index is configured outside)
	cd requirements && cat run.in test.in | uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate - -o test.txt
	cd requirements && uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -c test.txt run.in -o run.txt

clean:  ## remove the environment and caches (never the data in var/)
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache screenshots

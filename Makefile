# The two commands: `make run` opens the product, `make test` runs all that CI runs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ADDRESS ?= 127.0.0.1
PORT ?= 8000
export ZHIYIN_DATA ?= $(CURDIR)/data
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Python keeps what it compiles, wherever that is switched off: else every process compiles all of it anew.
export PYTHONDONTWRITEBYTECODE :=

# What the build hook turns into browser files and the message catalogue.
MADE_FROM := hatch_build.py package.json package-lock.json $(wildcard src/zhiyin/locale/*/*.po)

# What takes most of a minute to compile or to learn, which no server should do at its start.
COMPILED := $(wildcard src/zhiyin/warehouse/journeys/passes/*.py)
LEARNED := $(wildcard src/zhiyin/listen/seeds/*/*.yaml src/zhiyin/listen/seeds/*/*/*.yaml src/zhiyin/listen/learned.py)

.PHONY: setup run test test-rooms test-pages test-processes test-whole test-postgres test-duckdb-1 check test-holes audit fix bench fuzz crash docs lock browser-tools clean

setup: .make/installed

.make/venv: requirements/uv.lock
	$(PYTHON) -c 'import sys; assert (3, 11) <= sys.version_info[:2] < (3, 14), "Zhiyin needs Python 3.11, 3.12 or 3.13; name one with make PYTHON=python3.12"'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes --requirement requirements/uv.lock
	mkdir -p .make && touch $@

.make/libraries: .make/venv requirements/run.lock
	scripts/install --require-hashes --requirement requirements/run.lock
	touch $@

.make/installed: .make/libraries pyproject.toml $(MADE_FROM) $(COMPILED) $(LEARNED)
	scripts/install --no-deps --editable .
	$(BIN)/python -c 'from zhiyin.processes.log import prepare; prepare()'
	$(BIN)/python -c 'from zhiyin.listen.learned import prepare; prepare()'
	touch $@

.make/tools: .make/installed requirements/dev.lock requirements/duckdb-1.lock requirements/chdb.lock
	scripts/install --require-hashes --requirement requirements/dev.lock
	rm -rf .make/duckdb-1 .make/chdb
	scripts/install --require-hashes --no-deps --target .make/duckdb-1 --requirement requirements/duckdb-1.lock
	scripts/install --require-hashes --no-deps --target .make/chdb --requirement requirements/chdb.lock
	touch $@

run: setup
	$(BIN)/zhiyin serve --demo --host $(ADDRESS) --port $(PORT)

# Servers and a browser for the tests, from the distribution's packages.
browser-tools:
	./scripts/test-tools

# Three at a time, for two cores, since servers and browsers are waited for as much as they compute; the
# longest first, so that all end together: the rooms, the pages and the API of them apart; the product as a
# whole, its processes and programs apart; what has a second engine or store; style, types and docs.
test: .make/tools browser-tools
	+$(MAKE) --jobs=3 --keep-going --output-sync=target test-rooms test-pages test-processes test-whole test-postgres test-duckdb-1 check test-holes

PROCESSES := tests/processes tests/sdk

test-processes:
	$(BIN)/pytest $(PROCESSES)

test-whole:
	$(BIN)/pytest tests $(addprefix --ignore=,$(PROCESSES))

PAGES := src/zhiyin/web src/zhiyin/api

test-rooms:
	$(BIN)/pytest src $(addprefix --ignore=,$(PAGES))

test-pages:
	$(BIN)/pytest $(PAGES)

# What is marked `any_engine` or `any_store` has been asked in the rooms, and is not asked again.
test-duckdb-1:
	PYTHONPATH=.make/duckdb-1 $(BIN)/pytest -m 'not any_engine' src/zhiyin/warehouse src/zhiyin/measure

test-postgres:
	scripts/with-postgres $(BIN)/pytest -m 'not any_store' src/zhiyin/accounts src/zhiyin/unify $(PAGES) \
		tests/identity/test_matching.py tests/identity/test_forgetting.py

check: .make/tools
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/make.py --check

# Asks the advisory service of PyPI about every locked library. `audit` needs the internet; among the tests it says
# where it got no answer, and fails for a library with an advisory.
audit: .make/tools
	$(BIN)/python scripts/audit requirements/run.lock requirements/dev.lock

test-holes: .make/tools
	$(BIN)/python scripts/audit --if-answered requirements/run.lock requirements/dev.lock

fix: .make/tools
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: .make/tools
	$(BIN)/python -m bench

fuzz: .make/tools
	FUZZ_CASES=10500 $(BIN)/pytest -s src/zhiyin/api/tests/test_fuzz.py

crash: .make/tools
	$(BIN)/python -m bench.crash

docs: .make/tools
	$(BIN)/python docs/make.py

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url

lock: .make/tools
	$(LOCK) pyproject.toml --output-file requirements/run.lock
	$(LOCK) pyproject.toml --extra dev --constraint requirements/run.lock --output-file requirements/dev.lock
	echo uv | $(LOCK) - --constraint requirements/dev.lock --output-file requirements/uv.lock
	echo 'duckdb<2' | $(LOCK) - --output-file requirements/duckdb-1.lock
	printf 'chdb<5\nchdb-core\n' | $(LOCK) --no-deps - --output-file requirements/chdb.lock

clean:
	rm -rf .make $(VENV) src/zhiyin/web/static/vendor src/zhiyin/locale/*/LC_MESSAGES

# Each target makes its own .venv; nothing but Python 3.11 or newer is needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SCENARIO ?= scenarios/rush_hour.yaml
PYTEST_ARGS ?=
SEEDS ?= 1..2000

# Docker Compose, version 2 where it is, else version 1 (which names its containers otherwise and is else the same to us)
COMPOSE ?= $(shell docker compose version >/dev/null 2>&1 && echo docker compose || echo docker-compose)
TRIO = $(COMPOSE) -p $(TRIO_PROJECT) -f docker/compose.trio.yaml
TRIO_PROJECT ?= recarga-trio
export RECARGA_REVISION ?= $(shell git rev-parse HEAD 2>/dev/null || echo unknown)
INTERACTIVE = $(TRIO) run --rm --service-ports --use-aliases

.PHONY: run network explore nightly test check bench soak rough schemas lock clean help \
	build-client build-server build sbom run-client run-server1 run-server2 run-server3 run-servers up up-build down

help: ## show the targets
	@awk -F ':.*## ' '/^[a-z0-9 -]+:.*## / {split($$1, names, " "); for (i = 1; i in names; i++) printf "%-14s%s\n", names[i], $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.run ## play scenarios/rush_hour.yaml (or SCENARIO=...) and report
	$(BIN)/recarga run $(SCENARIO)

network: $(VENV)/.run ## a network of three nodes to play with, without Docker, until Ctrl-C
	$(BIN)/recarga up

test: $(VENV)/.dev check ## check and all tests
	$(BIN)/python -m pytest $(PYTEST_ARGS)

check: $(VENV)/.dev ## ruff, mypy strict, the dependency rule, drift of the generated documents, known vulnerabilities
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --config pyproject.toml
	$(BIN)/python -m sim.scenario.json_schema | diff -u scenarios/scenario.schema.json - || (echo "run: make schemas" >&2; exit 1)
	$(BIN)/python -m sim.report.json_schema | diff -u docs/report.schema.json - || (echo "run: make schemas" >&2; exit 1)
	$(BIN)/python -m nodes.openapi | diff -q docs/openapi.json - || (echo "run: make schemas" >&2; exit 1)
	$(BIN)/python -m nodes.asyncapi | diff -u docs/asyncapi.json - || (echo "run: make schemas" >&2; exit 1)
	$(BIN)/python -m nodes.problems | diff -u docs/problems.md - || (echo "run: make schemas" >&2; exit 1)
	$(BIN)/python -m tests.vulnerabilities

schemas: $(VENV)/.dev ## write the generated documents anew
	$(BIN)/python -m sim.scenario.json_schema > scenarios/scenario.schema.json
	$(BIN)/python -m sim.report.json_schema > docs/report.schema.json
	$(BIN)/python -m nodes.openapi > docs/openapi.json
	$(BIN)/python -m nodes.asyncapi > docs/asyncapi.json
	$(BIN)/python -m nodes.problems > docs/problems.md

explore: $(VENV)/.run ## 2,000 seeds with faults on, all cores; every promise must hold
	$(BIN)/recarga explore scenarios/exploration.yaml --seeds $(SEEDS)

nightly: $(VENV)/.dev ## explore, every planted bug within its budget, 200 seeds twice, queueing theory with long runs
	$(BIN)/recarga explore scenarios/exploration.yaml --seeds $(SEEDS)
	$(BIN)/recarga explore scenarios/trips_exploration.yaml --seeds $(SEEDS)
	$(BIN)/recarga explore scenarios/exploration.yaml --planted all
	$(BIN)/recarga explore scenarios/trips_exploration.yaml --planted all
	$(BIN)/recarga explore scenarios/exploration.yaml --seeds 1..200 --twice
	RECARGA_QUEUEING_VEHICLES=8000 $(BIN)/python -m pytest -q tests/sim/queueing/test_formulae.py

bench: $(VENV)/.dev ## all benchmarks, ratios in one run (bench/README.md)
	$(BIN)/python -m bench

soak: $(VENV)/.dev ## 200 cycles of kill -9 under load
	RECARGA_KILL_CYCLES=200 $(BIN)/python -m pytest -q -s tests/sim/test_kill_cycles.py

rough: $(VENV)/.run ## broker, nodes and links of a real network fail under load (Linux, root, iproute2, mosquitto)
	$(BIN)/recarga run scenarios/rough_day_live.yaml --mode local --broker mosquitto

lock: $(VENV)/bin/python ## write the lists of what the image installs anew (docker/*.lock)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.5,<1'
	$(LOCK) $(patsubst %,--extra %,$(IMAGE_EXTRAS)) pyproject.toml -o docker/requirements.lock
	$(LOCK) --no-annotate docker/requirements-build.in -o docker/requirements-build.lock

LOCK = $(BIN)/python -m uv pip compile --quiet --universal --generate-hashes --no-header --upgrade --python-version 3.12
IMAGE_EXTRAS := otel client postgres

# ---- three servers in containers (docs/deploy.md) ----

build-client: ## the image, for the terminal client
	$(TRIO) build client

build-server: ## the image, for the servers
	$(TRIO) build server1 server2 server3

build: ## all images that are built here
	$(TRIO) build

run-client: ## the terminal client, here and now; the servers are started where they are not up
	$(INTERACTIVE) client

run-server1 run-server2 run-server3: run-%: ## one server, here and now, in place of the one in the background; Ctrl-C stops it
	$(TRIO) rm --stop --force $*
	$(INTERACTIVE) $*

run-servers: ## all servers, in the background
	$(TRIO) up -d server1 server2 server3

up: ## servers, broker and client, in the background
	$(TRIO) up -d

up-build: ## the same, built anew
	$(TRIO) up -d --build

sbom: ## what the image holds, with versions and licences (CycloneDX), on standard output
	@docker run --rm --entrypoint cat recarga:$(or $(RECARGA_TAG),dev) /venv/share/sbom/recarga.cdx.json

down: ## end them all; databases and keys stay
	$(TRIO) down

clean: ## remove what the targets made
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  (echo "Recarga needs Python 3.11 or newer; say which: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; exit 1)
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.dev: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test,dev]'
	@touch $@ $(VENV)/.run

# Each target makes its own .venv; nothing but Python 3.11 or newer is needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SCENARIO ?= scenarios/rush_hour.yaml
PYTEST_ARGS ?=
SEEDS ?= 1..2000

.PHONY: run up explore nightly test check bench soak rough schemas clean help

help: ## show the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run: $(VENV)/.run ## play scenarios/rush_hour.yaml (or SCENARIO=...) and report
	$(BIN)/recarga run $(SCENARIO)

up: $(VENV)/.run ## a network of three nodes to play with, until Ctrl-C
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

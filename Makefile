# Sendalong. `make demo` shows everything; `make help` lists the rest.
# It needs python3 (3.11 or newer) and make; everything else comes from requirements.lock.

SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# A suite starts some fifty processes: each would compile all modules anew where nothing is kept.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo up test test-deep check fmt reset lock histories chaos rehearse-deploy robo screenshots openapi client

help: ## List the targets
	@echo "Sendalong: make TARGET"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-15s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: $(STAMP) ## Play four deliveries through the REST API and show what happened
	@$(BIN)/sendalong demo

up: $(STAMP) ## Start everything on this machine until Ctrl-C; ports: make up ARGS=--free-ports
	@$(BIN)/sendalong up $(ARGS)

test: check ## Run the checks and every test, with coverage
	@echo "==> tests (three at a time)"
	@$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder --cov --cov-report=term --cov-fail-under=90
	@echo "==> coverage of rules and sagas"
	@$(BIN)/coverage report --include='domain/*,workflows/*' --fail-under=95

# `make test` plays the same plans every time; this draws others, and prints their seed.
test-deep: $(STAMP) ## Play 2,000 deliveries' money through every trouble: make test-deep N=5000 SEED=7
	@MONEY_EXAMPLES=$(or $(N),2000) MONEY_SEED=$(or $(SEED),$(shell date +%s)) \
	  $(BIN)/pytest -n 3 --dist loadfile tests/money_machine $(ARGS)

check: $(STAMP) ## Lint, format, types and import directions
	@echo "==> ruff check"
	@$(BIN)/ruff check .
	@echo "==> ruff format"
	@$(BIN)/ruff format --check .
	@echo "==> mypy"
	@$(BIN)/mypy --num-workers 2
	@echo "==> import directions"
	@$(BIN)/lint-imports

fmt: $(STAMP) ## Put the code into its format and mend what can be mended
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

reset: $(STAMP) ## Remove every delivery, key and log of the local stack; asks first
	@$(BIN)/sendalong reset $(ARGS)

setup: $(STAMP) ## Install everything into .venv; the other targets do it when needed

histories: $(STAMP) ## Keep a history of each exit of a delivery that has none yet
	@$(BIN)/python -m tests.histories.record

screenshots: $(STAMP) ## Take the pictures of the guides from the real Web UI; needs Chromium and Playwright
	@$(BIN)/python docs/screenshots/take.py

chaos: $(STAMP) ## Kill every part at random under N deliveries: make chaos N=200 SEED=7
	@$(BIN)/python -m tests.chaos --deliveries $(or $(N),200) $(if $(SEED),--seed $(SEED)) $(ARGS)

robo: $(STAMP) ## Let robots play scenarios: make robo SCENARIO=happy SPEED=10, or SCENARIO=all
	@$(BIN)/sendalong robo --scenario $(or $(SCENARIO),happy) --speed $(or $(SPEED),10) $(ARGS)

openapi: $(STAMP) ## Write the description of the API to docs/openapi.json
	@$(BIN)/python -m tests.description.write

client: $(STAMP) ## Generate the typed Python client from docs/openapi.json into build/client
	@$(BIN)/python -m tests.description.write client

rehearse-deploy: $(STAMP) ## Change from one build of the workers to the next under 50 deliveries
	@$(BIN)/python -m tests.evolution $(ARGS)

lock: $(STAMP) ## Pin the dependencies in requirements.lock; newest ones: make lock ARGS=--upgrade
	@echo "==> resolving the dependencies of pyproject.toml"
	@$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras \
	  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header \
	  --extra dev --output-file requirements.lock $(ARGS) pyproject.toml
	@$(MAKE) --no-print-directory setup

# The stamp is older than the lock exactly when something must be installed.
$(STAMP): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Sendalong needs Python 3.11 or newer: make PYTHON=/path/to/python3 ..."; exit 1; }
	@test -x $(BIN)/python || { echo "==> creating $(VENV)"; $(PYTHON) -m venv $(VENV); }
	@echo "==> installing the packages of requirements.lock, each checked by its hash"
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@echo "==> installing sendalong itself, editable"
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

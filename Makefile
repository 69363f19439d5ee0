# `make` lists the verbs. What they leave behind is under var/ and in the environment's folder.
# The environment (VENV, by default .venv) is built when a verb first needs it.

PYTHON ?= python3
VENV ?= .venv
PORT ?= 8000
SANDBOX ?=
REQUIRE_MARIADB ?=
QUICK ?=
PROCESSES ?= 2
ARGS ?=

python := $(VENV)/bin/python
# The lists are complete, so pip need not look further (and would ask for what was left out on purpose).
pip := $(python) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes
# Two stamps: the product alone is what `demo` and `run` need, the tools are for the rest.
product := $(VENV)/product.stamp
tools := $(VENV)/tools.stamp
driver := $(VENV)/driver.stamp
compile := $(VENV)/bin/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 \
	--no-emit-index-url --no-emit-find-links --no-header --extra labels pyproject.toml
OUT ?= .

.DEFAULT_GOAL := help
.PHONY: help setup demo run test test-crashes test-schedules test-disturbances test-fuzz test-e2e bench \
	lint format types requirements messages clean

help: ## list the verbs
	@grep -E '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /\1\t/' | expand -t 20

setup: $(tools) ## build the environment, nothing else

demo: $(product) ## start everything and play the main job before your eyes
	$(python) manage.py demo $(ARGS)

run: $(product) ## web, worker and clock on PORT (8000) until Ctrl-C; SANDBOX=1: the sandbox too
	$(python) manage.py run --port $(PORT) $(if $(filter-out 0,$(SANDBOX)),--sandbox) $(ARGS)

# A file's tests stay together, so that what it sets up once is set up once.
suite = $(python) -m pytest -n $(PROCESSES) --dist loadfile

test: $(tools) ## the suite on SQLite, then on MariaDB, by PROCESSES (2); ARGS goes to pytest
	$(suite) --engine sqlite $(ARGS)
	@$(MAKE) --no-print-directory $(driver)
	@if $(python) -m tests.mariadb --check; then \
		echo "$(suite) --engine mariadb $(ARGS)"; \
		$(suite) --engine mariadb $(ARGS); \
	else test "$(REQUIRE_MARIADB)" != 1; fi

# The long proofs; ENGINE=sqlite or mariadb runs one of the two.
ENGINE ?= sqlite mariadb
tried = test -n "$(strip $(ENGINE))" && for engine in $(ENGINE); do $(python) -m pytest --engine $$engine tests/$(1) $(ARGS) || exit 1; done
prove = $(call tried,proofs/$(1))

test-crashes: $(tools) $(driver) ## a worker killed at every statement, commit and call of 34 stories
	$(call prove,crashes)

test-schedules: $(tools) $(driver) ## a hundred seeds of faults; all: python -m tests.proofs.schedules
	$(call prove,schedules)

test-disturbances: $(tools) $(driver) ## database killed, disk full, clock set back (needs root)
	$(call prove,disturbances)

test-fuzz: $(tools) $(driver) ## random and hostile input at every door
	$(call prove,fuzz)

test-e2e: $(tools) $(driver) ## demo, tenants' clients on node, an operator's day in a browser (var/screenshots)
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || \
		{ echo "apt-get install chromium fonts-noto-cjk"; exit 1; }
	@command -v node >/dev/null && command -v npm >/dev/null || \
		{ echo "apt-get install nodejs npm"; exit 1; }
	@$(pip) -r requirements-production.txt
	$(call tried,e2e)

bench: $(tools) $(driver) ## measure the hot paths; QUICK=1: some minutes, without goals
	@$(pip) -r requirements-production.txt
	$(python) -m benchmarks $(if $(filter-out 0,$(QUICK)),--quick --no-goals) $(ARGS)

lint: $(tools) ## style, form, import contracts, spelling, shell
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/lint-imports --cache-dir var/cache/import-linter
	$(VENV)/bin/typos
	$(VENV)/bin/shellcheck .ci/run docs/signing.sh

format: $(tools) ## mend what lint can mend by itself
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

types: $(tools) ## static types
	$(VENV)/bin/mypy

requirements: $(tools) ## compile the four lists of pinned dependencies; OUT=folder to write elsewhere
	$(compile) -o $(OUT)/requirements.txt
	$(compile) --group dev -c requirements.txt -o $(OUT)/requirements-dev.txt
	$(compile) --extra production -c requirements.txt -o $(OUT)/requirements-production.txt
	$(compile) --extra mysql -c requirements.txt -o $(OUT)/requirements-mysql.txt

messages: $(tools) ## collect the console's strings (needs xgettext) and compile its Chinese
	@command -v xgettext >/dev/null || { echo "apt-get install gettext"; exit 1; }
	$(python) manage.py makemessages -l zh_Hans --no-location -i .venv -i var -i tests
	$(python) -c 'import polib; p = polib.pofile("config/locale/zh_Hans/LC_MESSAGES/django.po"); p.save_as_mofile("config/locale/zh_Hans/LC_MESSAGES/django.mo")'

clean: ## remove the environment and every cache; your data in var/ stay
	rm -rf $(VENV) var/cache var/tests var/hypothesis var/static
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the environment -------------------------------------------------------------------------------

$(product): requirements.txt | $(python)
	$(pip) -r requirements.txt
	@touch $@

$(tools): requirements-dev.txt | $(python)
	$(pip) -r requirements-dev.txt
	@touch $@ $(product)

# Tried where the server's headers are; SQLite needs none of it, so a failure is only said.
$(driver): requirements-mysql.txt
	@if pkg-config --exists libmariadb 2>/dev/null || pkg-config --exists mysqlclient 2>/dev/null; then \
		if $(pip) -r requirements-mysql.txt; then touch $@; else echo "The MariaDB driver was not built: see above."; fi; \
	fi

$(python):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; make PYTHON=... names one."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ [ "$$(id -u)" = 0 ] && apt-get update -q && apt-get install -y -q python3-venv; } || \
		{ echo "This Python has no venv module. As root: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)

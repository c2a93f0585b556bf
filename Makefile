# Liren. `make run` starts the portal with a demo district, `make test` proves it. Both need Python 3.11, make and git.

PYTHON ?= python3
VENV_PYTHON := .venv/bin/python
# More arguments for pytest: make test ARGS="-k outbox"
ARGS ?=
WORKERS ?= 2
MO := $(patsubst %.po,%.mo,$(wildcard governance/locale/*/LC_MESSAGES/*.po))

# Each step relies on the one before.
.NOTPARALLEL:
.PHONY: run test stop reset-demo runtime dev assets messages browser lint format extract lock help

run: runtime assets messages  ## start everything; Ctrl-C stops it. PORT=8001 and HOST= choose the address
	@exec $(VENV_PYTHON) -m governance.embedded run

test: dev assets messages browser lint  ## everything that must hold, in real browsers and on a real database
# Small helpings: one worker must not be left alone with the last browser tests.
	@exec $(VENV_PYTHON) -m governance.embedded test -n $(WORKERS) --maxschedchunk 12 $(ARGS)

stop: runtime  ## stop a running portal from another terminal
	@exec $(VENV_PYTHON) -m governance.embedded stop

reset-demo: runtime assets messages  ## throw the demo's data away and make it anew
	@exec $(VENV_PYTHON) -m governance.embedded reset-demo

runtime:
	@$(PYTHON) scripts/install.py runtime

dev:
	@$(PYTHON) scripts/install.py dev

assets:
	@$(VENV_PYTHON) scripts/build_assets.py

messages: $(MO)

%.mo: %.po
	@$(VENV_PYTHON) scripts/messages.py compile

browser:
	@$(VENV_PYTHON) scripts/browser.py

lint: dev  ## style and the one-way rule between packages
	$(VENV_PYTHON) -m ruff check .
	$(VENV_PYTHON) -m ruff format --check .
	.venv/bin/lint-imports
	DATABASE_URL=postgresql:///types REDIS_URL=redis:///0 .venv/bin/mypy governance grid population requests_intake setup_wizard

format: dev  ## put the sources into shape
	$(VENV_PYTHON) -m ruff check --fix .
	$(VENV_PYTHON) -m ruff format .

extract: dev  ## bring the English catalogue up to the sources, then list what lacks English
	$(VENV_PYTHON) scripts/messages.py extract
	$(VENV_PYTHON) scripts/messages.py check

lock: dev  ## resolve the dependencies of pyproject.toml and package.json anew
	.venv/bin/uv pip compile --python-version 3.11 --generate-hashes --no-header -q pyproject.toml -o requirements/runtime.txt
	.venv/bin/uv pip compile --python-version 3.11 --generate-hashes --no-header -q --group dev -c requirements/runtime.txt \
	    pyproject.toml -o requirements/dev.txt
	npm install --package-lock-only

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  \1	/'

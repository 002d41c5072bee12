# Masthead. The two commands a newcomer needs: `make run` and `make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
export FLASK_APP := wsgi
COVER :=  # options of pytest; `make check` measures coverage

.PHONY: run install dev test browse check lint bench lock clean

run: $(VENV)/run.stamp  ## Install, migrate and serve at http://127.0.0.1:8000
	@echo "Bringing the database up to date and starting…"
	@$(BIN)/flask serve

install: $(VENV)/run.stamp  ## Only install, for a server that systemd starts
	@echo "The pinned requirements are installed."

dev: $(VENV)/run.stamp  ## The same, reloading when the code changes
	@$(BIN)/flask db upgrade && $(BIN)/flask run --debug --port $${PORT:-8000}

test: $(VENV)/dev.stamp  ## All tests that need no browser, on SQLite and on a PostgreSQL of their own
	@$(BIN)/python -m pytest -n auto $(COVER) --ignore=tests/browser

browse: $(VENV)/dev.stamp  ## The tests in a real browser, for which Chromium must be installed
	@$(BIN)/python -m pytest -n auto $(COVER) tests/browser

check: lint  ## What CI runs: style, types, templates, and all tests with coverage
	@rm -f .coverage .coverage.*
	@$(MAKE) --no-print-directory test COVER="--cov --cov-append --cov-report="
	@$(MAKE) --no-print-directory browse COVER="--cov --cov-append --cov-report="
	@$(BIN)/coverage combine -q --append 2>/dev/null || true
	@$(BIN)/coverage report

lint: $(VENV)/dev.stamp  ## Only the style, types and templates
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/djlint --lint --quiet templates

bench: $(VENV)/dev.stamp  ## The figures in docs/measurements.md
	@$(BIN)/python -m benchmarks

lock: $(VENV)/dev.stamp  ## Take the newest versions that requirements*.in allow
	@$(BIN)/uv pip compile -q --universal --generate-hashes --python-version 3.11 --upgrade \
		--no-emit-index-url --no-strip-extras --custom-compile-command "make lock" requirements.in -o requirements.txt
	@$(BIN)/uv pip compile -q --universal --generate-hashes --python-version 3.11 --upgrade \
		--no-emit-index-url --no-strip-extras --custom-compile-command "make lock" -c requirements.txt requirements-dev.in -o requirements-dev.txt

clean:  ## Remove what these commands have made, but never instance/
	rm -rf $(VENV) .coverage* .pytest_cache .mypy_cache .ruff_cache

# An environment whose Python went away, or whose folder was moved, is void: it is made anew.
$(shell grep -qsF "$(CURDIR)/$(VENV)" $(VENV)/pyvenv.cfg && [ -x $(BIN)/python ] || rm -f $(BIN)/python $(VENV)/*.stamp)

$(VENV)/run.stamp: requirements.txt | $(BIN)/python
	@echo "Installing the pinned requirements (the first time only; it may take a minute)…"
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt $(VENV)/run.stamp
	@echo "Installing what the tests need…"
	@$(PIP) -r requirements-dev.txt
	@touch $@

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "Masthead needs Python 3.11 or later, and there is no $(PYTHON). If it has another name: make run PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Masthead needs Python 3.11 or later; $(PYTHON) is " + sys.version.split()[0] + ". If there is a newer one: make run PYTHON=python3.12")'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "This Python cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "Making a virtual environment in $(VENV)…"
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; }

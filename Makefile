# The commands of the house. Needed beforehand: Python 3.11 or newer with pip, and make; nothing else.
# PORT chooses the demo's port, JOBS the number of test processes, PYTHON the interpreter.

VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
JOBS ?= 2
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links --no-config pyproject.toml
RUNTIME := $(VENV)/.runtime
DEVELOPMENT := $(VENV)/.development

export PORT
export DEBUG = true
export UV_HTTP_TIMEOUT = 180
export UV_LINK_MODE = copy
export PIP_DISABLE_PIP_VERSION_CHECK = 1
# Where compiled modules are not kept, as in many images, each of our processes compiles for seconds.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test bench lint format lock chromium clean

demo: $(RUNTIME)
	@exec $(BIN)/python manage.py demo

test: $(DEVELOPMENT) chromium
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup

bench: $(DEVELOPMENT)
	$(BIN)/python -m tests.bench

lint: $(DEVELOPMENT)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run

format: $(DEVELOPMENT)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The locks name every package with its hashes and no address; both come from pyproject.toml.
lock: $(BIN)/uv
	$(COMPILE) --all-extras --output-file requirements-dev.lock $(UPGRADE)
	$(COMPILE) --extra demo --constraint requirements-dev.lock --output-file requirements.lock $(UPGRADE)

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .import_linter_cache .hypothesis bench.json

# Some systems split venv's pip into a package of its own; the interpreter's pip then fills in.
$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found." >&2; exit 1; }
	@echo "Making a virtual environment in $(VENV)."
	@$(PYTHON) -m venv $(VENV) || $(PYTHON) -m venv --clear --without-pip $(VENV)

$(BIN)/uv: | $(BIN)/python
	@$(call pip,install --quiet uv)

$(RUNTIME): requirements.lock | $(BIN)/uv
	$(call install,requirements.lock)
	@touch $@

$(DEVELOPMENT): requirements-dev.lock | $(BIN)/uv
	$(call install,requirements-dev.lock)
	@touch $@

# pip takes over where it knows a way to the packages that uv does not (a configured index).
define install
@echo "Installing what $(1) names."
@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1) \
	|| $(call pip,install --quiet --require-hashes -r $(1))
endef

pip = $(BIN)/python -m pip $(1) || $(PYTHON) -m pip --python $(BIN)/python $(1)

# The browser tests drive the system's chromium; where it is missing and may be installed, it is.
chromium:
	@sh tests/browser/chromium.sh

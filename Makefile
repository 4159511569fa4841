# `make chat` and `make test` each do everything on a fresh machine that has Python 3.11 or newer.
# The rest wants the same set-up and makes it when it is missing.

VENV := .venv
BIN := $(VENV)/bin
SUITABLE := import ensurepip, sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11 python,\
	$(shell $(name) -c '$(SUITABLE)' >/dev/null 2>&1 && echo $(name))))
NO_PYTHON := Crossquote needs Python 3.11 or newer with its venv module, and found none. \
	Install it, or name it: make PYTHON=/path/to/python3

.PHONY: chat test slow lint gate eval bench

chat: $(VENV)/.installed
	$(BIN)/crossquote index seeds
	$(BIN)/crossquote chat --examples seeds/.examples

test: $(VENV)/.installed-dev
	$(BIN)/pytest

slow: $(VENV)/.installed-dev
	$(BIN)/pytest -m slow

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

gate: $(VENV)/.installed
	$(BIN)/crossquote index seeds
	$(BIN)/crossquote eval gate eval/seeds.toml

eval: $(VENV)/.installed
	@test -n "$(DATA)" || { echo "Name the data: make eval DATA=path/to/xquad-r"; exit 2; }
	$(BIN)/crossquote eval retrieval --data "$(DATA)"

bench: $(VENV)/.installed
	$(BIN)/crossquote index seeds
	$(BIN)/crossquote bench

$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/pip
	$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(BIN)/pip
	$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $(VENV)/.installed $@

$(BIN)/pip:  # the last that venv writes
	@$(or $(PYTHON),false) -c '$(SUITABLE)' 2>/dev/null || { echo "$(NO_PYTHON)"; exit 2; }
	$(PYTHON) -m venv $(VENV)

# `make run` and `make test` are all that is needed; both set up first.
PYTHON ?= python3
BIN := .venv/bin
# Processes that share the tests out; each stays on one core.
WORKERS ?= 2

.PHONY: run test setup setup-dev check unit

run: setup
	@$(BIN)/python -m index build articles
	@$(BIN)/python app.py

test: setup-dev check unit

setup: .venv/installed

setup-dev: .venv/installed-dev

check: setup-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

unit: setup-dev
	OMP_NUM_THREADS=1 $(BIN)/pytest -n $(WORKERS) --dist loadgroup --no-loadscope-reorder

.venv/installed: requirements.txt
	@# A new pip, since an older one warns of how justext asks for lxml.
	test -x $(BIN)/python || $(PYTHON) -m venv --upgrade-deps .venv
	$(BIN)/python -m pip install --disable-pip-version-check -r requirements.txt
	touch $@

.venv/installed-dev: requirements-dev.txt requirements-formats.txt requirements-milvus.txt .venv/installed
	$(BIN)/python -m pip install --disable-pip-version-check -r requirements-dev.txt
	touch $@

# The first two need nothing but Python 3.11 and make: they set up .venv themselves.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check lint types layers storm bench coverage docs clean

demo: .venv/installed          ## set up and run the main job on the example firm
	$(BIN)/autotime demo

test: .venv/installed-dev      ## set up and pass the tests
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: lint types layers       ## style, types, architecture

lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/installed-dev
	$(BIN)/mypy

layers: .venv/installed-dev
	$(BIN)/lint-imports

storm: .venv/installed-dev     ## the long random and exhaustive runs
	$(BIN)/python -m pytest -n 2 -m storm

bench: .venv/installed-dev     ## every number the documentation quotes, as JSON
	@$(BIN)/python -m benchmarks

coverage: .venv/installed-dev
	$(BIN)/python -m pytest -n 2 --dist loadfile --cov --cov-report=term-missing:skip-covered

docs: .venv/installed-dev      ## write the generated pages anew
	$(BIN)/python -m docs.generate

# An environment made half-way is taken away, or the next attempt would believe in it.
.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "autotime needs Python 3.11 or later: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

# Without -q so that a first run, which takes a minute, is seen to move.
.venv/installed: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --disable-pip-version-check -e .
	@touch $@

# The development install holds the plain one, so both marks are set.
.venv/installed-dev: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --disable-pip-version-check -e '.[dev]'
	@touch .venv/installed $@

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis

# One command per chore; `make` lists them. Each does its own set-up.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamp
READERS := .venv-readers
# TORCH=0 leaves torch out of the environment; the tests of reader/torch.py then skip.
TORCH ?= 1
TORCH_VERSION := 2.13.0
PYTEST_ARGS ?=
DEMO_DUMPS := build/demo-dumps
DEMO_CORPUS := build/demo
DEMO_PLAN := build/demo-plan.json

COMPILE := $(BIN)/pip-compile --quiet --strip-extras --allow-unsafe --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options

.PHONY: help venv test test-readers demo lint types layers check lock clean
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

venv: $(STAMP) ## .venv with the locked dependencies and the `corpusforge` command in it

# torch stays out of the lock: a CPU-only build carries a local version that an ordinary index does
# not serve. Where pip finds no such wheel this line installs the default (GPU) build, several GB.
$(STAMP): pyproject.toml requirements/dev.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and "Python 3.11 is needed: make venv PYTHON=/path/to/python3.11")'
	rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	if [ "$(TORCH)" != 0 ]; then \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check torch==$(TORCH_VERSION); fi
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/python -m pip check
	touch $@

test: venv ## the whole test suite (PYTEST_ARGS="-k name" for less)
	$(BIN)/python -m pytest $(PYTEST_ARGS)

test-readers: venv $(READERS)/.stamp ## exports read back by Megatron, OLMo-core, datatrove, MDS, datasets, torchdata
	CORPUSFORGE_READERS=$(READERS) $(BIN)/python -m pytest tests/export

$(READERS)/.stamp: requirements/readers.txt
	rm -rf $(READERS)
	$(PYTHON) -m venv $(READERS)
	$(READERS)/bin/python -m pip install --quiet --disable-pip-version-check torch==$(TORCH_VERSION)
	$(READERS)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements/readers.txt
	$(READERS)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
	  megatron-core==0.16.1 mosaicml-streaming==0.13.0
	touch $@

demo: venv ## write small dumps of every kind, build a corpus, show its table, plan a mixture, read it
	$(BIN)/python examples/demo/make_dumps.py $(DEMO_DUMPS)
	$(BIN)/corpusforge build examples/demo/demo.toml
	$(BIN)/corpusforge verify $(DEMO_CORPUS)
	$(BIN)/corpusforge mix $(DEMO_CORPUS) --recipe examples/demo/recipe.toml --output $(DEMO_PLAN)
	$(BIN)/python examples/read_plan.py $(DEMO_CORPUS) $(DEMO_PLAN) without_code

lint: venv ## ruff, and the formatting of imports
	$(BIN)/ruff check .

types: venv ## pyright: strict on corpusforge
	PYRIGHT_PYTHON_IGNORE_WARNINGS=1 $(BIN)/pyright --pythonpath $(BIN)/python

layers: venv ## the import layers of docs/architecture.md
	$(BIN)/lint-imports --no-cache

check: lint types layers test ## everything but the demo

lock: venv ## resolve the dependencies again, hashes and all, from pyproject.toml
	$(COMPILE) --extra gcp --output-file requirements/lock.txt pyproject.toml requirements/build.in
	$(COMPILE) --extra gcp --extra dev --constraint requirements/lock.txt \
	  --output-file requirements/dev.txt pyproject.toml requirements/build.in requirements/torch.in

clean: ## remove the environment and everything built
	rm -rf $(VENV) $(READERS) build dist *.egg-info .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +

# One command per chore; `make` lists them. Each does its own set-up.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
# An interpreter, an environment: `make test PYTHON=python3.13` leaves .venv as it is.
VENV := .venv$(if $(filter-out 3.11,$(VERSION)),-$(VERSION))
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamp
DOCS := .venv-docs$(if $(filter-out 3.11,$(VERSION)),-$(VERSION))
READERS := .venv-readers$(if $(filter-out 3.11,$(VERSION)),-$(VERSION))
# TORCH=0 leaves torch out of the environment; the tests of reader/torch.py then skip.
TORCH ?= 1
TORCH_VERSION := 2.13.0
# The study's setting (default, tiny, large or a TOML file), and dumps of one's own: a sub-folder a source.
STUDY ?= default
DUMPS ?=
STUDY_VENV := .venv-study$(if $(filter-out 3.11,$(VERSION)),-$(VERSION))
PYTEST_ARGS ?=
# The tests start hundreds of processes: our modules are compiled to byte code once, not by each of them.
unexport PYTHONDONTWRITEBYTECODE
DEMO_DUMPS := build/demo-dumps
DEMO_CORPUS := build/demo
DEMO_PLAN := build/demo-plan.json

COMPILE := $(BIN)/pip-compile --quiet --strip-extras --allow-unsafe --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options

.PHONY: help venv browser test test-readers demo study docs lint types layers track check lock clean
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

# Three layers in one environment, each with what the one before has not: a build on this machine
# (demo), all that runs (clouds too), and what the tests and checks need.
venv: $(STAMP) ## .venv with all that the `corpusforge` command may need, and the command in it

INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

$(STAMP).demo: pyproject.toml requirements/local.txt
	$(if $(filter $(VERSION),3.11 3.12 3.13),,$(error Python 3.11, 3.12 or 3.13 is needed, this is $(VERSION): make venv PYTHON=/path/to/python3.11))
	rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --require-hashes -r requirements/local.txt
	$(INSTALL) --no-deps --no-build-isolation --editable .
	$(BIN)/python -m pip check
	touch $@

$(STAMP): $(STAMP).demo requirements/lock.txt
	$(INSTALL) --require-hashes -r requirements/lock.txt
	touch $@

# torch stays out of the lock: a CPU-only build carries a local version that an ordinary index does
# not serve. Where pip finds no such wheel this line installs the default (GPU) build, several GB.
$(STAMP).dev: $(STAMP) requirements/dev.txt
	$(INSTALL) --require-hashes -r requirements/dev.txt
	if [ "$(TORCH)" != 0 ]; then $(INSTALL) torch==$(TORCH_VERSION); fi
	$(BIN)/python -m pip check
	touch $@

browser:
	.ci/browser

test: $(STAMP).dev browser ## the whole test suite (PYTEST_ARGS="-k name" for less, PYTHON=python3.13 for another one)
	$(BIN)/python -m pytest $(PYTEST_ARGS)

test-readers: $(STAMP).dev $(READERS)/.stamp ## exports read back by Megatron, OLMo-core, datatrove, MDS, datasets, mlcroissant, torchdata
	CORPUSFORGE_READERS=$(READERS) $(BIN)/python -m pytest tests/export

$(READERS)/.stamp: requirements/readers.txt
	rm -rf $(READERS)
	$(PYTHON) -m venv $(READERS)
	$(READERS)/bin/python -m pip install --quiet --disable-pip-version-check torch==$(TORCH_VERSION)
	$(READERS)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements/readers.txt
	$(READERS)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
	  megatron-core==0.16.1 mosaicml-streaming==0.13.0
	touch $@

demo: $(STAMP).demo ## write small dumps of every kind, build a corpus, show its table, plan a mixture, read it
	$(BIN)/python examples/demo/make_dumps.py $(DEMO_DUMPS)
	$(BIN)/corpusforge build examples/demo/demo.toml
	$(BIN)/corpusforge verify $(DEMO_CORPUS)
	$(BIN)/corpusforge mix $(DEMO_CORPUS) --recipe examples/demo/recipe.toml --output $(DEMO_PLAN)
	$(BIN)/python examples/read_plan.py $(DEMO_CORPUS) $(DEMO_PLAN) without_code
	@printf '\nCorpus   %s\nReport   %s\nPlan     %s\n' "$(abspath $(DEMO_CORPUS))" \
	  "$(abspath .)/$$($(BIN)/corpusforge report $(DEMO_CORPUS))" "$(abspath $(DEMO_PLAN))"

study: $(STUDY_VENV)/.stamp ## the study in miniature, dumps to one page (STUDY=large with a GPU, DUMPS=folder of one's own)
	$(STUDY_VENV)/bin/python examples/study/study.py --output build/study-$(basename $(notdir $(STUDY))) \
	  --settings $(STUDY) $(if $(DUMPS),--dumps "$(DUMPS)")

# What a local build needs, and torch: for the CPU alone where the index serves it, but for a GPU's setting.
$(STUDY_VENV)/.stamp: pyproject.toml requirements/local.txt
	rm -rf $(STUDY_VENV)
	$(PYTHON) -m venv $(STUDY_VENV)
	$(STUDY_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/local.txt
	$(STUDY_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(if $(filter large,$(STUDY)),,$(STUDY_VENV)/bin/python -m pip install --quiet --disable-pip-version-check torch==$(TORCH_VERSION)+cpu ||) \
	  $(STUDY_VENV)/bin/python -m pip install --quiet --disable-pip-version-check torch==$(TORCH_VERSION)
	touch $@

# An environment of its own: two dozen small packages that nothing else here needs.
docs: $(DOCS)/.stamp ## the documentation as a site, build/site; every link and anchor is checked
	NO_MKDOCS_2_WARNING=1 $(DOCS)/bin/mkdocs build --strict --quiet
	@echo "build/site/index.html"

$(DOCS)/.stamp: requirements/docs.txt
	rm -rf $(DOCS)
	$(PYTHON) -m venv $(DOCS)
	$(DOCS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/docs.txt
	touch $@

lint: $(STAMP).dev ## ruff, and the formatting of imports
	$(BIN)/ruff check .

types: $(STAMP).dev ## pyright: strict on corpusforge
	PYRIGHT_PYTHON_IGNORE_WARNINGS=1 $(BIN)/pyright --pythonpath $(BIN)/python

layers: $(STAMP).dev ## the import layers of docs/architecture.md
	$(BIN)/lint-imports --no-cache

check: lint types layers docs test ## everything but the demo

track: $(STAMP).dev ## the speeds that are watched, as ratios to their floors; fails over 1.3x of benches/track.json
	$(BIN)/python benches/track.py --short

lock: $(STAMP).dev ## resolve the dependencies again, hashes and all, from pyproject.toml
	$(COMPILE) --extra beam --extra gcp --extra s3 --extra trafilatura --output-file requirements/lock.txt \
	  pyproject.toml requirements/build.in
	$(COMPILE) --extra beam --constraint requirements/lock.txt --output-file requirements/local.txt \
	  pyproject.toml requirements/build.in
	$(COMPILE) --extra beam --extra gcp --extra s3 --extra trafilatura --extra view --extra dev --constraint requirements/lock.txt \
	  --output-file requirements/dev.txt pyproject.toml requirements/build.in requirements/torch.in
	$(PYTHON) -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["docs"], sep="\n")' \
	  | $(COMPILE) --output-file requirements/docs.txt -

clean: ## remove the environment and everything built
	rm -rf .venv .venv-* build dist *.egg-info .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +

# One command for each thing; CI runs `make test` and nothing else.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3

# One venv for each generation of botocore that is in use, each with its own pins.
# A stamp inside says that it agrees with pyproject.toml and the pins.
NEWEST   := .venv/installed
OLDER    := .venv-143/installed
AIOBOTO3 := .venv-aioboto3/installed

# Bring the target's venv up to date with $(WANTED) and the pins, its first prerequisite. The
# build backend goes in first, pinned too, so that no unpinned one is downloaded for the build.
define install
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --constraint $< hatchling editables
	$(@D)/bin/python -m pip install --quiet --constraint $< --no-build-isolation $(WANTED)
	@touch $@
endef

.PHONY: help
help: ## list these targets
	@awk -F ':.*## ' '/^[^[:space:]#]+:.*## / { printf "%-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: venv .venv-143 .venv-aioboto3
venv: $(NEWEST) ## .venv: the newest botocore, with every tool
.venv-143: $(OLDER) ## botocore 1.43 with aiobotocore 3.10, for tests only
.venv-aioboto3: $(AIOBOTO3) ## botocore 1.40 with aioboto3 15.5, for tests only

$(NEWEST): WANTED := --editable '.[dev]'
$(NEWEST): constraints/botocore-1.44.txt pyproject.toml
	$(install)

$(OLDER): WANTED := --editable '.[aio,test]'
$(OLDER): constraints/botocore-1.43.txt pyproject.toml
	$(install)

$(AIOBOTO3): WANTED := --editable '.[aio,test]' aioboto3
$(AIOBOTO3): constraints/aioboto3.txt pyproject.toml
	$(install)

.PHONY: demo
demo: $(NEWEST) ## show what it does, in a terminal
	@.venv/bin/python -m ecrmock demo

.PHONY: test
test: lint types floors test-newest test-143 test-aioboto3 ## everything that CI runs

.PHONY: lint
lint: $(NEWEST) ## ruff: rules and format
	.venv/bin/ruff check
	.venv/bin/ruff format --check

.PHONY: types
types: $(NEWEST) ## mypy, strict
	.venv/bin/mypy

.PHONY: floors
floors: $(NEWEST) ## import-linter: who may import whom
	.venv/bin/lint-imports

# `loadfile`: the examples of one document build on each other, so they stay on one worker.
.PHONY: test-newest
test-newest: $(NEWEST) ## the tests and the examples of README and docstrings
	.venv/bin/python -m pytest -n 2 --dist loadfile

.PHONY: test-143
# Sockets, client programs and what is below the wire do not mind which botocore it is.
test-143: $(OLDER) ## the same on botocore 1.43, with aiobotocore, without attacks and programs
	ECRMOCK_REQUIRE_AIO=aiobotocore .venv-143/bin/python -m pytest -n 2 --dist loadfile \
	  --ignore tests/server --ignore tests/tasks --ignore tests/ecs --ignore tests/iam \
	  --ignore tests/core --ignore tests/registry --ignore tests/images \
	  --ignore tests/mock --ignore tests/contract -m 'not clients and not slow'

# pytest fails when a mark selects nothing; as long as no test bears it there is nothing to run.
.PHONY: test-aioboto3
test-aioboto3: $(AIOBOTO3) ## the async tests on the botocore that aioboto3 pins
	@if grep --recursive --quiet --include='*.py' 'mark\.aio\b' tests; then \
	  set -x; ECRMOCK_REQUIRE_AIO=1 .venv-aioboto3/bin/python -m pytest -m aio tests; \
	fi

.PHONY: cover
cover: $(NEWEST) ## branch coverage of the tests
	.venv/bin/coverage erase
	.venv/bin/coverage run -m pytest
	.venv/bin/coverage combine --quiet
	.venv/bin/coverage report

# Programs alone, so without the build backend. docker-registry, another peer, is Debian's.
PEERS := .venv-peers/installed

.PHONY: .venv-peers
.venv-peers: $(PEERS) ## ministack and moto_server, for bench only

$(PEERS): constraints/peers.txt
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --constraint $< ministack 'moto[server]'
	@touch $@

.PHONY: bench
bench: $(NEWEST) $(PEERS) ## measure against the peers, side by side
	.venv/bin/python -m benchmarks

.PHONY: clean
clean: ## remove the venvs and what tools leave behind
	rm -rf .venv .venv-143 .venv-aioboto3 .venv-peers build dist htmlcov
	rm -rf .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

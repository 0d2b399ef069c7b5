# Everything a person types. `make` alone explains itself. Another interpreter: make PYTHON=python3.12 test
MAKEFLAGS += --no-print-directory
BIN := .venv/bin
WORKERS ?= 2
PURE := tests/core tests/commands
TALLY = build/tests.json
PYTEST = $(BIN)/pytest -n $(WORKERS) --dist worksteal
export PYTHON

.DEFAULT_GOAL := help
.PHONY: help drill lab quick test proof lint check format bench lock release setup clean

help: ## this page
	@if [ -t 1 ] && [ -z "$$NO_COLOR" ]; then on=$$(printf '\033[36m'); off=$$(printf '\033[0m'); fi; \
	awk -v on="$$on" -v off="$$off" -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %s%-8s%s %s\n", on, $$1, off, $$2}' $(firstword $(MAKEFILE_LIST))

drill: ## watch one whole incident, run by the real code against an embedded GitHub (other options: DRILL="--speed 10")
	@.ci/setup people
	@$(BIN)/allclear drill $(DRILL)

lab: ## a GitHub on this machine with Allclear in it, for curl, gh and a browser (other options: LAB="--speed 60")
	@.ci/setup people
	@$(BIN)/allclear lab $(LAB)

quick: setup ## the tests of what decides, and one conversation: half a minute, for the work in between
	@$(PYTEST) $(PURE) tests/conversations/test_first_incident.py

test: setup ## all tests, a sample of the proofs' cases, and coverage of what decides (a part: TESTS=tests/core)
ifdef TESTS
	@$(PYTEST) $(TESTS)
else
	@echo 'All tests: about 6 minutes on 2 cores. The proofs play a sample of their cases; `make proof` plays all.'
	@echo 'First what decides ($(PURE)), with its coverage; then the rest, without.'
	@rm -f .coverage .coverage.* $(TALLY)
	@$(PYTEST) --tally=$(TALLY) --cov --cov-report= $(PURE)
	@$(BIN)/coverage report --fail-under=100
	@$(PYTEST) --tally=$(TALLY) $(PURE:%=--ignore=%)
endif

proof: setup ## every case of every proof
	@echo 'Every case of the proofs: about 15 minutes on 2 cores, an hour at most.'
	@timeout 3600 $(PYTEST) -v --proof whole

lint: setup ## lint, format, types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy $(if $(NO_COLOR),--no-color-output)

check: lint ## lint, format, types, architecture: what a review would say first
	@$(BIN)/pytest -q -p no:cacheprovider tests/project/test_architecture.py

format: setup ## let ruff write it properly
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: setup ## measure requests, cold starts and thinking; writes benchmarks/results.md (a part: BENCH=doors, or BENCH='doors --write')
	@$(BIN)/python benchmarks/run.py $(BENCH)

# Universal locks: one file for every Python from 3.11 and every platform, no index named, every wheel by its hash.
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links $(UPGRADE) pyproject.toml
lock: setup ## renew requirements/*.txt from pyproject.toml (newest versions: UPGRADE=--upgrade)
	@$(COMPILE) -o requirements/run.txt
	@$(COMPILE) -c requirements/run.txt --extra people --group setup -o requirements/people.txt
	@$(COMPILE) -c requirements/people.txt --extra people --group dev -o requirements/dev.txt

# The shell alone reads VERSION, RELEASE_TAG and PYTHONS, from its environment: a tag is a name that somebody pushed.
release: ## build the tree that users pin, of the last commit: VERSION=1.2.3 (other Pythons: PYTHONS="python3.12")
	@.ci/setup people
	@PYTHONPATH=scripts $(BIN)/python -m allclear_release --version "$$VERSION" --tag "$$RELEASE_TAG" $${PYTHONS:+--pythons "$$PYTHONS"}

setup: ## make .venv with everything needed for development
	@.ci/setup dev

clean: ## remove .venv and all caches
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.* htmlcov out

# Everything runs in .venv, which these targets make from nothing but Python: with uv where it is there, else with
# venv and pip. Whatever is installed stays installed: a target installs again only when a lock or pyproject.toml changed.
PYTHON ?= python3
SIZES ?= 10000,100000
BIN := .venv/bin
UV := $(shell command -v uv 2>/dev/null)

.PHONY: help demo test hunt year fuzz chaos mutants coverage benchmarks check lint types imports format faults \
	translations docs audit lock clean

help:  ## this list
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

demo: .venv/ready  ## the main job on the sample data, against a sandbox server on this machine
	$(BIN)/imsync demo

test: .venv/ready-dev  ## the tests
	$(BIN)/python -m pytest -n auto --dist worksteal

hunt: .venv/ready-dev  ## the properties on new random cases, as often as you like
	HYPOTHESIS_PROFILE=hunt $(BIN)/python -m pytest -n auto tests/nouns tests/diff tests/reader tests/remote tests/apply \
		tests/property

year: .venv/ready-dev  ## four jobs through 365 nights of one story each (IMSYNC_STORY=2: another one)
	IMSYNC_NIGHTS=365 $(BIN)/python -m pytest -n auto tests/property/test_nights.py

fuzz: .venv/ready-dev  ## files, answers and settings with mistakes in them: thousands of new ones of every kind
	HYPOTHESIS_PROFILE=hunt $(BIN)/python -m pytest -n auto --timeout 0 tests/fuzz tests/faults

chaos: .venv/ready-dev  ## faults and kills without end: 10,000 rows, and a kill at everything that is made durable
	$(BIN)/python -m tests.chaos

# mutmut is no dependency of ours: it is installed beside, and changes a copy in .venv/mutants alone.
MUTANTS ?= $(if $(SAMPLE),--sample $(SAMPLE))

mutants: .venv/mutmut/ready  ## whether tests notice each line of diff, apply and the wire files changed: hours (SAMPLE=20: some)
	PYTHONPATH=$(CURDIR)/.venv/mutmut $(BIN)/python -m tests.mutants $(MUTANTS)

.venv/mutmut/ready: | .venv/ready-dev
ifdef UV
	$(UV) pip install --quiet --python .venv --target .venv/mutmut 'mutmut==3.8.1'
else
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --target .venv/mutmut 'mutmut==3.8.1'
endif
	@touch $@

# Beside .venv's own packages, so that the locks stay as they are. In one process, for some ten minutes.
COVERED := tests/diff tests/apply tests/remote tests/runs tests/run tests/memory tests/contract tests/property \
	tests/security/test_way.py tests/cli/test_doctor.py

coverage: .venv/ready-dev .venv/coverage  ## how much of diff, apply, runs and the wire the tests reach: 95 % or it fails
	PYTHONPATH=.venv/coverage $(BIN)/python -m coverage run -m pytest -q --timeout 0 $(COVERED)
	PYTHONPATH=.venv/coverage $(BIN)/python -m coverage report

benchmarks: .venv/ready-dev  ## imsync beside what one would use instead, into benchmarks/RESULTS.md (SIZES=10000,100000)
	$(BIN)/python -m benchmarks --sizes $(SIZES)

check: lint types imports test  ## everything that .ci/run checks

lint: .venv/ready-dev  ## style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/ready-dev  ## strict types
	$(BIN)/mypy

imports: .venv/ready-dev  ## the one direction of imports
	$(BIN)/lint-imports

format: .venv/ready-dev  ## rewrites the files in the project's format
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

faults: .venv/ready-dev  ## writes docs/faults.md from the tests
	$(BIN)/python -m tests.faults

translations: .venv/ready-dev  ## gathers the texts for translation, and compiles the translations
	$(BIN)/python -m tests.translations

docs: .venv/ready-dev  ## writes what the pages in docs/ show again: the commands' output, the messages
	$(BIN)/python -m tests.docs.pages

# Strict: a package that cannot be looked up is a failure, not a warning. Nothing of ours is imported or installed.
AUDIT := --strict --disable-pip --require-hashes --progress-spinner off -r requirements.lock -r requirements-dev.lock

audit:  ## known vulnerabilities of everything in the locks; asks the internet, and fails where it cannot
ifdef UV
	$(UV) tool run --from 'pip-audit>=2.9,<3' pip-audit $(AUDIT)
else
	$(PYTHON) -m venv .venv/audit
	.venv/audit/bin/python -m pip install --quiet --disable-pip-version-check 'pip-audit>=2.9,<3'
	.venv/audit/bin/pip-audit $(AUDIT)
endif

lock: ## makes both lock files again from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command 'make lock' -q -o requirements.lock
	uv pip compile pyproject.toml --group dev -c requirements.lock --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --custom-compile-command 'make lock' -q -o requirements-dev.lock

clean:  ## forgets .venv and every cache
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/coverage: | .venv/bin/python
ifdef UV
	uv pip install --quiet --python .venv --target $@ 'coverage>=7.10,<8'
else
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --target $@ 'coverage>=7.10,<8'
endif

.venv/bin/python:
ifdef UV
	uv venv --quiet --python $(PYTHON) .venv
else
	$(PYTHON) -m venv .venv
endif

# The project itself is installed last and without dependencies: every dependency comes from the hashed lock.
.venv/ready: requirements.lock pyproject.toml | .venv/bin/python
ifdef UV
	uv pip install --quiet --compile-bytecode --python .venv --require-hashes -r requirements.lock
	uv pip install --quiet --python .venv --no-deps -e .
else
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
endif
	@touch $@

.venv/ready-dev: requirements-dev.lock .venv/ready
ifdef UV
	uv pip install --quiet --compile-bytecode --python .venv --require-hashes -r requirements-dev.lock
else
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
endif
	@touch $@

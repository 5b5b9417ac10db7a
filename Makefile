# Everything here runs inside .venv, which is made and kept up to date by itself.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

export PATH := $(PATH):$(CURDIR)/.cache/prometheus:$(CURDIR)/.cache/strace:$(CURDIR)/.cache/shells

.DEFAULT_GOAL := help
.PHONY: help venv prometheus postgres strace shells demo test format format-check lint types contracts unit faults golden completions docs docs-update bench lock clean

help: ## List every target (the default)
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

venv: $(READY) ## Make .venv, with everything for development in the locked versions (PYTHON=python3.12 takes another Python)

$(READY): $(VENV)/.locked pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@$(BIN)/python -m compileall -q src # as an installed package has it, so that the first start is no slower
	@touch $@

$(VENV)/.locked: requirements-dev.lock .ci/make-venv
	.ci/make-venv "$(PYTHON)" $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements-dev.lock
	@touch $@

prometheus: ## Make sure that there is a Prometheus to run: the one on PATH, else Debian's, unpacked into .cache
	@.ci/get-prometheus

postgres: ## Make sure that there is a PostgreSQL to run: the one on PATH, else Debian's, unpacked into .cache
	@.ci/get-postgres

strace: ## Make sure that there is a strace to run: the one on PATH, else Debian's, unpacked into .cache
	@.ci/get-strace

shells: ## Make sure that there are bash, zsh and fish to run: those on PATH, else Debian's, unpacked into .cache
	@.ci/get-shells

demo: venv prometheus ## Carry out a rollout against a real service and a real Prometheus, with a fault and a rollback (1 minute)
	@$(BIN)/python demo/run.py

test: format-check lint types contracts unit docs ## Check everything: format, lint, types, import contracts, all tests, the pages in docs/

format: venv ## Format the code and repair what the linter can
	$(BIN)/ruff format
	$(BIN)/ruff check --fix --exit-zero --quiet

format-check: venv ## Check the format
	$(BIN)/ruff format --check

lint: venv ## Lint
	$(BIN)/ruff check

types: venv ## Check the types
	$(BIN)/mypy

contracts: venv ## Check which module may import which
	$(BIN)/lint-imports

unit: venv prometheus postgres strace shells ## Run all tests, with a real Prometheus and a real PostgreSQL (ARGS="-k soak" chooses)
	$(BIN)/python -m pytest --numprocesses auto $(ARGS)

faults: venv strace ## Try every kill, every failing call and thousands of schedules, and print the figures (an hour)
	ROLLOUT_FAULTS=long $(BIN)/python -m pytest tests/faults tests/unit/test_planfile_fuzz.py tests/unit/test_dotenv_text.py \
		tests/unit/test_metric_window_property.py tests/unit/test_lint_robust.py \
		tests/real/test_dotenv_swapped_links.py $(ARGS)

golden: venv prometheus ## Rewrite the expected outputs in tests/golden; look at the difference before you commit it
	$(BIN)/python -m pytest --rewrite-golden

completions: venv ## Write the shells' completion scripts anew
	@$(BIN)/python -m rollout.cli.completion_script completions

docs: venv ## Build the pages in docs/ strictly: a link or an anchor that leads nowhere fails
	@$(BIN)/python -m docs.build

docs-update: venv prometheus ## Write anew what docs/ has from the code and from running commands; look at the difference before you commit it
	$(BIN)/python -m docs.build --update
	ROLLOUT_DOCS_UPDATE=1 $(BIN)/python -m pytest tests/cli/test_docs_commands.py

bench: venv prometheus ## Measure starts and checks, their times and memory, against their limits
	@$(BIN)/python benchmarks/startup.py
	@$(BIN)/python benchmarks/emergency.py
	@$(BIN)/python benchmarks/status.py
	@$(BIN)/python benchmarks/check_gates.py

lock: ## Lock the newest versions that pyproject.toml allows into requirements-dev.lock
	.ci/make-venv "$(PYTHON)" .cache/lock
	.cache/lock/bin/python -m pip install --quiet --disable-pip-version-check pip-tools
	.cache/lock/bin/pip-compile --quiet --upgrade --extra dev --strip-extras --no-header --no-annotate \
		--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options \
		--output-file requirements-dev.lock pyproject.toml

clean: ## Remove everything that make has made
	rm -rf $(VENV) .cache .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# From a fresh clone: `make demo`, `make test`. `make help` lists all targets.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help install-deps demo test torture build release static bench compare format lint fuzz clean env install uninstall \
  test-tsan test-description test-airflow test-dashboard compose-test

# Warnings are errors with the Swift version this is written for. A newer version can have new warnings and still builds it.
# All targets use the same flags: other flags would rebuild everything.
ifneq (,$(findstring version 6.3,$(shell swift --version 2>/dev/null)))
  STRICT := -Xswiftc -warnings-as-errors
endif
export CHECKS ?= --explicit-target-dependency-import-check error $(STRICT)

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install-deps: ## Install missing system packages, and check the Swift version
	@scripts/install-deps.sh

demo: install-deps ## Run the whole pipeline on this machine: CSV, broker, Postgres, table (ARGS="--rows 1000")
	@scripts/quiet-build.sh swift build $(CHECKS)
	@.build/debug/netflix demo $(ARGS)

test: install-deps ## Build and run all tests, or those that match FILTER=name
	swift build --build-tests $(CHECKS)
	swift test --skip-build $(if $(FILTER),--filter $(FILTER))

torture: install-deps ## Kill consumers, brokers and Postgres during production (ROUNDS=200 SEED=7; needs KAFKA_CLUSTER_ADDRESS, _KILL, _RESUME)
	@: "$${KAFKA_CLUSTER_ADDRESS:?must name three brokers that can be killed. KAFKA_CLUSTER_KILL and KAFKA_CLUSTER_RESUME are commands that take the number of a broker}"
	swift build --build-tests $(CHECKS)
	TORTURE_ROUNDS=$(or $(ROUNDS),40) TORTURE_SEED=$(SEED) swift test --skip-build --filter ConsumerTortureTests

test-tsan: install-deps ## Run the suites that use threads with ThreadSanitizer (ARGS='LandingTests' for some)
	@scripts/test-tsan.sh $(ARGS)

build: install-deps ## Build the programs in debug mode
	swift build $(CHECKS)

release: install-deps ## Build the programs in release mode, in .build/release
	swift build -c release $(CHECKS)

bench: install-deps ## Measure the programs against kcat, psql and sqlite3 (ARGS='--only etl'; some benchmarks need KAFKA_BOOTSTRAP_SERVERS)
	@scripts/bench.sh $(ARGS)

compare: install-deps ## Compare forecasts with statsmodels (Python) on published series
	swift build --product netflix $(CHECKS)
	@scripts/compare-statsmodels.sh

format: ## Format all Swift files as .swift-format says
	swift format --in-place --parallel --recursive Package.swift Sources Tests Benchmarks

lint: ## Build with warnings as errors, and check the format of Swift and shell files, doc comments and the wording
	@scripts/install-deps.sh shellcheck
	swift build --build-tests --explicit-target-dependency-import-check error -Xswiftc -warnings-as-errors
	@scripts/lint.sh

fuzz: install-deps ## Fuzz the parsers, SECONDS=60 each
	@scripts/fuzz.sh $(or $(SECONDS),60)

env: ## Write .env for Docker Compose, with random secrets
	@scripts/generate-env.sh

test-description: ## Validate the description, and the output of netflix describe, with frictionless (PyPI)
	@scripts/test-description.sh $(ARGS)

test-airflow: ## Test the DAG and its NiFi client, and check all Python files with ruff (the first run creates .venv; ARGS are passed to pytest)
	@scripts/test-airflow.sh $(ARGS)

test-dashboard: ## Test the dashboard in headless Chromium, with the keyboard and axe-core (ARGS are passed to pytest)
	@scripts/test-dashboard.sh $(ARGS)

compose-test: ## Build the images, start the stack, run the DAG in it and count rows (needs a Docker engine)
	@scripts/compose-test.sh $(ARGS)

static: install-deps ## Build the programs in release mode with the Swift runtime linked statically, for make install
	@scripts/install.sh build

install: ## Install the programs of make static, their completions and manual pages (PREFIX=/usr/local DESTDIR=)
	@PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' scripts/install.sh install

uninstall: ## Remove what make install has installed
	@PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' scripts/install.sh uninstall

clean: ## Remove everything that was built
	rm -rf .build

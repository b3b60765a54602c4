# Everything from a fresh clone: `make demo`, `make test`. `make help` lists the rest.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help packages demo test torture build release bench compare format lint fuzz clean env test-description test-airflow test-dashboard compose-test

# Warnings are errors with the Swift this is written for; a newer one that warns of something new still builds it.
# The same for all verbs: other flags would build everything anew.
ifneq (,$(findstring version 6.3,$(shell swift --version 2>/dev/null)))
  STRICT := -Xswiftc -warnings-as-errors
endif
export CHECKS ?= --explicit-target-dependency-import-check error $(STRICT)

help: ## What there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

packages: ## Install what is missing of the system's packages, and look at Swift
	@scripts/packages.sh

demo: packages ## The whole journey on this machine: CSV, broker, Postgres, table (ARGS="--rows 1000" …)
	@scripts/quiet-build.sh debug
	@.build/debug/netflix demo $(ARGS)

test: packages ## Build and run all tests; FILTER=name for some
	swift build --build-tests $(CHECKS)
	swift test --skip-build $(if $(FILTER),--filter $(FILTER))

torture: packages ## Kill consumers, brokers and Postgres under a producer (ROUNDS=200 SEED=7; needs KAFKA_CLUSTER_ADDRESS, _KILL, _RESUME)
	@: "$${KAFKA_CLUSTER_ADDRESS:?names three brokers that may die; KAFKA_CLUSTER_KILL and _RESUME are commands that take the number of one}"
	swift build --build-tests $(CHECKS)
	TORTURE_ROUNDS=$(or $(ROUNDS),40) TORTURE_SEED=$(SEED) swift test --skip-build --filter ConsumerTortureTests

build: packages ## Build for debugging
	swift build $(CHECKS)

release: packages ## Build optimised: .build/release/netflix-producer and its like
	swift build -c release $(CHECKS)

bench: packages ## Measure against kcat, psql, sqlite3 (ARGS='--only etl' and the like; some need KAFKA_BOOTSTRAP_SERVERS)
	@scripts/bench.sh $(ARGS)

compare: packages ## Forecasts beside statsmodels' (Python), on published series
	swift build --product netflix $(CHECKS)
	@scripts/compare-statsmodels.sh

format: ## Put every Swift file into the form of .swift-format
	swift format --in-place --parallel --recursive Package.swift Sources Tests Benchmarks

lint: ## Warnings as errors, and the form of Swift, shell and Python files
	@scripts/packages.sh shellcheck
	swift build --build-tests --explicit-target-dependency-import-check error -Xswiftc -warnings-as-errors
	@scripts/lint.sh

fuzz: packages ## Feed the parsers rubbish, SECONDS=60 each
	@scripts/fuzz.sh $(or $(SECONDS),60)

env: ## Write .env for docker compose, with random secrets
	@scripts/env.sh

test-description: ## Have frictionless (PyPI) judge the description, and what netflix describe prints
	@scripts/test-description.sh $(ARGS)

test-airflow: ## Lint and test the DAG and its NiFi client (makes .venv once; ARGS go to pytest)
	@scripts/test-airflow.sh $(ARGS)

test-dashboard: ## Test the dashboard in headless Chromium, by keyboard and by axe-core (ARGS go to pytest)
	@scripts/test-dashboard.sh $(ARGS)

compose-test: ## Build the images, bring the stack up, run the DAG in it, count rows (needs a Docker engine)
	@scripts/compose-test.sh $(ARGS)

clean: ## Remove what was built
	rm -rf .build

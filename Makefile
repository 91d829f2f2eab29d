# Every target sets up .venv first where it is missing. `make help` lists them.
PYTHON ?= python3
BIN := .venv/bin
CALLS ?= 20000
DAYS ?= 60
SEED ?= 7
VERIFY ?= 0
SEQUENCES ?= 5000
KILLS ?= 50
MINUTES ?= 360
PART ?= both
ENGINE ?= callstory
SECONDS ?= 300

.DEFAULT_GOAL := help
.PHONY: help setup demo test check dev soak fuzz canaries bench bench-history bench-identity bench-redaction bench-matching score-redaction score-autopsy score-matching-real clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.ready ## Create .venv and install the pinned dependencies

.venv/.ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (PYTHON=...)"; exit 1; }
	@echo "installing into .venv (two to four minutes the first time)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@$(BIN)/python -m compileall -q $(BIN)/../lib >/dev/null || true
	@touch .venv/.ready

demo: .venv/.ready ## Two days of a sample estate, end to end, and one call's story
	@$(BIN)/python -m orchestration.demo

test: .venv/.ready ## Every test
	@$(BIN)/python -m pytest -n 2 --dist loadgroup

check: .venv/.ready ## Formatters, linters and type checks
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint --nocolor --disable-progress-bar dbt_project/models dbt_project/tests

soak: .venv/.ready ## Random histories, killed runs, a backfill: SEQUENCES=5000 KILLS=50 MINUTES=360
	@$(BIN)/python -m tests.soak --sequences $(SEQUENCES) --kills $(KILLS) --minutes $(MINUTES) $(if $(filter file,$(origin SEED)),,--seed $(SEED))

fuzz: .venv/.ready ## Random damage to deliveries and records, for a while: SECONDS=300
	@$(BIN)/python -m tests.hostile --seconds $(SECONDS) $(if $(filter file,$(origin SEED)),,--seed $(SEED))

dev: .venv/.ready ## Dagster's web server on the demo's data
	@$(BIN)/python -m orchestration.demo dev

canaries: .venv/.ready ## Planted secrets searched for in all that a run leaves; rules switched off; clean days
	@$(BIN)/python -m tests.canaries

bench: .venv/.ready ## Time the pipeline: CALLS=20000 calls a day
	@$(BIN)/python -m tests.benchmarks.bench_pipeline --calls $(CALLS)

bench-history: CALLS := $(if $(filter file,$(origin CALLS)),1000,$(CALLS))
bench-history: .venv/.ready ## One more day after 60 and after 2: DAYS=60 CALLS=1000 SEED=7 VERIFY=0
	@$(BIN)/python -m tests.benchmarks.bench_history --days $(DAYS) --calls $(CALLS) --seed $(SEED) --verify $(VERIFY)

bench-identity: CALLS := $(if $(filter file,$(origin CALLS)),1000000,$(CALLS))
bench-identity: .venv/.ready ## Components against Splink's and scipy's: CALLS=1000000
	@$(BIN)/python -c 'import splink' 2>/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[bench]'
	@$(BIN)/python -m tests.benchmarks.bench_identity --calls $(CALLS)

bench-redaction: CALLS := $(if $(filter file,$(origin CALLS)),1000,$(CALLS))
bench-redaction: .venv/.ready ## Turns a second of the redactor, and Presidio's: CALLS=1000
	@$(BIN)/python -m tests.benchmarks.bench_redaction --calls $(CALLS)

bench-matching: CALLS := $(if $(filter file,$(origin CALLS)),200000,$(CALLS))
bench-matching: DAYS := $(if $(filter file,$(origin DAYS)),7,$(DAYS))
bench-matching: .venv/.ready ## Matching without keys against joins by time and Splink: CALLS=200000 DAYS=7 SEED=7
	@$(BIN)/python -c 'import splink' 2>/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[bench]'
	@$(BIN)/python -m tests.benchmarks.bench_matching --calls $(CALLS) --days $(DAYS) --seed $(SEED) $(if $(METHODS),--methods $(METHODS))

score-redaction: .venv/.ready ## Recall, leaks and precision of the redactor: PART=both SEED=7 ENGINE=callstory SHOW=class
	@$(BIN)/python -m tests.corpus.score_redaction --part $(PART) --seed $(SEED) --engine $(ENGINE) $(if $(SHOW),--show $(SHOW))

score-autopsy: CALLS := $(if $(filter file,$(origin CALLS)),400,$(CALLS))
score-autopsy: SEED := $(if $(filter file,$(origin SEED)),17,$(SEED))
score-autopsy: .venv/.ready ## Causes of missing aliases against the answer key: CALLS=400 SEED=17
	@$(BIN)/python -m tests.autopsy.score --calls $(CALLS) --seed $(SEED)

score-matching-real: .venv/.ready ## Matching without keys on real calls, by setting
	@$(BIN)/python -m tests.benchmarks.score_matching_real $(if $(SETTINGS),--settings $(SETTINGS))

clean: ## Remove what was built (not .venv)
	@rm -rf .demo .dagster dbt_project/target dbt_project/logs .pytest_cache .hypothesis .mypy_cache .ruff_cache build *.egg-info

# `make demo` and `make test` work from a bare clone: they need Python, make and the network.
# Another Python: PYTHON=python3.12 make test

PYTHON ?= python3
PIP := .venv/bin/python -m pip --disable-pip-version-check --quiet
PINNED := --constraint constraints.txt --editable

# Each stamp is touched once its step is done. The first one names the Python: choosing another
# Python makes a new environment.
VENV := .venv/made-with-$(subst /,_,$(PYTHON))
RUNTIME := .venv/runtime-installed
TOOLS := .venv/test-installed
SPARK := .venv/spark-installed

.PHONY: help demo test mutations check attack torment nation licences image spark perf schemas pins clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

demo: $(RUNTIME) ## print a published quarter, from its events to its figures
	@.venv/bin/hoso demo

test: $(TOOLS) ## run every test
	@.venv/bin/python -m pytest --numprocesses auto --dist worksteal

mutations: $(TOOLS) ## plant faults in a copy of the code, and count those that tests catch
	@.venv/bin/python -m tests.mutations

check: $(TOOLS) ## check lint, format, types, layers of imports
	@.venv/bin/ruff check --quiet
	@.venv/bin/ruff format --check --quiet
	@.venv/bin/mypy --no-error-summary
	@.venv/bin/lint-imports --no-logo

attack: $(TOOLS) ## attack with made-up inputs for MINUTES=30, and print the tally
	@.venv/bin/python -m tests.attack $(or $(MINUTES),30)

torment: $(TOOLS) ## kill commands KILLS=1000 times, and print the tally
	@.venv/bin/python -m tests.torment $(or $(KILLS),1000)

nation: $(TOOLS) ## take in ten years of 34 provinces, one of PART=100 dossiers, and print the tally
	@.venv/bin/python -m tests.nation $(or $(PART),100)

licences: $(TOOLS) ## list the licence of each package; fail for GPL and AGPL
	@.venv/bin/python -m tests.licences

image: ## build the Dockerfile without a container engine, and run it; it needs Debian 12 and root
	@tests/image/build.sh

spark: $(SPARK) ## install pyspark for --engine spark and its tests; it needs Java 17

perf: $(TOOLS) ## measure speed (QUICK=1: in two minutes; RECORD=1: into perf/measured.json)
	@QUICK=$(QUICK) RECORD=$(RECORD) .venv/bin/python -m pytest perf --benchmark-enable --benchmark-quiet

schemas: $(RUNTIME) ## write docs/schemas and docs/asyncapi.json
	@.venv/bin/python -m hoso.tools.jobs.schemas docs

$(VENV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
	   "hoso needs Python 3.11 or newer; $(PYTHON) is %d.%d. Choose another: " \
	   "PYTHON=python3.12 make $(MAKECMDGOALS)" % sys.version_info[:2])'
	@$(PYTHON) -m venv --clear .venv
	@touch $@

$(RUNTIME): $(VENV) pyproject.toml constraints.txt
	@$(PIP) install $(PINNED) .
	@touch $@

$(TOOLS): $(RUNTIME)
	@$(PIP) install $(PINNED) '.[test]'
	@touch $@

$(SPARK): $(RUNTIME)
	@$(PIP) install $(PINNED) '.[spark]'
	@touch $@

# With the oldest Python that hoso runs on, so that the pins suit newer ones too.
# requirements.txt is what hoso itself needs of them, with hashes: `pip install --require-hashes`.
pins: ## write constraints.txt and requirements.txt: the newest versions that work together
	@rm -rf .pins
	@python3.11 -m venv .pins
	@.pins/bin/python -m pip --disable-pip-version-check --quiet install --editable '.[test,spark]'
	@{ echo '# Every package, exactly; on Python 3.11. Written by `make pins`.'; \
	   .pins/bin/python -m pip freeze --exclude-editable; } > .pins/constraints.txt
	@mv .pins/constraints.txt constraints.txt
	@.pins/bin/python -m pip --disable-pip-version-check --quiet install uv
	@.pins/bin/uv pip compile --quiet pyproject.toml --constraint constraints.txt --universal \
	   --python-version 3.11 --generate-hashes --no-annotate --no-header --output-file .pins/hashed.txt
	@{ echo '# What hoso needs to run, with hashes. Written by `make pins`.'; \
	   cat .pins/hashed.txt; } > requirements.txt
	@rm -rf .pins

clean: ## remove what make and the tools wrote
	@rm -rf .venv .pins build *.egg-info .benchmarks .hypothesis .import_linter_cache \
	   .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -prune -exec rm -rf {} +

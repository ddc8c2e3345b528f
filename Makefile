# `make demo` and `make test` work from a bare clone: they need Python, make and the network.
# Another Python: PYTHON=python3.12 make test

PYTHON ?= python3
PIP := .venv/bin/python -m pip --disable-pip-version-check --quiet
PINNED := --constraint constraints.txt --editable

# Each stamp is touched once its step is done. The first names the Python, so that choosing
# another one starts afresh.
VENV := .venv/made-with-$(subst /,_,$(PYTHON))
RUNTIME := .venv/runtime-installed
TOOLS := .venv/test-installed

SPARK := .venv/spark-installed
PEERS := .venv/peers-installed

.PHONY: help demo test check spark perf schemas pins clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

demo: $(RUNTIME) ## a published quarter: from its events to its figures
	@.venv/bin/hoso demo

test: $(TOOLS) ## every test
	@.venv/bin/python -m pytest --numprocesses auto --dist worksteal

check: $(TOOLS) ## lint, format, types, and who may import whom
	@.venv/bin/ruff check --quiet
	@.venv/bin/ruff format --check --quiet
	@.venv/bin/mypy --no-error-summary
	@.venv/bin/lint-imports --no-logo

spark: $(SPARK) ## pyspark, for --engine spark and its tests; it needs Java 17

perf: $(TOOLS) $(PEERS) ## measure, beside the limits and other tools
	@.venv/bin/python -m pytest perf --benchmark-enable

schemas: $(RUNTIME) ## write docs/schemas and docs/asyncapi.json anew
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

$(PEERS): $(RUNTIME)
	@$(PIP) install $(PINNED) '.[peers]'
	@touch $@

# With the oldest Python that hoso runs on, so that the pins suit the newer ones as well.
pins: ## write constraints.txt anew: the newest versions that go together
	@rm -rf .pins
	@python3.11 -m venv .pins
	@.pins/bin/python -m pip --disable-pip-version-check --quiet install --editable '.[test,spark,peers]'
	@{ echo '# Every package, exactly; on Python 3.11. Written by `make pins`.'; \
	   .pins/bin/python -m pip freeze --exclude-editable; } > .pins/constraints.txt
	@mv .pins/constraints.txt constraints.txt
	@rm -rf .pins

clean: ## remove whatever make and the tools have left
	@rm -rf .venv .pins build *.egg-info .benchmarks .hypothesis .import_linter_cache \
	   .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -prune -exec rm -rf {} +

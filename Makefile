# `make demo` and `make test` are all that a fresh machine needs; both make .venv by themselves.
# On Windows: see the plain uv and pip forms in README.md.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check bench generate clean

demo: .venv/ready
	$(BIN)/mfgstd demo

# What judges products in real time runs alone, everything else on all processors.
ALONE := tests/adapters tests/collect tests/conformance tests/peers tests/test_demo.py tests/test_readme.py

# Spark is tested where there is a Java to run it; in CI there must be.
test: .venv/ready
	@if command -v java >/dev/null || test "$$CI" = true; then $(MAKE) --no-print-directory .venv/spark; fi
	@failed=0; \
	$(BIN)/python -m pytest -n auto --dist loadgroup $(addprefix --ignore=,$(ALONE)) || failed=1; \
	$(BIN)/python -m pytest $(ALONE) || failed=1; \
	exit $$failed

# Lint, types, import contracts, schemas against their profile, generated files against schemas.
check: .venv/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/mfgstd schema check
	$(BIN)/mfgstd rules check
	$(BIN)/mfgstd generate --check

# Every promise of speed, as a ratio against a baseline measured in the same run.
bench: .venv/ready
	@missed=0; for each in benchmarks/bench_*.py; do $(BIN)/python $$each || missed=1; done; exit $$missed

generate: .venv/ready
	$(BIN)/mfgstd generate

# uv comes from pip, into a folder of our own: a system Python may refuse other installs.
.tooling/bin/uv:
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --target .tooling uv

.venv/ready: pyproject.toml constraints.txt | .tooling/bin/uv
	test -x $(BIN)/python || .tooling/bin/uv venv --quiet --python $(PYTHON) .venv
	.tooling/bin/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt --group dev --editable ".[all]"
	touch $@

.venv/spark: .venv/ready
	.tooling/bin/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt --group dev --editable ".[all,spark]"
	touch $@

clean:
	rm -rf .venv .tooling dist mfgstd-demo .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

# Two commands: `make demo` and `make test`. The README says what each does without make.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python

.PHONY: demo test lint clean

demo: $(VENV)/.installed
	$(RUN) -m engine.cli demo

test: $(VENV)/.installed lint
	$(RUN) -m pytest -q -n auto --dist loadgroup

lint: $(VENV)/.installed
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	$(VENV)/bin/lint-imports
	$(RUN) -m engine.cli check

$(VENV)/.installed: requirements.lock pyproject.toml hatch_build.py $(wildcard webapp/frontend/package-lock.json)
	@echo "[1/3] virtual environment"
	test -x $(RUN) || $(PYTHON) -m venv $(VENV)
	@echo "[2/3] packages, each checked against its hash"
	$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@echo "[3/3] Shouhou itself and the browser's side (npm, esbuild)"
	$(RUN) -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	touch $@

clean:
	rm -rf $(VENV) var webapp/static/dist webapp/frontend/node_modules

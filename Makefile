PY := .venv/bin/python

.PHONY: demo test

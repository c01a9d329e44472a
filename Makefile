# Each target installs what it needs first, so any of them works as the first command on a fresh clone.
VENV   := .venv
PYTHON := $(VENV)/bin/python
BIN    := $(VENV)/bin
ROOT   ?= data/samples
SOURCE ?= samples
ARGS   ?=

.PHONY: setup lock lint test test-all docs pipeline ingest segment annotate render caption shards \
        train-vae bench clean

setup: $(VENV)/.installed

$(VENV)/.installed: requirements.lock pyproject.toml
	@UV="$$(command -v uv || true)"; \
	if [ -z "$$UV" ]; then \
	  [ -x .tools/bin/uv ] || python3 -m pip install --quiet --target .tools uv; \
	  UV=.tools/bin/uv; \
	fi; \
	set -e; \
	[ -x $(PYTHON) ] || "$$UV" venv --quiet --python 3.11 $(VENV); \
	"$$UV" pip sync --quiet --python $(PYTHON) requirements.lock; \
	"$$UV" pip install --quiet --python $(PYTHON) --no-deps --editable .
	@touch $@

# The lock is linux x86_64; it holds name==version lines and no index address.
lock:
	@UV="$$(command -v uv || echo .tools/bin/uv)"; \
	"$$UV" pip compile pyproject.toml --extra dev --python-version 3.11 --quiet \
	  --no-header --no-annotate --no-emit-index-url --output-file requirements.lock

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: setup
	$(BIN)/pytest -m "not slow" $(ARGS)

test-all: setup
	$(BIN)/pytest $(ARGS)

docs: setup
	$(BIN)/mkdocs build --strict

pipeline: setup
	$(BIN)/partworks run --root $(ROOT) --source $(SOURCE) $(ARGS)
	$(BIN)/partworks verify --root $(ROOT)
	$(BIN)/partworks report --root $(ROOT)

ingest segment annotate render caption shards: setup
	$(BIN)/partworks run --root $(ROOT) --source $(SOURCE) --stages $@ $(ARGS)

# Without shards it makes those of the samples first.
train-vae: setup
	@case "$(ROOT)" in *://*) ;; *) [ -f "$(ROOT)/shards/index.parquet" ] || $(MAKE) pipeline ;; esac
	$(PYTHON) -m train fit --config train/configs/part_vae_tiny.yaml --data.root $(ROOT) $(ARGS)

bench: setup
	$(PYTHON) -m benchmarks $(ARGS)

clean:
	rm -rf $(VENV) .tools .mypy_cache .ruff_cache .pytest_cache site

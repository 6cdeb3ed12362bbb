# Everything starts here: each target installs what is missing, once.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# vLLM's build for this machine: `make chat VLLM=gpu` on a machine with an NVIDIA GPU that is not found by itself.
VLLM ?= $(shell command -v nvidia-smi >/dev/null 2>&1 && echo gpu || echo cpu)
INSTALLED := $(VENV)/.installed-$(VLLM)
UV_VERSION := 0.13.8
UV := VIRTUAL_ENV=$(VENV) $(BIN)/uv pip
PIP := $(BIN)/pip --disable-pip-version-check
CPU_TORCH_INDEX := https://download.pytorch.org/whl/cpu

.PHONY: install chat serve test check bench clean

install: $(INSTALLED)

chat: $(INSTALLED)
	@$(BIN)/tastemaker chat $(ARGS)

serve: $(INSTALLED)
	@$(BIN)/tastemaker planner serve $(ARGS)

test: $(INSTALLED)
	$(BIN)/python -m pytest $(ARGS)

check: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_layers.py

bench: $(INSTALLED)
	@$(BIN)/tastemaker bench turn $(ARGS)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

# uv installs four times faster than pip. Torch comes first and without CUDA: vLLM's CPU build wants exactly it.
# vLLM then brings vision and audio packages that do not match it and that no text model needs: they go again.
$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Tastemaker needs Python 3.11 or newer: make PYTHON=python3.12")'
	@echo "Installing into $(VENV): about 4.5 GB, one to three minutes" >&2
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install -q uv==$(UV_VERSION) </dev/null
ifeq ($(VLLM),cpu)
	@$(PIP) install -q --no-deps "torch==2.13.0+cpu" </dev/null 2>/dev/null \
	 || $(UV) install -q --no-deps --index-url $(CPU_TORCH_INDEX) "torch==2.13.0+cpu" </dev/null
endif
	@$(UV) install -q -c constraints.txt -e ".[$(VLLM),demo,evals,dev]" </dev/null
	@$(UV) uninstall -q torchvision torchaudio torchcodec </dev/null 2>/dev/null || true
	@touch $@

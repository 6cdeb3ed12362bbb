# Everything starts here: each target installs what is missing, once.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# vLLM's build for this machine: `make chat VLLM=gpu` on a machine with an NVIDIA GPU that is not found by itself.
VLLM ?= $(shell command -v nvidia-smi >/dev/null 2>&1 && echo gpu || echo cpu)
INSTALLED := $(VENV)/.installed-$(VLLM)
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

# Torch comes first and without CUDA: vLLM's CPU build wants exactly it, and the registry's own build brings gigabytes.
# vLLM then brings vision and audio packages that do not match it and that no text model needs: they go again.
$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Tastemaker needs Python 3.11 or newer: make PYTHON=python3.12")'
	@echo "Installing into $(VENV): about 4.5 GB, two to four minutes" >&2
	@$(PYTHON) -m venv $(VENV)
ifeq ($(VLLM),cpu)
	@$(BIN)/pip install -q --disable-pip-version-check "torch==2.13.0+cpu" </dev/null 2>/dev/null \
	 || $(BIN)/pip install -q --disable-pip-version-check --extra-index-url $(CPU_TORCH_INDEX) "torch==2.13.0+cpu" </dev/null
endif
	@$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e ".[$(VLLM),demo,evals,dev]" </dev/null
	@$(BIN)/pip uninstall -q -y torchvision torchaudio torchcodec </dev/null 2>/dev/null
	@touch $@

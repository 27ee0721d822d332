# Every target is one line that calls `zhibao` or a tool.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

setup: $(READY)
$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv && $(BIN)/python -m pip install --quiet uv && $(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes --compile-bytecode requirements.lock && $(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable . && touch $@

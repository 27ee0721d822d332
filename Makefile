# Two commands on a fresh machine: `make run` and `make test`. Every target is one line that calls zhibao or a tool.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
HOME_DIR ?= zhibao-home
INBOX ?= sample-inbox
PORT ?= 8050
BENCH_DIR ?= bench-detection
BENCH_SIZE ?= full

.PHONY: bench-dashboards run setup sample nightly serve test lint format bench bench-detection thorough docs lock clean

run: nightly serve

setup: $(READY)
$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv && $(BIN)/python -m pip install --quiet uv && $(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes --compile-bytecode requirements.lock && $(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable . && touch $@

sample: $(READY)
	test -d $(INBOX) || $(BIN)/zhibao sample --out $(INBOX) --days 10 --falsify X01:0.02:P02:310000:2025-10-12,C07:0.01:P06:440000:2025-10-13,V01:0.02:P01:110000:2025-10-11,T03:0.01:P08:320000:2025-10-10,S02:1:P09:330000:2025-10-14

nightly: sample
	$(BIN)/zhibao nightly --inbox $(INBOX) --home $(HOME_DIR) --now 2025-10-16T08:00:00+08:00 || test $$? -eq 3 -o $$? -eq 4

serve: $(READY)
	$(BIN)/zhibao serve --home $(HOME_DIR) --port $(PORT)

test: lint
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: $(READY)
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

format: $(READY)
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

bench: $(READY)
	$(BIN)/zhibao benchmark nightly --orders 10000000

bench-detection: $(READY)
	$(BIN)/zhibao benchmark detection --size $(BENCH_SIZE) --rules --jobs 2 --out $(BENCH_DIR)

bench-dashboards: $(READY)
	$(BIN)/python -m tests.browser.bench

thorough: $(READY)
	ZHIBAO_THOROUGH=1 $(BIN)/python -m pytest -n 2 --dist loadfile

docs: $(READY)
	$(BIN)/python -m warehouse.standard.dictionary docs && $(BIN)/python -m checks.rulebook docs && $(BIN)/python -m checks.detectorbook docs

lock:
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --group dev pyproject.toml -o requirements.lock

clean:
	rm -rf .venv $(HOME_DIR) $(INBOX) $(INBOX).labels.json build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

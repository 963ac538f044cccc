# Everything runs in .venv, made on first use. Nothing else needs to be installed by hand.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
TESTS ?= tests
export TF_CPP_MIN_LOG_LEVEL ?= 2

.PHONY: demo test nightly lint types unit wheel bench bench-quick clean

$(VENV)/.installed: setup.py constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) -e .
	touch $@

$(VENV)/.tests: $(VENV)/.installed
	$(PIP) -e ".[dev]"
	touch $@

demo: $(VENV)/.installed  ## train an AffinePNN on simulated events, evaluate, export, report
	$(BIN)/kerashep train affine_pnn_resonance --run runs/demo --restart

test: lint types unit wheel  ## all checks, without the slow ones

nightly: TEST_OPTIONS = -m "slow or not slow"
nightly: WHEEL_OPTIONS = --dependencies
nightly: lint types unit wheel  ## all checks, the slow ones too

lint: $(VENV)/.tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.tests
	$(BIN)/mypy

TEST_OPTIONS ?= -m "not slow"
unit: $(VENV)/.tests
	$(BIN)/python -m pytest -n 2 --dist loadfile $(TEST_OPTIONS) $(TESTS)

wheel: $(VENV)/.tests  ## the wheel works in an environment and a folder of its own
	$(BIN)/python tests/integration/check_wheel.py $(WHEEL_OPTIONS)

PEERS := .venv-peers
PEERS_PIP := $(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check

$(PEERS)/.installed: benchmarks/peers/requirements.txt benchmarks/peers/requirements-no-deps.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS_PIP) -r benchmarks/peers/requirements.txt
	$(PEERS_PIP) --no-deps -r benchmarks/peers/requirements-no-deps.txt
	touch $@

bench: $(VENV)/.tests  ## all benchmarks beside the peers, those that can be installed; 25 minutes
	-$(MAKE) $(PEERS)/.installed
	$(BIN)/python -m benchmarks

bench-quick: $(VENV)/.tests  ## the same, smaller; 5 minutes
	-$(MAKE) $(PEERS)/.installed
	$(BIN)/python -m benchmarks --quick

clean:
	rm -rf $(VENV) build dist *.egg-info runs

# make demo: grade the sample submissions of assignment 3 and show the report.
# make test: run all tests. Each does all the set-up itself on a bare machine.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SETUP := $(VENV)/.installed
INBOX := examples/submissions
REPORTS := reports

SEEDS ?= 20

.PHONY: demo test lint prove docs sandbox benchmark fuzz clean

demo: $(SETUP) sandbox
	$(BIN)/grader run assignment3 $(INBOX) --report html=$(REPORTS)

test: $(SETUP) sandbox
	$(BIN)/pytest

lint: $(SETUP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# That the checks of every assignment, or of ASSIGNMENTS, catch what they should. Mutants too: MUTATE=--mutate
prove: $(SETUP) sandbox
	$(BIN)/grader validate $(ASSIGNMENTS) --seeds $(SEEDS) $(MUTATE)

# What the pages say of commands, checks and hooks is written from the code; a test compares.
docs: $(SETUP)
	$(BIN)/python -m docs.reference

benchmark: $(SETUP) sandbox
	$(BIN)/python -m benchmarks

# The tests that try hostile bytes, with as many examples each as one asks for.
fuzz: $(SETUP)
	FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-20000} $(BIN)/pytest tests/wire tests/plugins/test_fuzz_loaders.py -k fuzz

$(SETUP): pyproject.toml constraints.txt
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt 'torch==2.13.0' -e '.[dev]'
	touch $@

# Student code is confined by bubblewrap, which is the one thing that pip cannot bring.
sandbox:
	@command -v bwrap >/dev/null && exit 0; \
	if [ "$$(id -u)" = 0 ]; then as=; elif sudo -n true 2>/dev/null; then as=sudo; else \
	  echo 'bubblewrap is missing, and installing it takes root: apt install bubblewrap (dnf, pacman: the same name)'; exit 2; fi; \
	$$as apt-get update -qq && $$as apt-get install -y -qq bubblewrap libseccomp2 >/dev/null

clean:
	rm -rf $(VENV) $(REPORTS) gradebook.sqlite* build dist

.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv/bin

.PHONY: help
help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: install
install: .venv/installed ## Create .venv from the lock file

.venv/installed: requirements.lock pyproject.toml
	test -x $(VENV)/python || $(PYTHON) -m venv .venv
	$(VENV)/pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	$(VENV)/pip install -q --disable-pip-version-check --no-build-isolation --no-deps -e .
	touch $@

.PHONY: install-dev
install-dev: .venv/installed-dev

.venv/installed-dev: requirements-dev.lock .venv/installed
	$(VENV)/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

.PHONY: demo
demo: install ## Run broker, simulated FranceConnect, sample partner and mailbox; RESET=1 starts anew
	$(VENV)/python -m demo $(if $(RESET),--reset)

.PHONY: fix
fix: install-dev ## Format, and repair what can be repaired
	$(VENV)/ruff format .
	$(VENV)/ruff check --fix .

.PHONY: lint
lint: install-dev ## Format, rules, types, architecture
	$(VENV)/ruff format --check .
	$(VENV)/ruff check .
	$(VENV)/mypy
	$(VENV)/lint-imports

.PHONY: test
test: install-dev ## Run every test; T=tests/unit chooses, REQUIRE_ALL=1 skips nothing
	bash scripts/prepare-tests
	$(MAKE) --no-print-directory -j2 -k $(if $(T),test-chosen,$(PARTS))

.PHONY: test-chosen
test-chosen:
	REQUIRE_ALL=$(REQUIRE_ALL) $(VENV)/python -m pytest $(T)

# Each part has a PostgreSQL of its own; two run at a time, one per processor. What runs real
# services lasts longest and begins first; the smaller parts end both processors together.
PARTS := test-services test-journeys test-provider test-early test-unit test-around
JOURNEYS := tests/journeys
PROVIDER := tests/conformance
EARLY := $(wildcard tests/unit/[a-c]*)
AROUND := tests/franceconnect tests/security tests/architecture

.PHONY: $(PARTS)
test-services:
	REQUIRE_ALL=$(REQUIRE_ALL) $(VENV)/python -m pytest $(addprefix --ignore=,$(JOURNEYS) $(PROVIDER) tests/unit $(AROUND))

test-journeys:
	REQUIRE_ALL=$(REQUIRE_ALL) $(VENV)/python -m pytest $(JOURNEYS)

test-provider:
	REQUIRE_ALL=$(REQUIRE_ALL) $(VENV)/python -m pytest $(PROVIDER)

test-early:
	REQUIRE_ALL=$(REQUIRE_ALL) $(VENV)/python -m pytest $(EARLY)

test-unit:
	REQUIRE_ALL=$(REQUIRE_ALL) $(VENV)/python -m pytest tests/unit $(addprefix --ignore=,$(EARLY))

test-around:
	REQUIRE_ALL=$(REQUIRE_ALL) $(VENV)/python -m pytest $(AROUND)

.PHONY: check
check: lint test ## What CI runs

SBOM ?= dist/sbom.cdx.json

.PHONY: sbom
sbom: install-dev ## Write the bill of materials of the lock file, with hashes: dist/sbom.cdx.json (CycloneDX)
	mkdir -p $(dir $(SBOM))
	$(VENV)/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml \
		--output-reproducible --sv 1.6 --of JSON -o $(SBOM)

.PHONY: bench
bench: install-dev ## Measure; B=register chooses a part, SIZE=100000 a smaller register
	$(VENV)/python -m bench $(B) $(if $(SIZE),--size $(SIZE))

.PHONY: attack
attack: install-dev ## Attack a running service for a month of its clock; beside the security budget
	$(VENV)/python -m bench attack

.PHONY: rounds
rounds: install-dev ## Use one-time things twenty times at once, N=200 rounds
	TOKEN_ROUNDS=$(or $(N),200) $(VENV)/python -m pytest tests/processes/test_parallel_tokens.py tests/processes/test_parallel_requests.py tests/processes/test_parallel_proofs.py

.PHONY: walks
walks: install-dev ## Walk creations, and logins in apps, at random, N=500 walks, other ones each time
	WALKS=$(or $(N),500) $(VENV)/python -m pytest --timeout=3600 tests/unit/signup/test_walks.py tests/conformance/test_first_party_walks.py

.PHONY: gallery
gallery: install-dev ## Walk every journey and keep a picture of each page in var/gallery, in both themes
	GALLERY=$(CURDIR)/var/gallery $(VENV)/python -m pytest tests/journeys -k sqlite

# Wardline's commands. `make refresh` and `make test` need Python 3.11 to 3.13 and make.
PYTHON ?= python3
BIN := .venv/bin
# On every core; a module's tests stay together, since they share a warehouse.
PYTEST := $(BIN)/python -m pytest -q -n logical --dist loadfile --no-loadscope-reorder
export DO_NOT_TRACK = 1
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: refresh test test-long test-month lint ui stop benchmark benchmark-databases \
    benchmark-engines benchmark-serving screenshots lock clean

refresh: .venv/runtime ## run the nightly refresh (on a sample, if there are no extracts)
	@$(BIN)/wardline refresh --sample

test: lint ## everything that has to hold before a change lands
	@$(PYTEST) tests

test-long: .venv/development ## suites of more than two minutes
	@$(PYTEST) -m long tests

test-month: .venv/development ## a month of nights through Dagster
	@$(BIN)/python -m pytest -q -m month tests/nights

lint: .venv/development ## ruff, mypy, sqlfluff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --processes 0 --disable-progress-bar dbt_project
	cd serving/queries && ../../$(BIN)/sqlfluff lint --processes 0 --disable-progress-bar .

ui: .venv/runtime ## Dagster's web server at http://127.0.0.1:3000
	@$(BIN)/wardline ui

stop: .venv/runtime ## stop the embedded PostgreSQL
	@$(BIN)/wardline stop

benchmark: .venv/development ## the speed, beside others' ways, into docs/performance.md
	@$(BIN)/python -m benchmarks --write $(FLAGS)

benchmark-databases: .venv/development ## a table of MariaDB, beside mysqldump | psql
	@$(BIN)/python -m benchmarks.databases

benchmark-engines: .venv/development ## full refreshes on PostgreSQL and on Spark (needs Java)
	@$(BIN)/python -m benchmarks.engines --write $(FLAGS)

benchmark-serving: .venv/development ## dashboard and API, beside plain views
	@$(BIN)/python -m benchmarks.serving

screenshots: .venv/development ## pictures of all pages, into docs/images (needs chromium)
	@$(BIN)/python -m tests.browser.screenshots

lock: .venv/development ## resolve the dependencies anew
	@for lock in "--group build --extra mysql --extra s3 --extra sftp -o requirements.lock" \
	    "--group dev --extra parquet --extra spark -c requirements.lock -o requirements-dev.lock"; do \
	    $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	        --generate-hashes --no-annotate --no-header --no-strip-extras $$lock; \
	done

clean: ## remove what the commands made, the embedded warehouse included
	@if [ -x $(BIN)/wardline ]; then $(BIN)/wardline stop; fi
	@if [ -L var/postgres ]; then rm -rf "$$(readlink var/postgres)"; fi
	rm -rf var .venv .mypy_cache .pytest_cache .ruff_cache dbt_project/target dbt_project/logs

.venv/runtime: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; \
	    sys.exit(f"Wardline needs Python 3.11 to 3.13, this is {v[0]}.{v[1]}; " \
	    "name another with make PYTHON=...") if not (3, 11) <= v <= (3, 13) else None'
	@echo "Installing Wardline's packages into .venv (about a minute, once) ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m orchestration.dbt
	@touch $@

.venv/development: .venv/runtime requirements-dev.lock
	@echo "Installing the development tools ..."
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

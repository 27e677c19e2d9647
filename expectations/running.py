"""Runs suites on PostgreSQL and returns verdicts; the only module that connects.

Belongs here: how Great Expectations is set up (quiet, offline, keeping nothing) and
asked, in the process of child.py. What is expected stands in the gates, what is said in
the verdicts.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from expectations.checks import Suite
from expectations.verdicts import Verdict, missing_table, verdicts_of

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuiteValidationResult
    from great_expectations.data_context import EphemeralDataContext
    from great_expectations.datasource.fluent import PostgresDatasource

# BASIC without this keeps up to 20 real values per expectation.
RESULT_FORMAT: dict[str, Any] = {
    "result_format": "BASIC",
    "partial_unexpected_count": 0,
}


def run(
    url: str,
    suites: Sequence[tuple[str, str, Suite]],
    data_docs_dir: Path | None = None,
) -> list[Verdict]:
    """Runs each suite in this process; see asking.run_suites."""
    source = _source(_context(), url)
    try:
        ran = [_run(source, *one) for one in suites]
    finally:
        # Two pools: one looks for the tables, the other asks them.
        source.get_engine().dispose()
        source.get_execution_engine().close()
    verdicts = [verdict for found, _ in ran for verdict in found]
    if data_docs_dir is not None:
        from expectations.data_docs import write_data_docs

        write_data_docs(data_docs_dir, verdicts, [r for _, r in ran if r is not None])
    return verdicts


def sqlalchemy_url(url: str) -> str:
    """The URL as Great Expectations takes it: psycopg 3, and never without a host.

    For a unix socket the host is only a placeholder: the `host` of the query wins.
    """
    from sqlalchemy import make_url

    parts = make_url(url)
    whole = parts.set(
        drivername="postgresql+psycopg",
        host=parts.host or "localhost",
        port=parts.port or 5432,
    )
    # A dollar sign would be read as a reference to an environment variable, and a blank
    # of a name or a password, which SQLAlchemy leaves as it is, as the URL's end.
    text = whole.render_as_string(hide_password=False)
    return text.replace("$", "%24").replace(" ", "%20")


def _context() -> EphemeralDataContext:
    from great_expectations import get_context
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    return get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(
                init_temp_docs_sites=False
            ),
            analytics_enabled=False,
            progress_bars=ProgressBarsConfig(globally=False),
        ),
    )


def _source(context: EphemeralDataContext, url: str) -> PostgresDatasource:
    from great_expectations.datasource.fluent.interfaces import TestConnectionError

    try:
        return context.data_sources.add_postgres(
            "warehouse", connection_string=sqlalchemy_url(url)
        )
    except TestConnectionError:
        # Without its cause: the chain may hold the URL, and with it a password.
        raise ConnectionError("The gate cannot reach the warehouse.") from None


def _run(
    source: PostgresDatasource, schema: str, table: str, suite: Suite
) -> tuple[list[Verdict], ExpectationSuiteValidationResult | None]:
    from great_expectations.datasource.fluent.interfaces import TestConnectionError

    gate, subject = suite.gate, suite.subject
    where = f"{schema}.{table}"
    try:
        asset = source.add_table_asset(suite.name, schema_name=schema, table_name=table)
    except TestConnectionError:
        return [missing_table(gate, subject, where)], None
    batch = asset.add_batch_definition_whole_table("tonight").get_batch()
    result = batch.validate(suite.built(), result_format=RESULT_FORMAT)
    return verdicts_of(result, gate, subject, where), result

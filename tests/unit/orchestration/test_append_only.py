"""The record stays as it is: whose tables refuse every change, the owner's too."""

import psycopg
import pytest

from orchestration.warehouse import Warehouse

# The readers' bindings and the pseudonyms' key are what holds now, on record in
# ops.decisions; failing keys are those of the last judgement; the others are locks.
CHANGING = {
    "ops.reader_bindings",
    "ops.pseudonym_key",
    "ops.bootstrap_lock",
    "ops.refresh_lock",
    "ops.alert_lock",
    "quarantine.failing_keys",
}
CHANGES = ("update {0} set {1} = default", "delete from {0}", "truncate {0} cascade")


def recorded(warehouse: Warehouse) -> dict[str, str]:
    """The tables of the bookkeeping, each with the name of a column of its own."""
    with warehouse.connect() as owner:
        found = owner.execute(
            "select schemaname || '.' || tablename, ("
            "  select attname::text from pg_attribute where attnum = 1 and attrelid"
            "   = format('%I.%I', schemaname, tablename)::regclass)"
            " from pg_tables where schemaname in ('ops', 'serving', 'quarantine')"
        ).fetchall()
    return dict(found)


def test_what_was_recorded_cannot_be_changed_by_the_owner_either(warehouse):
    tables = recorded(warehouse)
    assert tables.keys() > CHANGING
    with warehouse.connect() as owner:
        for table in tables.keys() - CHANGING:
            for change in CHANGES:
                with (
                    pytest.raises(
                        psycopg.errors.InsufficientPrivilege, match="append only"
                    ),
                    owner.transaction(),
                ):
                    owner.execute(change.format(table, tables[table]))

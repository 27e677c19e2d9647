"""The records of a snapshot that were set aside, and the rows that they speak of.

Belongs here: that a row is not gone whose key stands in a record that could not be
read, as SQL. Why a record is set aside is its reader's to say.
"""

from datetime import datetime

from psycopg import sql

from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.landing_table import LANDING_SCHEMA, Landed
from orchestration.extracts.raw import present

# At any delimiter and quote, since what broke the record may have moved its fields.
_BETWEEN = r"""'\s*[,;|"\t\r\n]+\s*'"""
_FIELDS = sql.SQL(
    "select distinct regexp_split_to_table(btrim(row_text), {between}) as _field"
    " from {records}"
)
# Split once: without offset 0 the planner would split a record for each of its fields.
_FIELDS_TOGETHER = sql.SQL(
    "select unnest(_fields) as _field, _fields from (select"
    " regexp_split_to_array(btrim(row_text), {between}) as _fields"
    " from {records} offset 0) as split"
)


def may_hold(contract: ExtractContract, landed: Landed) -> bool:
    """Whether rows that are missing from a batch may stand in records set aside."""
    return contract.mode == "snapshot" and bool(contract.key and landed.rows_malformed)


def waiting_aside(contract: ExtractContract) -> sql.Composed:
    """The records set aside beside a landing table, for SQL."""
    return sql.SQL(
        "(select row_text from landing.malformed_rows"
        " where source_system = {} and table_name = {}) as waiting"
    ).format(contract.source_system, contract.table)


def is_named(key: list[sql.Composable], records: sql.Composable) -> sql.Composed:
    """Whether one of some records has all values of a key among its fields, for SQL.

    Asks less than that they stand in their places: a row that stays a night too long
    is found again, one that is gone by mistake is missing from the marts.
    """
    values = [sql.SQL("btrim({})").format(it) for it in key]
    fields = _FIELDS_TOGETHER if values[1:] else _FIELDS
    others = sql.SQL(" and _fields @> array[{}]").format(sql.SQL(", ").join(values))
    return sql.SQL("exists (select from ({}) as named where _field = {}{})").format(
        fields.format(between=sql.SQL(_BETWEEN), records=records),
        values[0],
        others if values[1:] else sql.SQL(""),
    )


def held(landed: Landed, as_of: datetime) -> sql.Composed | None:
    """The keys that are there, and in a snapshot only in its records set aside.

    Returns:
        A select; None if every row is told by the rows that could be read.
    """
    contract = landed.contract
    if not may_hold(contract, landed):
        return None
    key: list[sql.Composable] = [sql.Identifier(name) for name in contract.key]
    records = waiting_aside(contract)
    if landed.kept_as is not None:
        records = sql.SQL(
            "(select row_text from quarantine.malformed_rows where batch_id = {})"
            " as kept"
        ).format(landed.kept_as)
    return sql.SQL("select {0} from ({1}) as known except select {0} from {2}").format(
        sql.SQL(", ").join(key),
        present(contract, as_of, among=is_named(key, records)),
        sql.Identifier(LANDING_SCHEMA, landed.table),
    )

"""dbt knows who calls a macro: a model means something else once it has changed."""

from typing import Any

# Called by dbt's own macros and materializations, by their name.
OVERRIDES = {
    "generate_schema_name", "get_incremental_touched_sql", "should_full_refresh",
}  # fmt: skip
# What asks, and makes no row: data tests, and the freshness of sources.
ASKED = {"has_changed", "last_extract"}


def test_every_macro_is_known_to_be_called(manifest: dict[str, Any]):
    called = {
        name
        for kind in ("nodes", "macros", "unit_tests")
        for it in manifest[kind].values()
        for name in it["depends_on"].get("macros", [])
    }
    ours = {
        name: it["name"]
        for name, it in manifest["macros"].items()
        if it["package_name"] == "wardline"
    }
    unknown = {
        it
        for name, it in ours.items()
        if name not in called
        and not it.startswith(("materialization_", "test_"))
        and "__" not in it
    }
    assert unknown <= OVERRIDES | ASKED

"""What is published, to be compared between homes."""

from collections.abc import Callable


def marts_of(ask: Callable[[str], list[tuple]]) -> dict[str, list[tuple]]:
    """Every row of each mart but the publication's own."""
    names = ask(
        "select tablename from pg_tables where schemaname = 'marts'"
        " and tablename <> 'publication' order by 1"
    )
    return {
        name: ask(f"select t::text from marts.{name} t order by 1") for (name,) in names
    }

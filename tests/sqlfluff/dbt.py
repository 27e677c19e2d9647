"""What sqlfluff reads instead of dbt's cross-database macros: SQL of their kind."""


def type_string() -> str:
    return "text"


def concat(parts) -> str:
    return " || ".join(parts)


def datediff(a, b, part) -> str:
    return f"({b} - {a})"


def dateadd(part, n, day) -> str:
    return f"({day} + {n})"


def date_trunc(part, day) -> str:
    return f"date_trunc('{part}', {day})"


def generate_series(n) -> str:
    return "select 1 as generated_number"

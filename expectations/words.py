"""Words for counts, so that a sentence reads right for one and for many."""


def counted(count: int, noun: str) -> str:
    """A count and its noun: `1 row`, `1,250 rows`, `1 batch`, `2 batches`."""
    plural = f"{noun}es" if noun.endswith(("ch", "s", "x")) else f"{noun}s"
    return f"{count:,} {noun if count == 1 else plural}"

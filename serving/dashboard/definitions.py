"""The definitions behind the figures, one click away: those of the dbt contracts.

Only wording; what is promised stands in the models.
"""

from collections.abc import Mapping, Sequence

from dash import html

from serving.contracts import MartContract


def definition(
    contracts: Mapping[str, MartContract], measures: Sequence[tuple[str, str]]
) -> list[html.Div]:
    """The definition of each measure, as paragraphs.

    Raises:
        KeyError: a mart or a column that is not published.
    """
    paragraphs = []
    for mart, name in measures:
        column = contracts[mart].column(name)
        unit = f" Unit: {column.unit}." if column.unit else ""
        summed = (
            " Must not be summed over time."
            if column.is_additive_over_time is False
            else ""
        )
        paragraphs.append(
            html.Div(
                [
                    html.Code(f"{mart}.{name}"),
                    f" {column.description}{unit}{summed}",
                ],
                className="definition",
            )
        )
    return paragraphs

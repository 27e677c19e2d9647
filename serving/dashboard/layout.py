"""How pages look: the frame, the filters, tiles, panels and their tables.

Turns what panels.py describes into Dash components; no data are read here.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from dash import dcc, html
from humanize import naturaldelta

from serving.contracts import MartContract
from serving.dashboard import charts
from serving.dashboard.definitions import definition
from serving.dashboard.frame import Control, as_json
from serving.dashboard.panels import NOTHING, Choice, Figure, Panel, Tile, aria
from serving.dashboard.view import View
from serving.database import Publication

_ROWS_SHOWN = 500
_STRETCH = 2.5
_LINES = {"solid": "solid", "dash": "dashed"}  # Plotly's words to those of CSS
_GRAPH: Any = {"displayModeBar": False, "responsive": True, "locale": "en"}
Contracts = Mapping[str, MartContract]


def stamp(publication: Publication, now: datetime) -> list[Any]:
    """The data-as-of stamp: how old the figures are, and whether they are whole."""
    verdict = (
        f"gates passed with {publication.gate_warnings} warning"
        + ("s" if publication.gate_warnings > 1 else "")
        if publication.gate_warnings
        else "all gates passed"
    )
    as_of = f"{publication.as_of:%Y-%m-%d %H:%M}" if publication.as_of else NOTHING
    return [
        html.Span(["Data as of ", html.Strong(as_of)]),
        html.Span(
            [
                "published ",
                # assets/age.js keeps the age true while the page stays open
                html.Time(
                    f"{naturaldelta(now - publication.published_at)} ago",
                    dateTime=publication.published_at.isoformat(),
                    **aria(live="off"),
                ),
            ]
        ),
        html.Span(
            verdict if publication.is_complete else f"incomplete, {verdict}",
            className="verdict " + ("good" if publication.is_complete else "warning"),
        ),
    ]


def choices(some: Sequence[Choice], view: View) -> html.Div | None:
    """Choices as radio buttons; of each the default is not in the URL."""
    if not some:
        return None
    controls = [
        Control(
            "radio",
            one.name,
            one.label,
            "" if one.of(view) == one.default else one.of(view),
            [
                ("" if value == one.default else value, label)
                for value, label in one.options.items()
            ],
        )
        for one in some
    ]
    data: Any = {"data-controls": as_json(controls)}
    return html.Div(className="choices", **data)


def tile(one: Tile, contracts: Contracts) -> html.Section:
    """One figure with its change and its way."""
    return html.Section(
        [
            html.H2(one.label),
            html.Div(
                [
                    replace(one.field, unit="").text(one.value),
                    html.Small(one.field.unit if one.value is not None else ""),
                ],
                className="figure",
                id=f"tile-{one.key}",
            ),
            html.Div(_change(one), className="change"),
            html.Div(one.note, className="change") if one.note else None,
            dcc.Graph(
                figure=charts.sparkline(one.trend),
                config={"staticPlot": True, "responsive": True},
                className="sparkline",
                style={"height": f"{charts.SPARKLINE_HEIGHT}px"},
            )
            if len(one.trend) > 1
            else html.Div(className="sparkline"),
            _definition(one.measures, contracts),
        ],
        className="tile",
    )


def panel(one: Panel, view: View, contracts: Contracts) -> html.Section:
    """One panel: title, choices, chart, table, CSV, definition."""
    heading = f"panel-{one.key}"
    parts: list[Any] = [
        html.Header(
            [
                html.H2(one.title, id=heading),
                choices(one.choices, view),
            ]
        )
    ]
    if not one.rows:
        parts.append(html.P(one.empty, className="empty"))
    elif one.figure is not None:
        parts.append(_key(one.figure))
        parts.append(
            html.Div(
                dcc.Graph(figure=one.figure, config=_GRAPH, responsive=True),
                role="img",
                className="chart",
                style=_height(one.figure["layout"]["height"]),
                **aria(label=one.summary or one.title),
            )
        )
    if one.note:
        parts.append(html.P(one.note, className="note"))
    if one.rows and one.figure is None:
        parts.append(_rows(one))
    parts.append(
        html.Footer(
            [
                html.Details(
                    [html.Summary("Table"), _rows(one)],
                    className="table",
                )
                if one.rows and one.figure is not None
                else None,
                _definition(one.measures, contracts),
                *(html.A(words, href=address) for words, address in one.links),
                html.A(
                    "CSV",
                    href=f"/dashboard/csv{view.path if view.path != '/' else '/today'}"
                    f"/{one.key}.csv{view.search}",
                    download=f"{one.key}.csv",
                    title=f"Download '{one.title}' as CSV",
                ),
            ]
        )
    )
    return html.Section(
        parts,
        className="panel"
        + (" wide" if one.is_wide else "")
        + (" tall" if one.is_tall else ""),
        **aria(labelledby=heading),
    )


def _key(figure: Figure) -> html.Div | None:
    """The unit of a chart, and what its colours mean if there are several."""
    named = [it for it in figure["data"] if it.get("name")]
    swatches = [
        html.Span(
            [
                html.Span(
                    className="swatch",
                    style={
                        "borderColor": _colour(it),
                        "borderStyle": _LINES[it.get("line", {}).get("dash", "solid")],
                    },
                ),
                it["name"],
            ]
        )
        for it in named
    ]
    unit = figure["layout"]["meta"]["unit"]
    parts = [html.Span(unit)] if unit else []
    parts += swatches if len(swatches) > 1 else []
    return html.Div(parts, className="key") if parts else None


def _colour(trace: Mapping[str, Any]) -> str:
    return str((trace.get("line") or trace["marker"])["color"])


def _height(pixels: int) -> dict[str, str]:
    """As high as a chart has to be, and higher where its neighbour is."""
    return {"minHeight": f"{pixels}px", "maxHeight": f"{_STRETCH * pixels:.0f}px"}


def _rows(one: Panel) -> html.Div:
    """The table of a panel; assets/tables.js makes it of the rows given here."""
    shown = one.rows[:_ROWS_SHOWN]
    rest = len(one.rows) - len(shown)
    table = {
        "labels": [it.label for it in one.fields],
        "numbers": [it.is_number for it in one.fields],
        "rows": [[it.text(row.get(it.name)) for it in one.fields] for row in shown],
    }
    data: Any = {"data-table": json.dumps(table), "data-table-id": f"table-{one.key}"}
    return html.Div(
        [
            html.Div(
                className="scroll",
                tabIndex=0,
                role="region",
                **aria(label=f"Table: {one.title}"),
                **data,
            ),
            html.P(f"{rest:,} more rows are in the CSV.") if rest else None,
        ]
    )


def _definition(
    measures: Sequence[tuple[str, str]], contracts: Contracts
) -> html.Details | None:
    if not measures:
        return None
    return html.Details(
        [html.Summary("Definition"), *definition(contracts, measures)],
        className="about",
    )


def _change(one: Tile) -> str:
    if one.value is None or one.before is None:
        return "nothing earlier to compare with"
    difference = one.value - one.before
    if not difference:
        return f"same as {one.before_words}"
    if one.is_change_in_points:
        change = f"{difference:+,.1f} points"
    elif one.before:
        change = f"{100 * difference / abs(one.before):+,.1f} %"
    else:
        change = f"{difference:+,.0f} from 0"
    return f"{change} from {one.before_words}"

"""What a simulated row costs in memory: as much as the documents say, at any size."""

import re

from simulated_extracts import END

from benchmarks.loading import in_new_process
from benchmarks.simulating import simulated
from orchestration.settings import REPOSITORY

FEW, MANY = {"beds": 30, "branches": 1}, {"beds": 150, "branches": 1}
DAYS = 5 * 365
LEEWAY = 1.3
"""Of other machines: the more cores, the more is drawn at the same time."""


def test_a_row_takes_no_more_memory_than_the_documents_say(tmp_path):
    text = (REPOSITORY / "docs" / "capacity.md").read_text()
    [stated] = re.findall(r"`wardline simulate` .* (\d+) bytes for each row", text)
    rows, held = [], []
    for name, size in {"few": FEW, "many": MANY}.items():
        hospital = size | {"seed": 7}
        extract, _, memory = in_new_process(
            simulated, tmp_path / name, END, DAYS, hospital
        )
        rows.append(sum(extract.rows.values()))
        held.append(memory)
    assert rows[1] - rows[0] > 500_000
    assert held[1] - held[0] < LEEWAY * int(stated) * (rows[1] - rows[0])

"""Blanks around the keys of a file: suspected while its blocks pass by, then cut off.

To look at every key in the database would cost a clean file a tenth of its time; to
look at the bytes costs next to nothing.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from psycopg import Connection, sql

from orchestration.extracts.contract import BLANKS, ExtractContract

_BLANK = 32


class Padding:
    """Watches a file's blocks for blanks beside delimiters, quotes and line ends."""

    def __init__(self, contract: ExtractContract, is_plain: bool = True) -> None:
        self.is_found = False
        self._is_wanted = bool(contract.key)
        comma = contract.delimiter.encode()
        self._is_edge = np.zeros(256, bool)
        self._is_edge[[*comma, *b'\n\r"']] = True
        self._marks = [b"\t"] if comma != b"\t" else []
        self._spanning = [comma + b'"\n', comma + b'"\r', b'\n"']
        if is_plain:  # no quoted text begins or ends with a line end
            self._spanning = []

    def watch(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """Pass the blocks on."""
        for block in blocks:
            if self._is_wanted and not self.is_found:
                self.is_found = (
                    not block.isascii()
                    or any(mark in block for mark in self._marks)
                    or (b'"' in block and any(it in block for it in self._spanning))
                    or (b" " in block and self._has_blank_at_an_edge(block))
                )
            yield block

    def _has_blank_at_an_edge(self, block: bytes) -> bool:
        text = np.frombuffer(b"\n" + block + b"\n", np.uint8)
        blanks = np.flatnonzero(text == _BLANK)
        beside = self._is_edge[text[blanks - 1]] | self._is_edge[text[blanks + 1]]
        return bool(beside.any())


def trim_keys(
    connection: Connection[Any], contract: ExtractContract, table: sql.Identifier
) -> None:
    """Cut the blanks around keys off, so that a key is one key however it is padded.

    Staging would find them equal, so the gate and raw must as well.
    """
    for name in contract.key:
        connection.execute(
            sql.SQL(
                "update {table} set {key} = btrim({key}, {blanks})"
                " where {key} <> btrim({key}, {blanks})"
            ).format(table=table, key=sql.Identifier(name), blanks=sql.Literal(BLANKS))
        )

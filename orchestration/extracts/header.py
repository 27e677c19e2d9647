"""An extract's header against its contract: which field goes to which landing column.

Also where a whole file is refused for what its first line says. Rows are not read here.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from orchestration.extracts.contract import BLANKS, MOST_COLUMNS, ExtractContract
from orchestration.extracts.errors import ExtractRefusedError, listed, printable


@dataclass(frozen=True)
class Header:
    """The columns of a file, in its order, as the landing table calls them.

    An unknown extra column lands as `_extra_1`, `_extra_2` ... because its own name
    could be anything; `extras` keeps that name.
    """

    columns: tuple[str, ...]
    extras: dict[str, str]
    """The file's name of each extra column, by its landing column."""
    lacking: tuple[str, ...]
    """Optional columns of the contract that the file does not have."""


def match_header(
    names: Sequence[str],
    contract: ExtractContract,
    file_name: str,
    siblings: Sequence[ExtractContract] = (),
) -> Header:
    """Match a file's header, in any case and with any spaces around, to its contract.

    Args:
        names: the fields of the header as they stand in the file.
        contract: what is expected.
        file_name: for the sentence of a refusal.
        siblings: the system's contracts, to say whose file it looks like instead.

    Raises:
        ExtractRefusedError: a column is there twice, a required one is not, or the
            file is another table's.
    """
    if len(names) > MOST_COLUMNS:
        raise ExtractRefusedError(
            f"{file_name}: expected the columns of {contract.subject}, found "
            f"{len(names):,} columns; at most {MOST_COLUMNS} can be taken."
        )
    found = [
        name.strip(BLANKS).lower() or f"column_{place}"
        for place, name in enumerate(names, 1)
    ]
    twice = [name for name, count in Counter(found).items() if count > 1]
    if twice:
        raise ExtractRefusedError(
            f"{file_name}: expected each column of {contract.subject} once, found "
            f"{_told(twice, [contract, *siblings])} more than once in the header."
        )
    lacking = [name for name in contract.must_have if name not in found]
    owner = _look_alike(found, contract, siblings)
    if lacking or owner:
        expected = f"with {listed(lacking)}" if lacking else "and no other's"
        sentence = (
            f"{file_name}: expected the columns of {contract.subject}, {expected}; "
            f"found {_told(found, [contract, *siblings])}"
        )
        if alike := _seemingly_same(lacking, found):
            sentence += (
                f", in which {alike} has letters that are not what they look like"
            )
        elif owner:
            sentence += f", so it looks like a file of {owner}"
        elif len(found) == 1 and (other := _other_delimiter(found[0], contract)):
            sentence += (
                f", so its delimiter seems to be {other!r} and not "
                f"{contract.delimiter!r}"
            )
        raise ExtractRefusedError(f"{sentence}.")
    extras = [name for name in found if name not in contract.column_names]
    landing = {name: f"_extra_{place}" for place, name in enumerate(extras, 1)}
    return Header(
        columns=tuple(landing.get(name, name) for name in found),
        extras={landing[name]: name for name in extras},
        lacking=tuple(name for name in contract.column_names if name not in found),
    )


def _told(fields: Sequence[str], contracts: Sequence[ExtractContract]) -> str:
    """A header's fields for a person: those that a contract names, and how many more.

    A file without its header begins with a patient, who must not stand in a message.
    """
    known = {name for contract in contracts for name in contract.column_names}
    parts = [part.strip() for field in fields for part in re.split("[,;\t|]", field)]
    told = [part for part in parts if part in known]
    unknown = len(parts) - len(told)
    if not told:
        count = "1 field" if unknown == 1 else f"{unknown} fields"
        return f"{count} that no contract knows; is its header missing?"
    return listed(told) + (f" and {unknown} that no contract knows" if unknown else "")


def _look_alike(
    found: Sequence[str], contract: ExtractContract, siblings: Sequence[ExtractContract]
) -> str | None:
    """The other table that this header fits, if it does not fit this one as well."""

    def misfit(it: ExtractContract) -> int:
        return len(set(found) - set(it.column_names)) + len(
            set(it.must_have) - set(found)
        )

    own = misfit(contract)
    lacks_own = not set(contract.must_have) <= set(found)
    for other in siblings:
        fits = misfit(other) == 0 or (
            lacks_own and set(other.must_have) <= set(found) and misfit(other) < own
        )
        if other.table != contract.table and own > 0 and fits:
            return other.table
    return None


def _other_delimiter(name: str, contract: ExtractContract) -> str | None:
    for delimiter in (",", ";", "\t", "|"):
        if delimiter != contract.delimiter and delimiter in name:
            return delimiter
    return None


def _seemingly_same(lacking: Sequence[str], found: Sequence[str]) -> str | None:
    """A name that a person would read as a lacking one, its odd letters by number."""
    for name in found:
        seen = [
            letter
            for letter in unicodedata.normalize("NFKC", name)
            if unicodedata.category(letter) not in ("Cf", "Mn")
        ]
        for meant in lacking:
            if not name.isascii() and len(seen) == len(meant):
                alike = zip(seen, meant, strict=True)
                if all(a == b or not a.isascii() for a, b in alike):
                    return printable(name.encode("ascii", "backslashreplace").decode())
    return None

"""Keys that a person would read as one key and a database as two.

Belongs here: letters of other alphabets. What one does not see at all (marks of no
width, wide digits) makes a row faulty by itself, which staging finds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.checks import Check, literal, no_rows, quoted

if TYPE_CHECKING:
    from expectations.extract_facts import ExtractFacts

# Cyrillic and Greek letters that no reader tells from the Latin ones below them.
_ALIKE = (
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0423"
    "\u0406\u0408\u0405\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0456\u0458\u0455"
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5"
    "\u03a7\u03bf",
    "ABEKMHOPCTXYIJSaeopcxyijsABEZHIKMNOPTYXo",
)


def key_unmistakable(facts: ExtractFacts) -> Check:
    """No key equals another once its foreign letters are read as Latin ones."""
    letters, latin = map(literal, _ALIKE)
    read = {c: f"translate(odd.{quoted(c)}, {letters}, {latin})" for c in facts.key}
    same = " and ".join(f"alike.{quoted(c)} = {it}" for c, it in read.items())
    # Most keys are plain ASCII and need no translating.
    is_odd = " or ".join(
        f"odd.{quoted(c)} ~ '[^ -~]' and odd.{quoted(c)} <> {it}"
        for c, it in read.items()
    )
    everything = "(select * from {batch})"
    key = ", ".join(facts.key)
    return no_rows(
        "key_unmistakable",
        f"select odd.* from {everything} as odd where ({is_odd}) and exists "
        f"(select 1 from {everything} as alike where {same})",
        expects=f"No key of {facts.subject} ({key}) only looks like another.",
        otherwise=f"{facts.subject}: keys ({key}) that look like another and are "
        "written with letters of another alphabet: {observed}.",
        because="One record typed on two keyboards would be counted as two.",
    )

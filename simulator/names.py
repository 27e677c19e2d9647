"""Names of people who do not exist, made of syllables.

Belongs here: syllable lists and how they are joined. Nothing here is a list of real
people, places or addresses, and no two draws are kept apart: people do share names.
"""

import numpy as np

from simulator.chance import Chance
from simulator.layout import Booleans, Ints
from simulator.texts import Part, Parts, constant, encoded, small

_STARTS = "Al Bel Cor Dal El Fen Gal Hel Ir Jol Kas Lor Mar Nor Or Pel Ros Sel Tam Vil"
_FEMALE_ENDS = "a ana ea enna ia ina issa ora une yra"
_MALE_ENDS = "an ard eth ion ik mir on or ric us"
_FAMILY_STARTS = (
    "Ash Bran Cald Dorn Eld Farn Garr Holm Ing Kell Lund Mor Nett Ost Pell Quill Rav"
    " Sten Thorn Ulm Ved Wex Yarl Zell"
)
_FAMILY_ENDS = (
    "bury by dale den field ford gard ham ley lin mark ner stow wick well wood"
)
_STREETS = "Alder Birch Canal Dove Elm Field Garden Harbour Linden Mill Orchard Park"
_TOWNS = "Ambermouth Brackwell Cinderford Dunmere Eastholt Fallow Greywater Hartsea"


def _joined(starts: str, ends: str) -> list[str]:
    return [start + end for start in starts.split() for end in ends.split()]


_FEMALE = _joined(_STARTS, _FEMALE_ENDS)
_GIVEN = encoded(_FEMALE + _joined(_STARTS, _MALE_ENDS))
_FAMILY = encoded(_joined(_FAMILY_STARTS, _FAMILY_ENDS))
_ROADS = encoded(
    [
        f" {name} {kind}"
        for name in _STREETS.split()
        for kind in ("Street", "Road", "Lane")
    ]
)
_IN_TOWN = encoded([f', {town}"' for town in _TOWNS.split()])


def person_names(chance: Chance, what: str, rows: Ints, female: Booleans) -> Parts:
    """A given and a family name for each row."""
    given = (chance.uniform(f"{what}.given", rows) * len(_FEMALE)).astype(np.int64)
    family = (chance.uniform(f"{what}.family", rows) * len(_FAMILY)).astype(np.int64)
    given += np.where(female, 0, len(_FEMALE))
    return [Part(_GIVEN, given), constant(" "), Part(_FAMILY, family)]


def mailboxes(names: Parts) -> Parts:
    """The part of an e-mail address that a name makes."""
    given, _, family = names
    return [
        Part(np.char.lower(given.texts), given.which),
        constant("."),
        Part(np.char.lower(family.texts), family.which),
    ]


def addresses(chance: Chance, rows: Ints) -> Parts:
    """A house number, street and town for each row, quoted for the comma in between."""
    number = (chance.uniform("address.number", rows) * 180).astype(np.int64) + 1
    road = (chance.uniform("address.road", rows) * len(_ROADS)).astype(np.int64)
    town = (chance.uniform("address.town", rows) * len(_IN_TOWN)).astype(np.int64)
    return [constant('"'), small(number), Part(_ROADS, road), Part(_IN_TOWN, town)]

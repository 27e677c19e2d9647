"""Names of people who do not exist, made of syllables.

Belongs here: syllable lists and how they are joined. Nothing here is a list of real
people, places or addresses, and no two draws are kept apart: people do share names.
"""

import numpy as np

from simulator.chance import Chance
from simulator.layout import Booleans, Ints, Texts

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


def _joined(starts: str, ends: str) -> Texts:
    pairs = [start + end for start in starts.split() for end in ends.split()]
    return np.array(pairs, dtype=object)


_FEMALE = _joined(_STARTS, _FEMALE_ENDS)
_MALE = _joined(_STARTS, _MALE_ENDS)
_FAMILY = _joined(_FAMILY_STARTS, _FAMILY_ENDS)
_ROADS = np.array(
    [
        f"{name} {kind}"
        for name in _STREETS.split()
        for kind in ("Street", "Road", "Lane")
    ],
    dtype=object,
)


def person_names(chance: Chance, what: str, rows: Ints, female: Booleans) -> Texts:
    """A given and a family name for each row."""
    given = (chance.uniform(f"{what}.given", rows) * len(_FEMALE)).astype(np.int64)
    family = (chance.uniform(f"{what}.family", rows) * len(_FAMILY)).astype(np.int64)
    first = np.where(female, _FEMALE[given], _MALE[given])
    return np.asarray(first + " " + _FAMILY[family], dtype=object)


def addresses(chance: Chance, rows: Ints) -> Texts:
    """A house number, street and town for each row, with the comma in between."""
    number = (chance.uniform("address.number", rows) * 180).astype(np.int64) + 1
    road = (chance.uniform("address.road", rows) * len(_ROADS)).astype(np.int64)
    towns = np.array(_TOWNS.split(), dtype=object)
    town = (chance.uniform("address.town", rows) * len(towns)).astype(np.int64)
    numbers = np.array([f"{n} " for n in number.tolist()], dtype=object)
    return np.asarray(numbers + _ROADS[road] + ", " + towns[town], dtype=object)

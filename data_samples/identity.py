"""Numbers of persons and firms: resident identity numbers (GB 11643) and credit codes (GB 32100).

Both lie in area 99, which no authority assigns: a production profile refuses them. A person's number is a
pure function of (namespace, index), and two different pairs never give the same number, so that a roll
can grow day by day without looking anything up.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

ID_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], dtype=np.int64)
ID_CHECKS = np.frombuffer(b"10X98765432", dtype=np.uint8)
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
AGES = (18, 57)  # on the first of January of the sample's first year; most are about 31 (A)
PER_SUB = 125  # numbers of the sequence part that one (birth day, slot) holds
SCATTER = 61_803_398_875  # a multiplier coprime to the table's size: neighbours in the roll are no neighbours in age


@cache
def _birth_table(year: int) -> npt.NDArray[np.int64]:
    """Rows (birth day since 1970, slot 0..7), each once; the number of slots of a day follows the age
    profile."""
    first_of_year = int(np.datetime64(f"{year}-01-01", "D").astype(np.int64))
    days = np.arange(
        int(np.datetime64(f"{year - AGES[1]}-01-01", "D").astype(np.int64)),
        int(np.datetime64(f"{year - AGES[0]}-01-01", "D").astype(np.int64)),
    )
    age = (first_of_year - days) / 365.25
    slots = np.clip(np.rint(8 * np.exp(-(((age - 31) / 13) ** 2))), 1, 8).astype(np.int64)
    day = np.repeat(days, slots)
    first = np.repeat(np.cumsum(slots) - slots, slots)
    return np.stack([day, np.arange(day.size) - first], axis=1)


def id_numbers(
    namespace: int, index: npt.NDArray[np.int64], *, year: int, salt: int = 0
) -> npt.NDArray[np.bytes_]:
    """Each person's number as 18 bytes.

    `namespace`: 0 to 9999, becomes the last four digits of the area; `index`: below some 7 million, the
    person's place in it; `year`: the year of which the ages are; `salt` turns the order round, so that
    seeds differ.
    """
    table = _birth_table(year)
    size = table.shape[0] * PER_SUB
    if not 0 <= namespace <= 9999:
        raise ValueError(f"namespace {namespace} is not within 0..9999")
    if index.size and not 0 <= int(index.min()) <= int(index.max()) < size:
        raise ValueError(f"a namespace holds {size} persons, asked for number {int(index.max())}")
    multiplier = SCATTER
    while np.gcd(multiplier, size) != 1:
        multiplier += 2
    place = (index % size * (multiplier % size) + salt) % size
    row, rest = place // PER_SUB, place % PER_SUB
    born = table[row, 0].astype("M8[D]")
    year = born.astype("M8[Y]").astype(np.int64) + 1970
    month = born.astype("M8[M]").astype(np.int64) % 12 + 1
    day = (born - born.astype("M8[M]")).astype(np.int64) + 1
    sequence = table[row, 1] * PER_SUB + rest
    seventeen = 99 * 10**15 + namespace * 10**11 + (year * 10000 + month * 100 + day) * 1000 + sequence
    digits = seventeen[:, None] // 10 ** np.arange(16, -1, -1, dtype=np.int64) % 10
    check = ID_CHECKS[(digits @ ID_WEIGHTS) % 11]
    text = np.concatenate([(digits + 48).astype(np.uint8), check[:, None]], axis=1)
    return np.ascontiguousarray(text).view("S18").reshape(-1)


def credit_code(number: int, *, individual: bool = False) -> str:
    """A firm's code: 91 (enterprise) or 92 (individual business), region 99 00 00, organisation `number`."""
    organisation = f"{number % 10**8:08d}"
    rest = 11 - sum(int(c) * w for c, w in zip(organisation, ORG_WEIGHTS, strict=True)) % 11
    body = ("92" if individual else "91") + "990000" + organisation + {10: "X", 11: "0"}.get(rest, str(rest))
    total = sum(CREDIT_ALPHABET.index(c) * w for c, w in zip(body, CREDIT_WEIGHTS, strict=True))
    return body + CREDIT_ALPHABET[(31 - total % 31) % 31]

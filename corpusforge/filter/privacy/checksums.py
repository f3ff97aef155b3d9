"""Check digits: whether a number is one that an office would have given out.

Each function takes the number as it stands in a text, signs and blanks among it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_HETU_SIGNS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_CURP_SIGNS = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
_ODD_SIGNS = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
"""Codice fiscale: what a letter, or a digit as the letter of its place, counts at an odd place."""
_NINO = re.compile(r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]")
_KNOWN_SSNS = frozenset({"078051120", "219099999", "123456789", "987654321", "111223333"})
_TW_LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
_VERHOEFF_PERMUTED = (
    "0123456789", "1576283094", "5803796142", "8916043527", "9453126870",
    "4286573901", "2793806415", "7046913258",
)  # fmt: skip
_VERHOEFF_PRODUCT = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_IBAN_CHARS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29,
    "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29,
    "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28,
    "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20,
    "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22,
    "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25,
    "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SC": 31, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "ST": 25,
    "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}  # fmt: skip
"""Length of an IBAN by country: SWIFT's IBAN registry, release 99."""


def _digits(text: str) -> list[int]:
    return [int(character) for character in text if "0" <= character <= "9"]


def _weighted(digits: Sequence[int], weights: Sequence[int]) -> int:
    return sum(digit * weight for digit, weight in zip(digits, weights, strict=False))


def _is_date(month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= _DAYS[month - 1]


def _number(digits: Sequence[int]) -> int:
    return int("".join(map(str, digits)))


def passes_luhn(digits: str) -> bool:
    """Return whether a string of digits has a right Luhn check digit (ISO/IEC 7812-1, annex B)."""
    doubled = [int(digit) for digit in reversed(digits)]
    for index in range(1, len(doubled), 2):
        doubled[index] = doubled[index] * 2 - 9 * (doubled[index] > 4)
    return sum(doubled) % 10 == 0


def _luhn(text: str) -> bool:
    digits = _digits(text)
    return len(set(digits)) > 2 and passes_luhn("".join(map(str, digits)))


def passes_iban(text: str) -> int:
    """Return how many characters of a text from its start are an IBAN (ISO 13616, mod 97), or 0."""
    wanted = _IBAN_CHARS.get(text[:2], 0)
    taken = n_signs = 0
    for character in text:
        taken += 1
        n_signs += character != " "
        if n_signs == wanted:
            break
    if not wanted or n_signs < wanted:
        return 0
    signs = text[:taken].replace(" ", "")
    number = int("".join(str(int(sign, 36)) for sign in signs[4:] + signs[:4]))
    return taken if number % 97 == 1 else 0


def _ssn(text: str) -> bool:
    """No check digit; the Social Security Administration never gives out these areas, groups and serials."""
    digits = "".join(map(str, _digits(text)))
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    is_given = area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"
    return is_given and digits not in _KNOWN_SSNS and len(set(digits)) > 2


def _cpf(text: str) -> bool:
    digits = _digits(text)
    if len(set(digits)) < 2:
        return False
    first = _weighted(digits, range(10, 1, -1)) * 10 % 11 % 10
    second = _weighted(digits, range(11, 1, -1)) * 10 % 11 % 10
    return digits[9:] == [first, second]


def _rut(text: str) -> bool:
    *body, check = text.replace(".", "").replace("-", "")
    rest = 11 - _weighted([int(digit) for digit in reversed(body)], (2, 3, 4, 5, 6, 7, 2, 3)) % 11
    return check.upper() == {11: "0", 10: "K"}.get(rest, str(rest)) and len(set(body)) > 2


def _cuil(text: str) -> bool:
    digits = _digits(text)
    rest = 11 - _weighted(digits, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return _number(digits[:2]) in (20, 23, 24, 25, 26, 27) and digits[10] == {11: 0, 10: 9}.get(rest, rest)


def _curp(text: str) -> bool:
    if text[10] not in "HMX" or not _is_date(int(text[6:8]), int(text[8:10])):
        return False
    total = sum(_CURP_SIGNS.index(sign) * (18 - place) for place, sign in enumerate(text[:17]))
    return (10 - total % 10) % 10 == int(text[17])


def _codice_fiscale(text: str) -> bool:
    if text[8] not in "ABCDEHLMPRST" or not 1 <= int(text[9:11]) % 40 <= 31:
        return False
    places = [int(sign) if sign.isdigit() else ord(sign) - ord("A") for sign in text[:15]]
    total = sum(_ODD_SIGNS[place] if n % 2 == 0 else place for n, place in enumerate(places))
    return chr(ord("A") + total % 26) == text[15]


def _dni(text: str) -> bool:
    signs = re.sub(r"[ .-]", "", text)
    if signs[0] in "XYZ":
        signs = str("XYZ".index(signs[0])) + signs[1:]
    return signs[:-1].isdigit() and _DNI_LETTERS[int(signs[:-1]) % 23] == signs[-1] and len(set(signs)) > 3


def _nir(text: str) -> bool:
    digits = _digits(text)
    month = digits[3] * 10 + digits[4]
    is_one = digits[0] in (1, 2) and (1 <= month <= 12 or 20 <= month <= 42)
    return is_one and 97 - _number(digits[:13]) % 97 == _number(digits[13:])


def _belgian(text: str) -> bool:
    digits = _digits(text)
    body, check = _number(digits[:9]), _number(digits[9:])
    is_day = _is_date(digits[2] * 10 + digits[3], digits[4] * 10 + digits[5])
    return is_day and check in (97 - body % 97, 97 - (2_000_000_000 + body) % 97)


def _bsn(text: str) -> bool:
    digits = _digits(text)
    return len(set(digits)) > 2 and _weighted(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


def _steuer_id(text: str) -> bool:
    digits = _digits(text)
    product = 10
    for digit in digits[:10]:
        total = (digit + product) % 10 or 10
        product = total * 2 % 11
    counts = sorted((digits[:10].count(digit) for digit in set(digits[:10])), reverse=True)
    return digits[0] > 0 and counts[0] in (2, 3) and (11 - product) % 10 == digits[10]


def _ahv(text: str) -> bool:
    digits = _digits(text)
    return text.startswith("756.") and _weighted(digits, (1, 3) * 6) % 10 == (10 - digits[12]) % 10


def _nino(text: str) -> bool:
    return _NINO.fullmatch(text.replace(" ", "")) is not None


def _personnummer(text: str) -> bool:
    digits = _digits(text)[-10:]
    month, day = digits[2] * 10 + digits[3], (digits[4] * 10 + digits[5]) % 60
    return _is_date(month, day) and passes_luhn("".join(map(str, digits))) and len(set(digits)) > 3


def _hetu(text: str) -> bool:
    if text[6] not in "-ABCDEFYXWVU" or not _is_date(int(text[2:4]), int(text[:2])):
        return False
    return _HETU_SIGNS[int(text[:6] + text[7:10]) % 31] == text[10]


def _fodselsnummer(text: str) -> bool:
    digits = _digits(text)
    if not _is_date((digits[2] * 10 + digits[3]) % 40, (digits[0] * 10 + digits[1]) % 40):
        return False
    first = _weighted(digits, (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)) % 11
    return first == 0 and _weighted(digits, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0


def _date_first(text: str) -> bool:
    return _is_date(int(text[2:4]), int(text[:2]))


def _pesel(text: str) -> bool:
    digits = _digits(text)
    is_day = _is_date((digits[2] * 10 + digits[3]) % 20, digits[4] * 10 + digits[5])
    return is_day and _weighted(digits, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0


def _rodne_cislo(text: str) -> bool:
    digits = _digits(text)
    month = (digits[2] * 10 + digits[3]) % 50
    return _is_date(month - 20 * (month > 20), digits[4] * 10 + digits[5]) and _number(digits) % 11 == 0


def _cnp(text: str) -> bool:
    digits = _digits(text)
    is_day = _is_date(digits[3] * 10 + digits[4], digits[5] * 10 + digits[6])
    rest = _weighted(digits, (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11
    return is_day and digits[0] > 0 and digits[12] == (1 if rest == 10 else rest)


def _egn(text: str) -> bool:
    digits = _digits(text)
    is_day = _is_date((digits[2] * 10 + digits[3]) % 20, digits[4] * 10 + digits[5])
    return is_day and _weighted(digits, (2, 4, 8, 5, 10, 9, 7, 3, 6)) % 11 % 10 == digits[9]


def _kimlik(text: str) -> bool:
    digits = _digits(text)
    tenth = (7 * sum(digits[:9:2]) - sum(digits[1:8:2])) % 10
    return digits[0] > 0 and digits[9] == tenth and sum(digits[:10]) % 10 == digits[10]


def _snils(text: str) -> bool:
    digits = _digits(text)
    return _weighted(digits, range(9, 0, -1)) % 101 % 100 == _number(digits[9:]) and len(set(digits)) > 2


def _inn(text: str) -> bool:
    digits = _digits(text)
    first = _weighted(digits, (7, 2, 4, 10, 3, 5, 9, 4, 6, 8)) % 11 % 10
    second = _weighted(digits, (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)) % 11 % 10
    return digits[10:] == [first, second] and len(set(digits)) > 2


def _za_id(text: str) -> bool:
    return _is_date(int(text[2:4]), int(text[4:6])) and text[10] in "01" and passes_luhn(text)


def _verhoeff(text: str) -> bool:
    digits = _digits(text)
    check = 0
    for place, digit in enumerate(reversed(digits)):
        check = int(_VERHOEFF_PRODUCT[check][int(_VERHOEFF_PERMUTED[place % 8][digit])])
    return check == 0 and digits[0] > 1


def _pan(text: str) -> bool:
    return text[3] in "PCHFATBLJG"


def _cn_resident(text: str) -> bool:
    if not (
        "11" <= text[:2] <= "82"
        and text[6:8] in ("19", "20")
        and _is_date(int(text[10:12]), int(text[12:14]))
    ):
        return False
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[_weighted(_digits(text[:17]), weights) % 11] == text[17].upper()


def _tw_id(text: str) -> bool:
    number = _TW_LETTERS.index(text[0]) + 10
    digits = [number // 10, number % 10, *_digits(text[1:])]
    return text[1] in "1289" and _weighted(digits, (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)) % 10 == 0


def _kr_rrn(text: str) -> bool:
    digits = _digits(text)
    if not _is_date(int(text[2:4]), int(text[4:6])) or digits[6] not in range(1, 9):
        return False
    return (11 - _weighted(digits, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)) % 11) % 10 == digits[12]


def _my_number(text: str) -> bool:
    digits = _digits(text)
    rest = _weighted(digits, (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return digits[11] == (0 if rest <= 1 else 11 - rest) and len(set(digits)) > 2


def _nric(text: str) -> bool:
    total = _weighted(_digits(text), (2, 7, 6, 5, 4, 3, 2)) + 4 * (text[0] in "TG")
    letters = "JZIHGFEDCBA" if text[0] in "ST" else "XWUTRQPNMLK"
    return text[0] in "STFG" and letters[total % 11] == text[-1]


def _tfn(text: str) -> bool:
    return _weighted(_digits(text), (1, 4, 3, 7, 5, 8, 6, 9, 10)) % 11 == 0


CHECKS: dict[str, Callable[[str], bool]] = {
    "ahv": _ahv, "belgian": _belgian, "bsn": _bsn, "cn_resident": _cn_resident, "cnp": _cnp, "cpf": _cpf,
    "codice_fiscale": _codice_fiscale, "cuil": _cuil, "curp": _curp, "date_first": _date_first, "dni": _dni,
    "egn": _egn, "fodselsnummer": _fodselsnummer, "hetu": _hetu, "inn": _inn, "kimlik": _kimlik, "kr_rrn":
    _kr_rrn, "luhn": _luhn, "my_number": _my_number, "nino": _nino, "nir": _nir, "nric": _nric, "pan": _pan,
    "pesel": _pesel, "personnummer": _personnummer, "rodne_cislo": _rodne_cislo, "rut": _rut, "snils":
    _snils, "ssn": _ssn, "steuer_id": _steuer_id, "tfn": _tfn, "tw_id": _tw_id, "verhoeff": _verhoeff,
    "za_id": _za_id,
}  # fmt: skip
"""By the name in `filter/privacy/national_ids.toml`."""

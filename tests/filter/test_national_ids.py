"""Numbers that offices give out are found by shape and check digit; numbers that are not, stay."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusforge.filter import FilterConfig
from corpusforge.filter.privacy.checksums import passes_iban
from corpusforge.filter.privacy.national_ids import find_national_ids, national_ids
from corpusforge.filter.privacy.redaction import redact

CONFIG = FilterConfig()

# The examples of the offices and standards themselves, and of public descriptions of the check digits.
NUMBERS = {
    "us_ssn": "his 536-90-4399, he said",
    "br_cpf": "CPF 529.982.247-25",
    "br_cpf_bare": "CPF: 52998224725",
    "cl_rut": "RUT 12.345.678-5",
    "ar_cuil": "CUIL 20-12345678-6",
    "mx_curp": "CURP BOXW310820HNERXN09",
    "it_codice_fiscale": "codice fiscale RSSMRA85T10A562S",
    "es_nie": "NIE X1234567L",
    "es_dni": "con DNI 12345678Z",
    "be_national_number": "85.07.30-033.28",
    "nl_bsn": "BSN 111222333",
    "de_steuer_id": "Steuer-ID 86095742719",
    "ch_ahv": "AHV 756.9217.0769.85",
    "uk_nino": "National Insurance number AB 12 34 56 C",
    "se_personnummer": "811228-9874",
    "fi_hetu": "131052-308T",
    "dk_cpr": "CPR 211062-5629",
    "pl_pesel": "PESEL 44051401359",
    "cz_rodne_cislo": "710319/2745",
    "ro_cnp": "CNP 1630615123457",
    "bg_egn": "ЕГН 7523169263",
    "tr_kimlik": "TC Kimlik No: 17291716060",
    "ru_snils": "112-233-445 95",
    "ru_inn": "ИНН 500100732259",
    "za_id": "ID number 7503305044089",
    "in_aadhaar": "Aadhaar 2341 2341 2346",
    "in_pan": "PAN ABCPE1234F",
    "cn_resident": "身份证号11010519491231002X",
    "tw_id": "身分證字號 A123456789",
    "sg_nric": "NRIC S1234567D",
    "ca_sin": "Social Insurance Number 046 454 286",
    "au_tfn": "TFN 123 456 782",
    "iban": "IBAN GB82 WEST 1234 5698 7654 32 please",
}


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_is_found_and_a_wrong_digit_is_not(name: str) -> None:
    text = NUMBERS[name]
    (found,) = find_national_ids(text)
    assert found.name == name
    placeholder = "<IBAN>" if name == "iban" else "<NATIONAL_ID>"
    redacted, counts = redact(text, CONFIG)
    assert redacted == text[: found.start] + placeholder + text[found.end :]
    assert counts == {found.kind: 1}
    if name not in ("us_ssn", "uk_nino", "dk_cpr", "in_pan"):  # those have no check digit
        last = text[found.end - 1]
        wrong = (
            text[: found.end - 1] + str((int(last) + 1) % 10 if last.isdigit() else "B") + text[found.end :]
        )
        assert not find_national_ids(wrong) or find_national_ids(wrong)[0].name != name


def test_every_kind_of_the_table_is_tested_or_has_a_twin() -> None:
    names = {kind.name for kind in national_ids()}
    assert names - NUMBERS.keys() == {"fr_nir", "no_fodselsnummer", "kr_rrn", "jp_my_number", "il_id"}


def test_numbers_made_by_their_own_rule() -> None:
    nir = 1850578006084
    (found,) = find_national_ids(f"né le 1 85 05 78 006 084 {97 - nir % 97:02d}.")
    assert found.name == "fr_nir"
    right = [f"{n:04d}" for n in range(10_000) if find_national_ids(f"900101-123{n:04d}")]
    assert len(right) == 1000, "one check digit in ten"
    assert find_national_ids("ת.ז 000000018")[0].name == "il_id"


@pytest.mark.parametrize(
    "text",
    [
        "078-05-1120, 123-45-6789, 000-12-3456, 666-12-3456, 900-12-3456 and 123-00-4567",
        "x-536-90-4399 536-90-4399-1 536-90-43991",
        "order 52998224725 and 44051401359 and 111222333 without a word",
        "ISBN 978-3-16-148410-0, 0-306-40615-2; DOI 10.1000/182; 2024-03-11 12:30:45",
        "1.2.3.4-5 192.168.100.200-25 12.345.678-9",
        "hash 12345678Z 0x12345678A; part AB12CD34E",
        "GB82 WEST 1234 5698 7654 33; DE00 1234 5678",
        "pi = 3.14159265358979323846 and 11111111111 or 000.000.000-00",
        "fractions 123456/1234 and ranges 100-200-300",
    ],
)
def test_look_alikes_stay(text: str) -> None:
    assert redact(text, CONFIG) == (text, {})


def test_they_can_be_left_alone_and_cost_no_time_on_digits() -> None:
    text = NUMBERS["br_cpf"]
    assert redact(text, FilterConfig(redact_national_id=False)) == (text, {})
    generator = random.Random(5)
    for hard in ("9" * 200_000, "999.999.999-99" * 20_000, "AA99 " * 40_000):
        find_national_ids(hard)
    digits = "".join(generator.choice("0123456789 .-/") for _ in range(300_000))
    assert len(find_national_ids(digits)) < 60, "by chance, in a text of nothing but digits"


@given(st.text(alphabet="0189ABZ .-/é身", max_size=120))
def test_what_is_found_lies_in_order_and_apart(text: str) -> None:
    found = find_national_ids(text)
    assert all(one.end <= two.start for one, two in itertools.pairwise(found))
    assert all(0 <= one.start < one.end <= len(text) for one in found)


@given(st.integers(0, 10**18 - 1))
def test_one_pair_of_check_digits_makes_an_iban(number: int) -> None:
    right = [check for check in range(2, 99) if passes_iban(f"DE{check:02d}{number:018d}")]
    assert len(right) == 1

"""Which keys a heading may mean: every one, unless it is sure."""

import pytest

from sync.exchange.names import Names, is_total
from tests.sync.exchange.forms import INDICATORS, UNITS, VILLAGES

OLD = Names(
    {
        "1": ["Thôn Phú Hòa"],
        "2": ["Thôn Phú Hòa 1"],
        "3": ["Thôn Phú Hoà 2"],
        "4": ["Thôn Phước Hưng"],
        "5": ["Thôn Phước Hưng Nam"],
        "6": ["Phường Mỹ Tho"],
        "7": ["Xã Mỹ Thọ"],
    }
)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("thon phu hoa", "1 2 3"),
        ("Thôn Phú Hòa", "1"),
        ("THÔN PHÚ HÒA", "1"),
        ("Tho\u0302n Phu\u0301 Ho\u0300a", "1"),
        ("Phú Hoà", "1 2 3"),
        ("phu hoa 2", "3"),
        ("Phước Hưng", "4 5"),
        ("4. Thôn Phước Hưng (cũ)", "4"),
        ("1. Thôn Phú Hòa", "1"),
        ("Thôn Phú Hòa (1)", "1 2"),
        ("2. Thôn Phú Hòa (cũ: 1)", "1"),
        ("Thôn Phước Hưng (Nam)", "4 5"),
        ("mỹ tho", "6 7"),
        ("Thôn", "1 2 3 4 5"),
        ("Xã Bà Nà", ""),
        ("", ""),
        ("12", ""),
    ],
)
def test_every_unit_that_a_text_may_mean_is_a_candidate(text: str, keys: str) -> None:
    assert OLD.candidates(text) == tuple(keys.split())


def test_a_folded_name_of_the_real_commune_finds_its_village() -> None:
    (found,) = UNITS.candidates("thon phu hoa")
    assert VILLAGES[found] == "Thôn Phú Hòa"
    assert len(UNITS.candidates("thach nham")) == 2


def test_a_folded_name_of_before_the_merger_proposes_the_new_village_and_its_parts() -> None:
    """The ten villages of today beside units that became part of two of them, as an officer's list may hold both."""
    parts = ("Thôn Phú Hòa 1", "Thôn Phú Hòa 2", "Thôn Phước Hưng Nam")
    names = Names({**{key: [name] for key, name in VILLAGES.items()}, **{part: [part] for part in parts}})

    def proposed(text: str) -> list[str]:
        return [VILLAGES.get(key, key) for key in names.candidates(text)]

    assert proposed("thon phu hoa") == ["Thôn Phú Hòa", "Thôn Phú Hòa 1", "Thôn Phú Hòa 2"]
    assert proposed("phuoc hung") == ["Thôn Phước Hưng", "Thôn Phước Hưng Nam"]
    assert proposed("Thôn Phú Hòa") == ["Thôn Phú Hòa"], "with its accents it is sure"
    assert proposed("thon phu hoa 2") == ["Thôn Phú Hòa 2"]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("Số hộ nghèo", "ct03"),
        ("số hộ nghèo (hộ)", "ct03"),
        ("Số hộ nghèo (cận nghèo)", "ct03 ct04"),
        ("CT03", "ct03"),
        ("CT03 - Số hộ nghèo", "ct03"),
        ("Hộ nghèo", "ct03 ct04 poor_rate near_poor_rate"),
        ("1. Số hộ nghèo", "ct03"),
        ("Poor households", "ct03"),
        ("Ghi chú", ""),
    ],
)
def test_indicators_are_found_by_label_and_name(text: str, keys: str) -> None:
    assert INDICATORS.candidates(text) == tuple(f"village_{key}" for key in keys.split())


def test_a_line_s_number_is_no_name() -> None:
    names = Names({"a": ["1", "Số hộ"], "b": ["2", "Số người"]})
    assert names.candidates("1") == ()
    assert names.candidates("Số hộ") == ("a",)


@pytest.mark.parametrize("text", ["Tổng cộng", "TỔNG", "Toàn xã", "Cộng:", "Total"])
def test_totals_are_known_by_word(text: str) -> None:
    assert is_total(text)


@pytest.mark.parametrize("text", ["Tổng số hộ dân", "Thôn Tổng", "", "Cộng tác viên"])
def test_other_words_are_no_totals(text: str) -> None:
    assert not is_total(text)

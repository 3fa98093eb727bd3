"""Folding, search and the Vietnamese order of names."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from sync.domain.text import fold, nfc, search, sort_key

VIETNAMESE = st.text(alphabet="aăâbcdđeêghiklmnoôơpqrstuưvxyAĐÂƠƯàảãáạằẳẵắặờởỡớợ 0123456789-’'", max_size=30)


def test_a_search_without_accents_lists_every_hit() -> None:
    names = ["Thôn An Lợi", "Thôn Ân Lôi", "Thôn Hòa Ninh", "Thôn An Lòi"]
    assert search("thon an loi", names, str) == ["Thôn An Lợi", "Thôn Ân Lôi", "Thôn An Lòi"]


def test_a_search_takes_words_in_any_order_and_nothing_means_all() -> None:
    names = ["Xã Bà Nà", "Phường Hải Vân", "Xã Đông Giang"]
    assert search("na xa", names, str) == ["Xã Bà Nà"]
    assert search("ĐÔNG", names, str) == search("dong", names, str) == ["Xã Đông Giang"]
    assert search("  ", names, str) == names
    assert search("không có", names, str) == []


def test_spellings_of_one_name_fold_alike() -> None:
    assert fold("Hòa") == fold("Hoà") == fold("hoa") == "hoa"
    assert fold("Đắk  Song") == fold("Đắk song") == "dak song"
    assert fold("Ea H’Leo") == fold("Ea H'Leo")


def test_names_are_one_code_point_a_letter() -> None:
    decomposed = unicodedata.normalize("NFD", "Tỷ lệ hộ gia đình có Internet")
    assert (len(decomposed), len(nfc(decomposed))) == (36, 29)


@given(st.text(max_size=60))
def test_folding_does_not_depend_on_the_unicode_form_and_stays(text: str) -> None:
    folded = fold(text)
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text)) == folded
    assert fold(folded) == folded


def test_letters_stand_in_the_order_of_the_alphabet() -> None:
    names = ["An", "Ăn", "Ân", "Dân", "Đà", "Đông", "On", "Ôn", "Ơn", "Út", "Ưu"]
    assert sorted(set(names), key=sort_key) == names


def test_tones_stand_in_the_order_of_a_dictionary() -> None:
    names = ["ma", "mà", "mả", "mã", "má", "mạ"]
    assert sorted(set(names), key=sort_key) == names


def test_a_syllable_is_settled_before_the_next() -> None:
    names = ["Hòa", "Hòa Ninh", "Hóa An", "Hỏa Tiến", "Hoan"]
    assert sorted(names, key=sort_key) == ["Hòa", "Hòa Ninh", "Hỏa Tiến", "Hóa An", "Hoan"]


def test_numbers_in_names_count() -> None:
    names = ["Thôn 1", "Thôn 2", "Thôn 10", "Thôn 010 B", "Thôn An"]
    assert sorted(set(names), key=sort_key) == names


@given(st.lists(VIETNAMESE, max_size=8))
def test_any_names_sort_and_the_form_does_not_matter(names: list[str]) -> None:
    decomposed = [unicodedata.normalize("NFD", name) for name in names]
    assert [nfc(name) for name in sorted(decomposed, key=sort_key)] == sorted(map(nfc, names), key=sort_key)


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_texts_can_be_compared_and_only_equal_ones_tie(one: str, other: str) -> None:
    assert (sort_key(one) == sort_key(other)) == (nfc(one) == nfc(other))
    assert sort_key(one) <= sort_key(other) or sort_key(other) <= sort_key(one)

"""A person's choices outlive the window, and a damaged file counts as none."""

from pathlib import Path

import pytest

from desktop.widgets.preferences import FILE, Preferences


def test_choices_are_kept(tmp_path: Path) -> None:
    first = Preferences(tmp_path)
    assert (first.language, first.theme, first.text_percent, first.offline, first.own_name, first.room) == (
        "vi",
        "system",
        100,
        False,
        "",
        "",
    )
    first.language, first.theme, first.text_percent = "en", "dark", 150
    first.offline, first.own_name, first.room = True, "Thôn Ẳng Đông", "entry"
    first.file.sync()
    again = Preferences(tmp_path)
    assert (again.language, again.theme, again.text_percent, again.offline, again.own_name, again.room) == (
        "en",
        "dark",
        150,
        True,
        "Thôn Ẳng Đông",
        "entry",
    )


def test_how_files_are_attached_and_sent_is_kept(tmp_path: Path) -> None:
    def chosen(of: Preferences) -> tuple[int, bool, bool, int]:
        return of.picture_side, of.keep_originals, of.sends_metered, of.day_megabytes

    first = Preferences(tmp_path)
    assert chosen(first) == (2048, False, False, 0)
    first.picture_side, first.keep_originals, first.sends_metered, first.day_megabytes = 3072, True, True, 100
    first.file.sync()
    assert chosen(Preferences(tmp_path)) == (3072, True, True, 100)
    (tmp_path / FILE).write_text("[General]\npicture_side=9\nday_megabytes=x\nsends_metered=?", encoding="utf-8")
    assert chosen(Preferences(tmp_path)) == (2048, False, False, 0)


@pytest.mark.parametrize(
    "written",
    ["language=xx\ntheme=pink\ntext_percent=99999\ngeometry=?", "text_percent=-5\noffline=maybe", "\x00\xff[", "²"],
)
def test_what_cannot_be_read_counts_as_not_set(tmp_path: Path, written: str) -> None:
    (tmp_path / FILE).write_text("[General]\n" + written, encoding="utf-8")
    found = Preferences(tmp_path)
    assert (found.language, found.theme, found.text_percent, found.offline) == ("vi", "system", 100, False)
    assert found.geometry.isEmpty()

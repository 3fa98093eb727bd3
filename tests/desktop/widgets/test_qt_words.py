"""Qt's own buttons and menus speak Vietnamese."""

from PySide6.QtWidgets import QApplication, QDialogButtonBox, QFileDialog, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from desktop.widgets.qt_words import QtWords
from desktop.widgets.words import table


def test_buttons_and_the_menu_of_a_field_are_vietnamese(qtbot: QtBot, qapp: QApplication) -> None:
    spoken = QtWords("vi")
    qapp.installTranslator(spoken)
    try:
        wanted = QDialogButtonBox.StandardButton
        box = QDialogButtonBox(wanted.Save | wanted.Cancel | wanted.Close)
        field = QLineEdit()
        qtbot.addWidget(box)
        qtbot.addWidget(field)
        shown = {box.button(which).text().replace("&", "") for which in (wanted.Save, wanted.Cancel, wanted.Close)}
        menu = field.createStandardContextMenu()
        entries = [action.text().split("\t")[0].replace("&", "") for action in menu.actions() if action.text()]
        menu.deleteLater()
    finally:
        qapp.removeTranslator(spoken)
    assert shown == {"Lưu", "Thôi", "Đóng"}
    assert entries == ["Hoàn tác", "Làm lại", "Cắt", "Sao chép", "Dán", "Xóa", "Chọn tất cả"]


def test_what_is_not_known_stays_as_qt_says_it(qapp: QApplication) -> None:
    spoken = QtWords("vi")
    qapp.installTranslator(spoken)
    try:
        assert QApplication.translate("Anywhere", "Not one of Qt's texts") == "Not one of Qt's texts"
    finally:
        qapp.removeTranslator(spoken)


def test_access_keys_differ_within_a_menu() -> None:
    menu = {name: text for name, text in table("vi", "qt")["edit"].items() if "&" in text}
    keys = [menu[name][menu[name].index("&") + 1].lower() for name in ("undo", "redo", "cut", "copy", "paste")]
    assert len(set(keys)) == 5


def test_the_window_that_asks_for_a_file_is_vietnamese(qtbot: QtBot, qapp: QApplication) -> None:
    spoken = QtWords("vi")
    qapp.installTranslator(spoken)
    try:
        asking = QFileDialog()
        qtbot.addWidget(asking)
        asking.setOption(QFileDialog.Option.DontUseNativeDialog)
        labels = {label.text().replace("&", "") for label in asking.findChildren(QLabel)}
    finally:
        qapp.removeTranslator(spoken)
    assert {"Tìm trong:", "Loại tệp:"} <= labels

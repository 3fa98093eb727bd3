"""What helps to type a choice or a day: a list that narrows as one types, and a calendar. Loaded with the first."""

from PySide6.QtCore import QDate, QLocale, QPoint, QStringListModel, Qt
from PySide6.QtWidgets import QCalendarWidget, QCompleter, QFrame, QLineEdit, QVBoxLayout

from desktop.widgets.words import language, say
from sync.domain.catalogue import Indicator
from sync.domain.spelling import day_of, day_text
from sync.domain.text import search


class Choices(QCompleter):
    """The choices of an indicator under the editor: those that hold what was typed, with or without accents."""

    def __init__(self, editor: QLineEdit, indicator: Indicator) -> None:
        self._found = QStringListModel()
        super().__init__(self._found, editor)
        self._all = indicator.choices
        self.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        found = self.popup()
        if found is not None:
            found.setAccessibleName(say("entry.editor.choices"))
        editor.setCompleter(self)
        editor.textEdited.connect(self.narrow)

    def narrow(self, typed: str) -> None:
        """Offer what holds the words of `typed`; all of them for none."""
        self._found.setStringList(search(typed, self._all, str))
        self.complete()


class Calendar(QFrame):
    """A calendar under the editor; the day that is chosen is typed into it."""

    def __init__(self, editor: QLineEdit) -> None:
        super().__init__(editor, Qt.WindowType.Popup)
        self.setProperty("look", "card")
        self._editor = editor
        self.days = QCalendarWidget(self)
        self.days.setLocale(QLocale(QLocale.Language.Vietnamese if language() == "vi" else QLocale.Language.English))
        self.days.setFirstDayOfWeek(Qt.DayOfWeek.Monday)
        self.days.setAccessibleName(say("entry.editor.calendar"))
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.addWidget(self.days)
        typed = day_of(editor.text(), None)
        if typed is not None:
            self.days.setSelectedDate(QDate(typed.year, typed.month, typed.day))
        self.days.activated.connect(self._take)
        self.days.clicked.connect(self._take)
        self.move(editor.mapToGlobal(QPoint(0, editor.height())))
        self.show()
        self.days.setFocus()

    def _take(self, day: QDate) -> None:
        self._editor.setText(day_text(day.year(), day.month(), day.day()))
        self.close()
        self.deleteLater()
        self._editor.setFocus()

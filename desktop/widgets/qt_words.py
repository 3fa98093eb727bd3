"""Vietnamese for the buttons and menus that Qt itself draws: no Qt package has a Vietnamese catalogue."""

from PySide6.QtCore import QTranslator

from desktop.widgets.words import table


class QtWords(QTranslator):
    """Qt's own texts in `language`, by the text that Qt asks for."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._language = language
        self._texts: dict[str, str] = {}

    def isEmpty(self) -> bool:
        return False

    def translate(self, context: str, text: str, disambiguation: str | None = None, n: int = -1) -> str | None:
        """The text in this language, or nothing, which leaves Qt's own."""
        if text == "QT_LAYOUT_DIRECTION":
            return None  # asked of every translator at once, before the first window; ours are written from the left
        if not self._texts:
            # Read when Qt first asks: nothing of it is on the first screen.
            asked, given = table("en", "qt"), table(self._language, "qt")
            self._texts = {text: given[part][name] for part, names in asked.items() for name, text in names.items()}
        return self._texts.get(text)

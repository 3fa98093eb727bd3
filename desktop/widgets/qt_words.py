"""Vietnamese for the buttons and menus that Qt itself draws: no Qt package has a Vietnamese catalogue."""

from PySide6.QtCore import QTranslator

from desktop.widgets.words import table


class QtWords(QTranslator):
    """Qt's own texts in `language`, by the text that Qt asks for."""

    def __init__(self, language: str) -> None:
        super().__init__()
        asked, given = table("en", "qt"), table(language, "qt")
        self._texts: dict[str, str] = {
            text: given[part][name] for part, names in asked.items() for name, text in names.items()
        }

    def isEmpty(self) -> bool:
        return not self._texts

    def translate(self, context: str, text: str, disambiguation: str | None = None, n: int = -1) -> str | None:
        """The text in this language, or nothing, which leaves Qt's own."""
        return self._texts.get(text)

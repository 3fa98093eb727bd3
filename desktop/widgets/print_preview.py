"""The pages of a form or a report before they are printed: to a printer, or into a PDF."""

from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QSettings, QStandardPaths, Slot
from PySide6.QtGui import QPainter, QPdfWriter
from PySide6.QtPrintSupport import QPrintDialog, QPrinter, QPrinterInfo, QPrintPreviewWidget
from PySide6.QtWidgets import QCheckBox, QDialog, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from desktop.widgets import theme
from desktop.widgets.pages import Printed, Sheets, lay_out
from desktop.widgets.words import say
from sync.domain.errors import EnvironmentFault
from sync.exchange.writing import whole

_DPI = 600
_SIZE = 1000, 700


class PrintDialog(QDialog):
    """Shows the pages of `printed`; `name` is the file name proposed for a PDF, and `folder` the setting that says
    where the last one went."""

    def __init__(
        self, printed: Printed, name: str, settings: QSettings, folder: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._printed, self._name, self._settings, self._folder = printed, name, settings, folder
        self.setWindowTitle(say("widgets.print.title", form=printed.title))
        self._printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        lay_out(self._printer, printed)
        self.pages = QPrintPreviewWidget(self._printer, self)
        self.pages.setAccessibleName(say("widgets.print.pages"))
        self._said = theme.label("", "small")
        self._said.setWordWrap(True)
        self.signatures = QCheckBox(say("widgets.print.signatures"))
        self.signatures.setChecked(True)
        self.pdf, self.paper = (
            theme.button(say("widgets.print.pdf")),
            theme.button(say("widgets.print.print"), "primary"),
        )
        close = theme.button(say("widgets.print.close"))
        column, row = QVBoxLayout(self), QHBoxLayout()
        column.addWidget(self.pages, 1)
        row.addWidget(self.signatures)
        row.addWidget(self._said, 1)
        for button in (close, self.pdf, self.paper):
            button.setAutoDefault(False)
            row.addWidget(button)
        column.addLayout(row)
        self.resize(theme.px(_SIZE[0]), theme.px(_SIZE[1]))
        self.pages.paintRequested.connect(self._paint)
        self.signatures.toggled.connect(self._sign)
        self.pdf.clicked.connect(self._ask_for_pdf)
        self.paper.clicked.connect(self._print)
        close.clicked.connect(self.reject)
        if not has_printer():
            # A PDF is what there is to be had, so it is offered first.
            self.paper.setEnabled(False)
            self._said.setText(say("widgets.print.no_printer"))
            self.pdf.setFocus()
        else:
            self.paper.setFocus()

    @Slot("QPrinter*")
    def _paint(self, printer: QPrinter) -> None:
        painter = QPainter(printer)
        Sheets(printer, self._printed, self.signatures.isChecked()).paint(painter, printer.newPage)
        painter.end()

    @Slot(bool)
    def _sign(self, _on: bool) -> None:
        self.pages.updatePreview()

    @Slot()
    def _print(self) -> None:
        dialog = QPrintDialog(self._printer, self)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self.pages.print_()
            self.accept()

    @Slot()
    def _ask_for_pdf(self) -> None:
        home = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        folder = Path(str(self._settings.value(self._folder, home)))
        found, _ = QFileDialog.getSaveFileName(
            self, say("widgets.print.pdf"), str(folder / f"{self._name}.pdf"), say("widgets.print.pdf_kind")
        )
        if found:
            self.save(Path(found))

    def save(self, path: Path) -> None:
        """Write the pages as a PDF; where that fails, say why, and nothing is half done."""
        path = path if path.suffix.lower() == ".pdf" else path.with_name(path.name + ".pdf")
        try:
            write_pdf(path, self._printed, self.signatures.isChecked())
        except EnvironmentFault as fault:
            self._said.setText(
                f"{say(f'errors.{fault.code}.text', **fault.details)} {say(f'errors.{fault.code}.way_out')}"
            )
            return
        self._settings.setValue(self._folder, str(path.parent))
        self._said.setText(say("exchange.saved", file=path.name))


def has_printer() -> bool:
    """Whether the system knows a printer."""
    return bool(QPrinterInfo.availablePrinterNames())


def write_pdf(path: Path, printed: Printed, signatures: bool) -> None:
    """Write the pages into a PDF, its letters within it. Raises EnvironmentFault "file_unwritable"."""
    kept = QBuffer()
    kept.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(kept)
    writer.setResolution(_DPI)
    writer.setTitle(printed.title)
    writer.setCreator("Sổ Xã")
    lay_out(writer, printed)
    painter = QPainter(writer)
    Sheets(writer, printed, signatures).paint(painter, writer.newPage)
    painter.end()
    with whole(path) as part:
        part.write_bytes(kept.data().data())

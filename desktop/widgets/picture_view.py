"""A picture that is looked at closely: as large as the window, or nearer, and moved about by mouse and keys."""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QGraphicsPixmapItem, QGraphicsScene, QGraphicsView, QWidget

from desktop.widgets import theme

STEP: Final = 1.25
"""How much nearer one step brings."""

_NEAREST: Final = 8.0
_FARTHEST: Final = 0.05
_NOTCH: Final = 120
"""What a mouse's wheel tells for one notch (Qt)."""


class PictureView(QGraphicsView):
    """`zoomed` carries the picture's size in per cent. Plus and minus step, 0 fits it in, 1 is its true size, the wheel
    steps where `wheel_zooms`, else only with Ctrl."""

    zoomed = Signal(int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setBackgroundBrush(theme.roles().computed)
        self.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.wheel_zooms = True
        self._fits = True
        self._item = QGraphicsPixmapItem()
        self._item.setTransformationMode(Qt.TransformationMode.SmoothTransformation)
        self._scene = QGraphicsScene(self)
        self._scene.addItem(self._item)
        self.setScene(self._scene)

    def show_image(self, image: QImage) -> None:
        """Show another picture; it fits in, or stays as near as the one before it was."""
        self._item.setPixmap(QPixmap.fromImage(image))
        self._scene.setSceneRect(self._item.boundingRect())
        if self._fits:
            self.fit()
        else:
            for bar in (self.verticalScrollBar(), self.horizontalScrollBar()):
                bar.setValue(bar.minimum())

    @property
    def percent(self) -> int:
        return round(self.transform().m11() * 100)

    def fit(self) -> None:
        """As large as the window, never larger than it is."""
        self._fits = True
        size, room = self._item.pixmap().size(), self.maximumViewportSize()
        if size.isEmpty():
            return
        self._scale_to(min(room.width() / size.width(), room.height() / size.height(), 1.0))

    def zoom(self, factor: float) -> None:
        """So many times nearer, in bounds."""
        self._fits = False
        self._scale_to(self.transform().m11() * factor)

    def true_size(self) -> None:
        self._fits = False
        self._scale_to(1.0)

    def _scale_to(self, scale: float) -> None:
        self.resetTransform()
        bounded = max(_FARTHEST, min(_NEAREST, scale))
        self.scale(bounded, bounded)
        self.zoomed.emit(self.percent)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fits:
            self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        with_ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.angleDelta().y() and (self.wheel_zooms or with_ctrl):
            self.zoom(STEP ** (event.angleDelta().y() / _NOTCH))
            event.accept()
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {"+": STEP, "=": STEP, "-": 1 / STEP}
        if event.text() in steps:
            self.zoom(steps[event.text()])
        elif event.text() == "0":
            self.fit()
        elif event.text() == "1":
            self.true_size()
        else:
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, _event: object) -> None:
        """Between fitting in and the true size."""
        if self._fits:
            self.true_size()
        else:
            self.fit()

"""The evidence of a task in every state, and files that are looked at, for `tests.screenshots`."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep
from typing import Final

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QLinearGradient, QPageSize, QPainter, QPdfWriter, QPolygonF
from PySide6.QtTest import QTest

from desktop.app import App
from desktop.shell.window import Window
from desktop.tasks.room import TasksRoom
from desktop.tasks.sources import Source
from desktop.widgets import work
from desktop.widgets.place import Place
from desktop.widgets.preview import Preview
from sync.domain.evidence import Evidence, key_of
from sync.domain.keys import TASK
from sync.domain.media import Media
from sync.store import ChangeSet
from sync.store.evidence import of_task
from sync.store.files import Files
from tests.desktop.drawn import encoded, screen, taken
from tests.desktop.sampled import COMMUNE, receive

Save = Callable[[App, Path], None]

OTHER: Final = "Trần Văn Bình"
THERE: Final = {
    "019324c1-5a00-7000-8000-000000000801": Evidence("Biên bản họp thôn.pdf", "a" * 64, 1_834_112, Media.PDF),
    "019324c1-5a00-7000-8000-000000000802": Evidence("Ảnh ra quân.jpg", "b" * 64, 612_400, Media.JPG),
}
"""What another PC attached: one is being fetched, the other is not here."""


def take_evidence(app: App, window: Window, folder: Path, name: str, save: Save) -> None:
    """A task without a file; with files in every state and some that were refused; and files looked at."""
    (room,) = window.findChildren(TasksRoom)
    tasks = sorted({(key.unit, key.item) for key in app.store.select(TASK, COMMUNE.key) if key.unit != COMMUNE.key})
    (unit, item), (_, bare) = tasks[0], tasks[1]
    window.show_place(Place("tasks", task=bare))
    show_panel(room)
    save(app, folder / f"evidence-empty-{name}.png")
    window.show_place(Place("tasks", task=item))
    with TemporaryDirectory() as scratch:
        if not app.store.cells_of("evidence", [unit], [""], item):
            attach(app, room, unit, item, Path(scratch))
        else:
            refuse(room, Path(scratch))
    show_panel(room)
    save(app, folder / f"evidence-{name}.png")
    look(room, folder, name)


def attach(app: App, room: TasksRoom, unit: str, item: str, scratch: Path) -> None:
    """Files of this PC, and what is said of files of another."""
    files = {
        "Lớp tập huấn VNeID.jpg": taken(scene(1600, 1200), 1),
        "Quyết định 15.pdf": paper(),
        "Màn hình thống kê.png": encoded(screen(1366, 768), "png"),
        "Tổ công nghệ số.jpg": taken(scene(1200, 1600, 2), 1),
    }
    for called, data in files.items():
        (scratch / called).write_bytes(data)
    room.proving.attach([Source(called, scratch / called) for called in files])
    wait()
    said = [(key_of(unit, item, uuid), [one.content()]) for uuid, one in THERE.items()]
    app.feed.changed.emit(ChangeSet(receive(app.store, said, OTHER, COMMUNE.key)))
    kept = Files.open(app.preferences.folder, bytes.fromhex("07" * 32))
    sent, _, at_centre, refused = (one.evidence for one in of_task(app.store, kept, unit, item)[-4:])
    kept.was_sent(sent.sha256, sent.size * 2 // 5, at_centre=False)
    kept.was_sent(at_centre.sha256, at_centre.size, at_centre=True)
    kept.was_refused(refused.sha256, "evidence_no_room")
    first = next(iter(THERE.values()))
    kept.ask_for(first.sha256, first.size)
    kept.add(first.sha256, 0, bytes(first.size // 3))
    kept.close()
    refuse(room, scratch)


def refuse(room: TasksRoom, scratch: Path) -> None:
    """Two files that are not taken, while others are being attached."""
    bad = {"cài đặt.pdf": b"MZ", "ảnh hỏng.jpg": taken(scene(400, 300), 1)[:3_000]}
    for called, data in bad.items():
        (scratch / called).write_bytes(data)
    room.proving.panel._forget_refused()
    room.proving.attach([Source(called, scratch / called) for called in bad])
    wait()
    room.proving.panel.say_under_way("Ảnh 7.jpg", 4, 10)
    room.proving.refresh()


def show_panel(room: TasksRoom) -> None:
    settle()
    while room.proving.thumbnails._work is not None:
        settle()
    room.page.ensureWidgetVisible(room.proving.panel)
    bar = room.page.verticalScrollBar()
    bar.setValue(min(bar.maximum(), room.proving.panel.y() - 12))


def look(room: TasksRoom, folder: Path, name: str) -> None:
    """A photograph, a paper and a file that only its own program opens."""
    panel = room.proving.panel
    for scene_name, media in (("picture", Media.JPG), ("paper", Media.PDF)):
        key = next(one.cell.key for one in panel.all() if one.is_here and one.evidence.media is media)
        room.proving._open(key)
        (preview,) = (one for one in room.findChildren(Preview) if one.isVisible())
        while not preview.view.isVisible():
            settle()
        settle()
        preview.grab().save(str(folder / f"evidence-{scene_name}-{name}.png"))
        print(f"evidence-{scene_name}-{name}.png")
        preview.close()
        settle()


def wait() -> None:
    """Until all that was asked for is attached."""
    while work._running:
        settle()
    settle()


def settle() -> None:
    """Let timers, paints and other threads go on: a wait of Qt's own leaves them no turn."""
    for _ in range(8):
        QTest.qWait(20)
        sleep(0.02)


def scene(width: int, height: int, people: int = 5) -> QImage:
    """People before hills, as a telephone would see them."""
    drawn = QImage(width, height, QImage.Format.Format_RGB32)
    painter = QPainter(drawn)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    sky = QLinearGradient(0, 0, 0, height)
    sky.setColorAt(0, QColor("#8FB8DE"))
    sky.setColorAt(1, QColor("#F3E9D2"))
    painter.fillRect(drawn.rect(), sky)
    painter.setPen(Qt.PenStyle.NoPen)
    for place, colour in enumerate(("#7A9E7E", "#4F7A55", "#355E3B")):
        top = height * (0.45 + 0.12 * place)
        peak = width * (0.25 + 0.3 * place)
        hill = [(0, height), (0, top + 0.1 * height), (peak, top - 0.05 * height), (width, top + 0.15 * height)]
        painter.setBrush(QColor(colour))
        painter.drawPolygon(QPolygonF([QPointF(*point) for point in (*hill, (width, height))]))
    step, side = width / (people + 1), width / 14
    for place in range(people):
        middle, ground = step * (place + 1), height * 0.95
        painter.setBrush(QColor(("#B3261E", "#1F5FA8", "#EAC54F", "#6F3FA0", "#F6F7F9")[place % 5]))
        painter.drawRoundedRect(QRectF(middle - side / 2, ground - 2.4 * side, side, 2.4 * side), side / 3, side / 3)
        painter.setBrush(QColor("#E2B48C"))
        painter.drawEllipse(QPointF(middle, ground - 2.8 * side), side / 2.4, side / 2.4)
    painter.end()
    return drawn


def paper() -> bytes:
    """A decision of two pages."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF(20, 20, 20, 20))
    painter = QPainter(writer)
    heading, words = QFont("Be Vietnam Pro", 13, QFont.Weight.DemiBold), QFont("Be Vietnam Pro", 11)
    for page in (1, 2):
        area = QRectF(0, 0, writer.width(), writer.height())
        painter.setFont(heading)
        painter.drawText(area, Qt.AlignmentFlag.AlignHCenter, f"KẾ HOẠCH (mẫu)\nTrang {page}")
        painter.setFont(words)
        line = "Tổ công nghệ số cộng đồng hướng dẫn người dân cài đặt và sử dụng dịch vụ công trực tuyến. "
        wrap = Qt.AlignmentFlag.AlignJustify | Qt.TextFlag.TextWordWrap
        painter.drawText(area.adjusted(0, writer.height() / 9, 0, 0), wrap, line * 16)
        if page == 1:
            writer.newPage()
    painter.end()
    return bytes(buffer.data().data())

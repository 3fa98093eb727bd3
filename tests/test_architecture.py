"""Who may import whom, in words. An import inside a function counts as much as one at the top of a file."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

MAY_IMPORT = {
    "sync.domain": (),
    "sync.protocol": ("sync.domain",),
    "sync.store": ("sync.protocol", "sync.domain"),
    "sync.exchange": ("sync.analysis", "sync.protocol", "sync.domain"),
    "sync.analysis": ("sync.exchange", "sync.protocol", "sync.domain"),
    "sync.client": ("sync.store", "sync.exchange", "sync.protocol", "sync.domain"),
    "sync.central": ("sync.exchange", "sync.analysis", "sync.protocol", "sync.domain"),
    "desktop": (
        *("sync.client", "sync.store", "sync.exchange", "sync.analysis", "sync.protocol", "sync.domain"),
        "desktop",
    ),
}
NO_ROOMS = ("desktop.shell", "desktop.widgets")
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}


def imported(source: str) -> set[str]:
    """Every dotted name that this code imports, wherever in the code, also by import_module("…")."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name the whole path"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in ("import_module", "__import__"):
                found.add(str(node.args[0].value))
    return found


def imported_when_running(source: str) -> set[str]:
    """The same without what only the type checker reads."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            node.body = [ast.Pass()]
    return imported(ast.unparse(tree))


def modules(package: str) -> dict[str, Path]:
    """Every module of a package, itself included, with its file."""
    files = sorted(ROOT.joinpath(*package.split(".")).rglob("*.py"))
    return {".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file for file in files}


def strangers(package: str, allowed: tuple[str, ...]) -> list[str]:
    """What the modules of `package` import of ours besides themselves and what is `allowed`."""
    known = (package, *allowed)
    return [
        f"{module} imports {name}"
        for module, file in modules(package).items()
        for name in sorted(imported(file.read_text(encoding="utf-8")))
        if within(name, "desktop", "sync") and not within(name, *known)
    ]


def within(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


def rooms() -> list[str]:
    packages = sorted(f"desktop.{file.parent.name}" for file in ROOT.glob("desktop/*/__init__.py"))
    return [package for package in packages if package not in NO_ROOMS]


def test_an_import_is_seen_wherever_it_stands() -> None:
    source = """
import os.path
def later():
    from desktop.entry import room
    if True:
        import sync.store as kept
        importlib.import_module("sync.central.app")
"""
    assert imported(source) == {"os.path", "desktop.entry.room", "sync.store", "sync.central.app"}


def test_every_layer_is_judged() -> None:
    packages = {f"sync.{file.parent.name}" for file in ROOT.glob("sync/*/__init__.py")} | {"desktop"}
    assert packages <= MAY_IMPORT.keys()
    assert len(rooms()) >= 4


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_layer_imports_only_what_lies_below_it(package: str) -> None:
    """Desktop, then client, store, exchange and analysis, then protocol, then domain; the centre beside them."""
    assert strangers(package, MAY_IMPORT[package]) == []


def test_the_domain_stands_on_the_standard_library_alone() -> None:
    for module, file in modules("sync.domain").items():
        for name in imported(file.read_text(encoding="utf-8")):
            top = name.partition(".")[0]
            assert top in sys.stdlib_module_names or within(name, "sync.domain"), f"{module} imports {name}"


def test_qt_lives_only_in_the_desktop() -> None:
    for module, file in modules("sync").items():
        for name in imported(file.read_text(encoding="utf-8")):
            assert not within(name, "PySide6", "shiboken6"), f"{module} imports {name}"


@pytest.mark.parametrize("room", rooms())
def test_a_room_imports_widgets_feed_and_sync_and_never_another_room(room: str) -> None:
    assert strangers(room, ("desktop.widgets", "desktop.feed", "sync")) == []


def test_what_rooms_share_knows_no_room() -> None:
    assert strangers("desktop.widgets", ("sync",)) == []
    assert strangers("desktop.feed", ("sync",)) == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    known = modules("desktop") | modules("sync")
    wanted = {
        module: {
            found
            for name in imported_when_running(file.read_text(encoding="utf-8"))
            if (found := name if name in known else name.rpartition(".")[0]) in known
        }
        for module, file in known.items()
    }
    list(TopologicalSorter(wanted).static_order())


def test_no_module_has_a_vague_name() -> None:
    for module in modules("desktop") | modules("sync"):
        assert not VAGUE & set(module.split(".")), module


def test_nothing_is_read_written_or_started_at_import() -> None:
    """Importing every module opens no file but Python's own, no database, no connection and no process."""
    names = [name for name in modules("desktop") | modules("sync") if not name.endswith("__main__")]
    watch = f"""
import importlib, sys
import fastapi, keyring, nacl.signing, PySide6.QtWidgets, requests, sqlalchemy, sqlcipher3, sqlite_utils, typer, uvicorn
never = {{"socket.connect", "socket.bind", "sqlite3.connect", "subprocess.Popen", "os.remove"}}
def hook(event, arguments):
    named = str(arguments[0]) if arguments else ""
    ours = named.startswith({str(ROOT)!r}) and "__pycache__" not in named and not named.endswith(".py")
    if event in never or event in ("open", "os.mkdir", "os.rename") and ours:
        sys.exit(event + " " + named)
sys.addaudithook(hook)
for name in {names!r}:
    importlib.import_module(name)
"""
    ended = subprocess.run([sys.executable, "-c", watch], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr

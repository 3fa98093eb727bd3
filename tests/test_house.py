"""The texts at the root of the project: the lock, the licences, the readme and the wheel that is built of them."""

import configparser
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from desktop import VERSION

ROOT = Path(__file__).parents[1]
PINNED = re.compile(r"^([a-z0-9-]+)==([^ ]+) ", re.MULTILINE)


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def project() -> dict[str, object]:
    found = tomllib.loads(text("pyproject.toml"))["project"]
    assert isinstance(found, dict)
    return found


def test_the_lock_names_no_host_and_no_path_and_hashes_everything() -> None:
    lock = text("requirements.lock")
    assert not re.search(r"://|index-url|find-links|trusted-host|file:| @ |\.whl|\.tar", lock)
    requirements = re.split(r"\n(?=\S)", lock)
    assert requirements.pop(0).strip() == "--only-binary :all:"
    assert len(requirements) > 30
    for requirement in requirements:
        assert PINNED.match(requirement), requirement[:60]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", requirement), requirement[:60]


def test_the_lock_holds_what_the_project_asks_for() -> None:
    pinned = dict(PINNED.findall(text("requirements.lock")))
    found = tomllib.loads(text("pyproject.toml"))
    groups = [found["project"]["dependencies"], *found["project"]["optional-dependencies"].values()]
    for asked in [Requirement(line) for group in groups for line in (*group, *found["build-system"]["requires"])]:
        name = canonicalize_name(asked.name)
        assert pinned[name] in asked.specifier, f"{asked} against {pinned[name]}"


def test_versions_agree() -> None:
    assert project()["version"] == VERSION
    assert f"## {VERSION}" in text("CHANGELOG.md")


@pytest.mark.parametrize("command", ["python3 build/dev.py run", "python3 build/dev.py test"])
def test_the_readme_shows_both_commands_in_both_languages(command: str) -> None:
    english, vietnamese = text("README.md").split("\n---\n")
    for half in (english, vietnamese):
        assert f"\n{command}\n" in half


def test_the_readme_names_only_what_exists() -> None:
    for named in re.findall(r"`((?:desktop|sync|resources|tests|build)/[a-z_/.]*)`", text("README.md")):
        assert (ROOT / named).exists(), named
    for name in re.findall(r"`([A-Z]+(?:\.md)?)`", text("README.md")):
        if name not in ("DIR", "NAME"):
            assert (ROOT / name).is_file(), name


def test_the_check_of_the_house_is_the_command_of_the_readme() -> None:
    lines = [line for line in text(".ci/run").splitlines() if not line.startswith(("#", "set ", "cd "))]
    assert lines == ["exec python3 build/dev.py test"]


def test_every_source_of_data_and_every_licence_is_named() -> None:
    assert "Apache License\n                           Version 2.0, January 2004" in text("LICENSE")
    notice = text("NOTICE")
    for named in ("PySide6", "LGPL", "SQLCipher", "Be Vietnam Pro", "Open Font License", "Lucide", "ISC"):
        assert named in notice
    for named in ("vietnamadminunits", "MIT", "nguyenquoctoan190101-create/bana-smartlink-rc"):
        assert named in notice
    assert "SIL OPEN FONT LICENSE" in text("resources/fonts/OFL.txt")
    assert "ISC License" in text("resources/icons/LICENSE.txt")


def test_no_generated_file_and_no_package_shadows_the_folder_of_developer_commands() -> None:
    assert not list((ROOT / "build").rglob("__init__.py"))
    assert not re.search(r"^/?build/?$", text(".gitignore"), re.MULTILINE)


def test_the_wheel_carries_the_resources_where_the_code_looks_for_them(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path], cwd=ROOT, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name == f"soxa-{VERSION}-py3-none-any.whl"
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(installed)
    (told,) = installed.glob("*.dist-info/entry_points.txt")
    asked = configparser.ConfigParser()
    asked.read_string(told.read_text(encoding="utf-8"))
    targets = [asked["gui_scripts"]["soxa"], asked["console_scripts"]["soxa-central"]]
    looked = f"""
import sys
sys.path.insert(0, {str(installed)!r})
from importlib.metadata import EntryPoint
from desktop.widgets.resources import ROOT
print(ROOT, all(callable(EntryPoint("", target, "").load()) for target in {targets!r}))
"""
    ended = subprocess.run(
        [sys.executable, "-c", looked], cwd=tmp_path, capture_output=True, encoding="utf-8", check=True
    )
    assert ended.stdout.split() == [str(installed / "resources"), "True"]
    for folder in ("catalogues", "fonts", "icons", "samples", "translations"):
        assert {f.name for f in (ROOT / "resources" / folder).iterdir()} == {
            f.name for f in (installed / "resources" / folder).iterdir()
        }

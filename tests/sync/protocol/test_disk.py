"""Secrets on the disk: whole or not at all, and nobody else's to read."""

import os
from pathlib import Path

import pytest

from sync.protocol import disk


def test_a_secret_is_written_whole_for_its_owner_alone_and_settled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"before")
    path.with_name("secret.part").write_bytes(b"half of another")
    synced: list[str] = []

    def fsync(descriptor: int) -> None:
        synced.append("folder" if os.path.samestat(os.fstat(descriptor), tmp_path.stat()) else "file")

    monkeypatch.setattr(os, "fsync", fsync)
    disk.write_secret(path, b"after")
    assert path.read_bytes() == b"after"
    assert [one.name for one in tmp_path.iterdir()] == ["secret"]
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600
        assert synced == ["file", "folder"]


def test_what_stood_there_stays_when_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"before")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        disk.write_secret(path, b"after")
    assert path.read_bytes() == b"before"

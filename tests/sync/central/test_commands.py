"""The command soxa-central as a person calls it: a process, its exit code and its sentences."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest
from sqlalchemy import func, select

from sync.central import tables
from sync.central.centre import open_centre
from sync.central.database import reading
from sync.central.words import RESOURCES
from sync.domain.keys import DEADLINE, TASK, UNIT, VALUE
from sync.exchange.catalogue import load
from tests.sync.central.conftest import COMMUNE, Clock

COMMAND = [sys.executable, "-m", "sync.central.commands"]
ROOT = Path(__file__).resolve().parents[3]
ENVIRONMENT = {**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "Asia/Ho_Chi_Minh"}


def run(*arguments: str | Path, lang: str = "C.UTF-8") -> subprocess.CompletedProcess[str]:
    environment = {**ENVIRONMENT, "LC_ALL": lang}
    return subprocess.run([*COMMAND, *map(str, arguments)], cwd=ROOT, env=environment, **_TEXT)


_TEXT = {"capture_output": True, "encoding": "utf-8", "check": False, "timeout": 60}

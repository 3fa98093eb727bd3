"""What the server says of itself: in a log that holds no figure."""

import subprocess
import sys

_FAILS = """
import logging
from sync.central.serving import set_up_log
from sync.domain.values import ContentError, Value

set_up_log()
try:
    try:
        Value.of("8256013 hộ")
    except ContentError as error:
        raise RuntimeError("8256013") from error
except RuntimeError as error:
    logging.getLogger("uvicorn.error").error("Exception in ASGI application", exc_info=error)
"""


def test_an_error_is_told_by_its_kind_and_lines_and_not_by_its_words() -> None:
    ended = subprocess.run([sys.executable, "-c", _FAILS], capture_output=True, encoding="utf-8", check=True)
    assert "Exception in ASGI application" in ended.stderr
    assert "RuntimeError" in ended.stderr
    assert "ContentError" in ended.stderr
    assert "sync/domain/values.py:" in ended.stderr.replace("\\", "/")
    assert "8256013" not in ended.stderr + ended.stdout

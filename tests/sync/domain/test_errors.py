"""Faults of the environment: codes that the translations can rely on, and details that a sentence names."""

import re

from sync.domain.errors import CODES, EnvironmentFault


def test_every_code_stands_once_and_can_be_a_key_of_the_translations() -> None:
    assert len(set(CODES)) == len(CODES)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)+", code) for code in CODES)


def test_a_fault_carries_its_code_and_details() -> None:
    fault = EnvironmentFault("server_busy", retry_after_s=30)
    assert (fault.code, fault.details) == ("server_busy", {"retry_after_s": 30})
    assert "server_busy" in str(fault)


def test_details_may_be_added_on_the_way_up() -> None:
    fault = EnvironmentFault("store_damaged")
    fault.details["copy"] = "soxa-damaged-1.db"
    assert "soxa-damaged-1.db" in str(fault)
    assert "copy" not in EnvironmentFault("store_damaged").details

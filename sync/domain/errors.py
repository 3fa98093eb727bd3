"""Faults of the environment: what a person can be told in a title, a sentence and a way out.

Our own bugs stay ordinary exceptions; a fault is the network's, the disk's, the server's or the input's.
"""

from pathlib import Path
from types import TracebackType
from typing import Final

CODES: Final = (
    "store_damaged",
    "store_newer",
    "store_key_missing",
    "store_missing",
    "people_damaged",
    "people_mended",
    "people_foreign",
    "people_unsaved",
    "password_wrong",
    "password_wait",
    "memory_short",
    "recovery_missing",
    "recovery_damaged",
    "recovery_request",
    "recovery_foreign",
    "recovery_other_person",
    "recovery_used",
    "recovery_code",
    "store_busy",
    "store_folder_unwritable",
    "window_silent",
    "disk_full",
    "server_address_invalid",
    "server_unreachable",
    "server_timeout",
    "server_certificate",
    "server_not_centre",
    "server_busy",
    "server_failed",
    "answer_damaged",
    "answer_foreign",
    "clock_wrong",
    "code_wrong",
    "code_used",
    "code_expired",
    "device_unknown",
    "device_revoked",
    "protocol_old",
    "protocol_new",
    "push_gap",
    "push_branch",
    "catalogue_invalid",
    "catalogue_old",
    "catalogue_unfit",
    "file_unreadable",
    "file_missing",
    "file_is_folder",
    "file_busy",
    "file_empty",
    "file_kind_unknown",
    "file_encoding",
    "file_damaged",
    "file_password",
    "file_too_large",
    "file_too_many_rows",
    "file_unwritable",
    "template_damaged",
    "template_form",
    "template_version",
    "template_period",
    "template_units",
    "villages_invalid",
    "tasks_no_headings",
    "tasks_too_many",
    "evidence_empty",
    "evidence_too_large",
    "evidence_kind",
    "evidence_changed",
    "evidence_unreadable",
    "evidence_damaged",
    "evidence_unknown",
    "evidence_wrong",
    "evidence_came_wrong",
    "evidence_absent",
    "evidence_no_room",
    "evidence_too_much",
    "picture_damaged",
    "picture_huge",
    "pdf_damaged",
    "pdf_password",
    "parcel_damaged",
    "parcel_cut",
    "parcel_too_large",
    "parcel_newer",
    "parcel_other_centre",
    "parcel_other_device",
    "parcel_unenrolled",
    "parcel_sender",
    "parcel_is_answer",
    "parcel_not_answer",
    "parcel_old",
    "joined_already",
    "joined_unproven",
    "register_damaged",
    "order_repeated",
    "order_unfit",
    "order_no_right",
    "role_unfit",
    "role_not_held",
    "role_own",
    "person_unknown",
    "person_elsewhere",
    "device_has_people",
    "step_unseen",
    "unit_unknown",
    "unit_closed",
    "unit_has_units",
    "not_a_commune",
    "unit_code_unfit",
    "unit_code_taken",
    "name_unfit",
    "name_taken",
    "villages_too_many",
    "day_unfit",
    "form_unknown",
    "period_unfit",
)
"""Every code has errors.<code>.title, .text and .way_out in the translations."""


class EnvironmentFault(Exception):
    """A fault with a stable `code` of CODES and the `details` that its sentence names."""

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code, details)
        self.code = code
        self.details = details


def lines_of(trace: TracebackType | None) -> list[str]:
    """The lines of code on the way to an error, for a log: without the error's own words, which may quote a figure."""
    import traceback  # not for a start

    root = Path(__file__).resolve().parents[2]
    found = []
    for frame in traceback.extract_tb(trace):
        file = Path(frame.filename)
        name = file.relative_to(root) if file.is_relative_to(root) else file.name
        found.append(f"  {name}:{frame.lineno} {frame.name}")
    return found

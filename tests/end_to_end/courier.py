"""A PC without a window that attaches one file and brings it to the centre, in a process of its own.

Run as `python -m tests.end_to_end.courier DATA_DIR SERVER UNIT TASK FILE`. Enrols a folder that is not enrolled, with
the code that is the first line of standard input, attaches the file if it was not, and moves files until all are at the
centre. Says "moving" once it begins, a line for every piece, and "whole" at the end. It is made to be killed at any
moment.
"""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from nacl.signing import SigningKey

from sync.client.enrol import enrol
from sync.client.evidence import Courier, Limits
from sync.client.http import HttpRemote
from sync.client.session import Session
from sync.domain.errors import EnvironmentFault
from sync.store import Store
from sync.store.evidence import attach_file, count_of_task
from sync.store.files import Files
from sync.store.key import store_key


def now() -> datetime:
    return datetime.now(UTC)


def main() -> None:
    folder, server, unit, task, path = Path(sys.argv[1]), *sys.argv[2:5], Path(sys.argv[5])
    code = sys.stdin.readline().strip()
    key = store_key(folder)
    store = Store.open(folder, key)
    if store.enrolment() is None:
        enrol(store, server, code, "máy thử")
    enrolment = store.enrolment()
    assert enrolment is not None
    files = Files.open(folder, key)
    if not count_of_task(store, unit, task):
        attach_file(store, files, unit, task, path, now())
    remote = HttpRemote(server, SigningKey(store.signing_seed()), enrolment.centre_key)
    session = Session(store, remote, lambda: int(time.time()), lambda changes: None)
    courier = Courier(store, files, remote.files, now, Limits, lambda moved: print(moved.done, flush=True))
    print("moving", flush=True)
    while any(not found.at_centre for found in files.whole()):
        try:
            session.run()
            courier.run(lambda: True)
        except EnvironmentFault as fault:
            print(fault.code, file=sys.stderr, flush=True)
    print("whole", flush=True)


if __name__ == "__main__":
    main()

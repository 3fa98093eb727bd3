"""A PC without a window that types and syncs for as long as it lives, in a process of its own.

Run as `python -m tests.end_to_end.typist DATA_DIR SERVER PERSON UNIT SEED`. Enrols a folder that is not enrolled, with
the code that is the first line of standard input, then types random values into the unit's cells and syncs now and
then. Every edit is told on a line of standard output as JSON, `[branch, n, item, content]`, once it is durable. It is
made to be killed at any moment.
"""

import json
import random
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from nacl.signing import SigningKey

from sync.client.enrol import enrol
from sync.client.http import HttpRemote
from sync.client.session import Session
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import VALUE, Key
from sync.store import Store
from sync.store.key import store_key

ITEMS: Final = ("village_ct01", "village_ct02", "village_ct03")
PERIOD: Final = "A2026Q2"
EDITS_A_SYNC: Final = 3


def main() -> None:
    folder, server, person, unit, seed = Path(sys.argv[1]), *sys.argv[2:6]
    code = sys.stdin.readline().strip()
    chance = random.Random(int(seed))
    store = Store.open(folder, store_key(folder))
    if store.enrolment() is None:
        enrol(store, server, code, "máy thử")
    enrolment = store.enrolment()
    assert enrolment is not None
    remote = HttpRemote(server, SigningKey(store.signing_seed()), enrolment.centre_key)
    session = Session(store, remote, lambda: int(time.time()), lambda changes: None)
    while True:
        for _ in range(chance.randint(1, EDITS_A_SYNC)):
            key = Key(VALUE, unit, chance.choice(ITEMS), PERIOD)
            content = str(chance.randint(0, 10**6))
            if store.record_changes([(key, content)], person, datetime.now(UTC)):
                n, branch = store.db.execute("SELECT n, branch FROM change ORDER BY n DESC LIMIT 1").fetchone()
                print(json.dumps([branch, n, key.item, content]), flush=True)
        try:
            session.run()
            store.checkpoint()
        except EnvironmentFault as fault:
            print(fault.code, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()

"""Planted bugs: at least one for each invariant, each a small change of the engine's text, and what catches it.

    python -m tests.simulation.mutants [NAME …]

A copy of the tree is changed, and seeds of the simulated province run on it until one of them breaks; what they cannot
see, the named tests do. The last line of stdout is JSON.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parents[2]
SEEDS: Final = 80
_TIMEOUT_S: Final = 400
_SPOILT: Final = re.compile(r"raises (Attribute|Name|Import|ModuleNotFound|Syntax)Error")
_COPIED: Final = ("sync", "tests", "resources", "desktop", "build")


class Mutant(NamedTuple):
    """One planted bug: `old` stands exactly once in `file` and becomes `new`. `tests` see what the simulator cannot."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...] = ()


MUTANTS: Final = (
    Mutant(
        "I1 the latest wins",
        "sync/domain/heads.py",
        "    rest = tuple(head for head in heads if head not in seen)\n",
        "    rest: tuple[V, ...] = ()\n",
    ),
    Mutant(
        "I1 a decision covers rivals that nobody saw",
        "sync/store/cells.py",
        "            same = tuple(head.version for head in record.heads if head.content == pending.content) if record",
        "            same = tuple(head.version for head in record.heads) if record",
    ),
    Mutant(
        "I1 all who use a PC are one hand",
        "sync/central/arrivals.py",
        " and n < later.n and is_one_hand(head.author, than.author)\n",
        " and n < later.n and bool(head.author)\n",
        ("tests/sync/central/test_arrivals.py",),
    ),
    Mutant(
        "I1 whoever types has seen what another typed on their PC",
        "sync/store/held.py",
        "    return f\"({author} = '' OR {person} IN ('', {id_in(author)}))\"\n",
        "    return f\"({author} = '' OR {person} != '~')\"\n",
    ),
    Mutant(
        "I2 what is held counts as new",
        "sync/central/attach.py",
        "    count = next((place for place, link in enumerate(links) if link not in held), len(hashes))\n",
        "    count = 0\n",
    ),
    Mutant(
        "I2 a restored PC calls received what it did not send",
        "sync/store/sending.py",
        "                agreed_n = max(agreed_n, end.n)\n",
        "                agreed_n = store.last_link().n\n",
    ),
    Mutant(
        "I2 a forged receipt gives effect",
        "sync/central/receipts.py",
        "receipt.last in held and receipt.mac == mac(key, device, receipt.first_n, receipt.last, receipt.results):",
        "receipt.last in held:",
        ("tests/sync/central/test_receipts.py",),
    ),
    Mutant(
        "I2 a receipt gives nothing its effect again",
        "sync/central/receipts.py",
        "    return frozenset(effective)\n",
        "    return frozenset()\n",
    ),
    Mutant(
        "I2 what took effect late has no receipt",
        "sync/central/arrivals.py",
        'mac = b"" if is_parked else ',
        'mac = b"" if not is_parked else ',
        ("tests/sync/client/test_late_effects.py",),
    ),
    Mutant(
        "I2 a centre that was restored is not told of what it gave effect",
        "sync/store/base.py",
        '            self._store.keep_meta("agreed_n", str(receipts.uncut(self._store, version.n - 1)))\n',
        "            pass\n",
        ("tests/sync/client/test_late_effects.py",),
    ),
    Mutant(
        "I2 a receipt can be made longer",
        "sync/central/receipts.py",
        "msgspec.msgpack.encode((device, first_n, last, list(results)))",
        "msgspec.msgpack.encode((device, last, list(results)))",
        ("tests/sync/central/test_receipts.py",),
    ),
    Mutant(
        "I3 the cursor moves before the page is whole",
        "sync/store/receiving.py",
        "        is_last = start == starts[-1]\n",
        "        is_last = start == starts[0]\n",
        ("tests/sync/store/test_receiving.py",),
    ),
    Mutant(
        "I3 an answer by hand is taken wherever the PC stands by now",
        "sync/client/parcels.py",
        "    if not is_next(store, asked[0].push) or (is_read and asked[-1].cursors != cursors(store)):\n",
        "    if False:\n",
        ("tests/sync/client/test_parcels.py",),
    ),
    Mutant(
        "I2 anybody's requests are taken out of a parcel",
        "sync/central/carrying.py",
        "        opened = envelope.unseal(sealed, key)\n",
        "        opened = envelope.Opened(sender, envelope.unpack(sealed[20:-64], sealed[5], envelope.MAX_BODY))\n",
        ("tests/sync/client/test_parcels.py",),
    ),
    Mutant(
        "I14 what was taken back takes effect when its cause is gone",
        "sync/central/parked.py",
        ".values(reason=WITHDRAWN)",
        ".values(reason=columns.reason)",
        ("tests/sync/client/test_withdrawing.py",),
    ),
    Mutant(
        "I14 a centre that was restored has forgotten what was taken back",
        "sync/central/parked.py",
        "    return [(key_of(branch, n), TAKEN_BACK) for branch, n in connection.execute(query)]\n",
        "    return []\n",
        ("tests/sync/client/test_withdrawing.py",),
    ),
    Mutant(
        "I1 what a copy of the folder took back waits here for ever",
        "sync/store/base.py",
        "map(_taken_back, (*_TYPED, _SERVED))",
        "map(_taken_back, _TYPED)",
        ("tests/sync/client/test_withdrawing.py",),
    ),
    Mutant(
        "I11 somebody else takes back what another device typed",
        "sync/central/judgement.py",
        " if self._is_centre or device_of(key) == change.version.device else NOT_YOURS_TO_DECIDE\n",
        "\n",
        ("tests/sync/client/test_withdrawing.py",),
    ),
    Mutant(
        "I3 a reading that was broken off is believed",
        "sync/client/session.py",
        "    take_silence(store, answer.pages, asked.cursors)\n",
        "",
        ("tests/sync/test_histories.py",),
    ),
    Mutant(
        "I4 a reader skips a commit",
        "sync/central/pull.py",
        '.where(record.c.seq > bindparam("after"))',
        '.where(record.c.seq > bindparam("after") + 1)',
    ),
    Mutant(
        "I5 a copied folder goes on under the same names",
        "sync/store/store.py",
        "        self._branch = self.device + new_run()\n",
        '        self._branch = self.device + "0" * len(new_run())\n',
    ),
    Mutant(
        "I6 the sum keeps what was replaced",
        "sync/store/base.py",
        "            self._gone[bucket_of(self._stream, key)].append(row_hash(key, old.heads, old.prev))\n",
        "            pass\n",
    ),
    Mutant(
        "I6 a restored centre is believed",
        "sync/store/receiving.py",
        "page.digest != digest_of(store, subscription).brief()\n",
        'page.digest == b""\n',
    ),
    Mutant(
        "I6 what was received never gives way to what stands",
        "sync/store/receiving.py",
        '"UPDATE change SET open = 0 WHERE n = ?"',
        '"UPDATE change SET open = open WHERE n = ?"',
    ),
    Mutant(
        "I7 a healed range stays in doubt",
        "sync/store/healing.py",
        '            db.execute(f"DELETE FROM doubt WHERE {_RANGE}", row)\n',
        "",
    ),
    Mutant(
        "I7 healing forgets what the centre lost",
        "sync/store/healing.py",
        "    base = BaseWriter(store, check.subscription.stream, keeping=True)\n",
        "    base = BaseWriter(store, check.subscription.stream, keeping=False)\n",
    ),
    Mutant(
        "I7 what is lost is given up before the base can tell",
        "sync/store/healing.py",
        "        if stream_of(key) in waiting:\n",
        "        if not waiting and stream_of(key) in waiting:\n",
        ("tests/sync/store/test_healing.py",),
    ),
    Mutant(
        "I7 what was lost is asked about once",
        "sync/client/session.py",
        "        self._ask_again()\n",
        "",
        ("tests/sync/client/test_session.py",),
    ),
    Mutant(
        "I8 heads stand in the order of the clocks",
        "sync/central/arrivals.py",
        "        heads = tuple(known[version] for version in versions)\n",
        "        heads = tuple(sorted((known[version] for version in versions), key=lambda head: head.typed_at))\n",
    ),
    Mutant(
        "I9 what is typed during a pull counts as sent",
        "sync/store/sending.py",
        '        store.keep_meta("agreed_n", str(last.n))\n',
        '        store.keep_meta("agreed_n", str(store.last_link().n))\n',
    ),
    Mutant(
        "I10 a scope takes away what lies below it",
        "sync/store/scope.py",
        "        stays = any(within(unit, root) for root in units) and not any(",
        "        stays = unit in units and not any(",
    ),
    Mutant(
        "I11 nothing parked is tried again",
        "sync/central/push.py",
        "        parked.retry_after(connection, province, book, keys, eased)\n",
        "",
    ),
    Mutant(
        "I11 what was said of a closed task waits for ever",
        "sync/central/parked.py",
        "        elif key.kind == TASK and key.part in assigning.DECIDING:\n",
        "        elif key.kind == TASK and not key.part:\n",
        ("tests/sync/central/test_assigning.py",),
    ),
    Mutant(
        "I11 a decision makes no room for what waits",
        "sync/central/parked.py",
        "    if eased:\n",
        "    if not changed:\n",
        ("tests/sync/central/test_arrivals.py",),
    ),
    Mutant(
        "I11 a step over one's own parked one came too late",
        "sync/central/arrivals.py",
        "            if any(head not in seen for head in before):\n",
        "            if not before:\n",
    ),
    Mutant(
        "I17 a commit is as large as it likes",
        "sync/central/room.py",
        "        if part and (heads > MAX_HEADS or letters > MAX_LETTERS):\n",
        "        if part and heads < 0:\n",
        ("tests/sync/central/test_room.py",),
    ),
    Mutant(
        "I11 a catalogue that knows more changes nothing",
        "sync/central/repository.py",
        "            parked.judge_anew(connection, self._province, self._book(connection, now), rules)\n",
        "",
    ),
    Mutant(
        "I11 anybody takes back what another said",
        "sync/central/judgement.py",
        "        if key.kind in _BY_ONE and not self._is_own(change):\n",
        "        if key.kind in _BY_ONE and not change:\n",
    ),
    Mutant(
        "I11 a return speaks of another form's cells",
        "sync/central/judgement.py",
        "        if key.kind == STATUS and not self._rules.are_of_form(key.item, change.content):\n",
        "        if key.kind == STATUS and not self._rules:\n",
    ),
    Mutant(
        "I12 an approved form can be edited",
        "sync/central/judgement.py",
        "        if any(self._is_approved(status) for status in self._rules.statuses(key)):\n",
        "        if any(self._is_approved(status) for status in ()):\n",
    ),
    Mutant(
        "I12 an approval holds whatever stands there",
        "sync/domain/workflow.py",
        "return len(contents) == 1 and has_approval(contents) and Status.of(contents[0]).digest == digest\n",
        "return len(contents) == 1 and has_approval(contents)\n",
    ),
    Mutant(
        "I12 an approval is of what is displayed, whatever stands beside it",
        "sync/domain/workflow.py",
        "    said = {key: sorted(set(contents)) for key, contents in cells.items()}\n",
        "    said = {key: list(contents)[:1] for key, contents in cells.items()}\n",
    ),
    Mutant(
        "I13 what was typed leaves with its unit",
        "sync/store/scope.py",
        '        db.execute("DELETE FROM digest WHERE stream = ? AND unit = ?", (stream, unit))\n',
        '        db.execute("DELETE FROM digest WHERE stream = ? AND unit = ?", (stream, unit))\n'
        '        db.execute("DELETE FROM change WHERE stream = ? AND unit = ?", (stream, unit))\n',
    ),
    Mutant(
        "I13 a moved device's parked changes are left",
        "sync/central/push.py",
        "            parked.retry_device(connection, province, book, enrolled)\n",
        "            pass\n",
    ),
    Mutant(
        "I14 what was typed gives way before the page has come",
        "sync/store/receiving.py",
        " WHERE open AND +n BETWEEN 1 AND ? AND stream NOT IN ({UNPROVEN})",
        " WHERE open AND +n BETWEEN 1 AND ? AND stream NOT IN (SELECT stream FROM doubt)",
    ),
    Mutant(
        "I14 what was typed over stays in front of a base that shows it",
        "sync/store/cells.py",
        "    return record is not None and last.version in record.prev\n",
        "    return False\n",
        ("tests/sync/store/test_cells.py",),
    ),
    Mutant(
        "I2 half of what a receipt is of comes without it",
        "sync/store/sending.py",
        "(end, end, after_n + 1),",
        "(end + MAX_PUSH, end, after_n + 1),",
        ("tests/sync/store/test_sending.py",),
    ),
    Mutant(
        "I15 one's own last change is forgotten",
        "sync/store/cells.py",
        "dict.fromkeys((own, *shown)) if version and version.n > 0)",
        "shown if version != own and version.n > 0)",
    ),
    Mutant(
        "I15 equal values are rivals",
        "sync/store/cells.py",
        "        if head.content != shown and ",
        "        if ",
    ),
    Mutant(
        "I16 an answer opens for any request",
        "sync/protocol/envelope.py",
        '        raise SealError("signature") from error\n',
        "        del error\n",
    ),
    Mutant(
        "I17 one round is enough",
        "sync/client/session.py",
        "            more = any(page.more for page in answer.pages)\n",
        "            more = waits = False\n",
    ),
    Mutant(
        "I18 what a later catalogue made sensitive stays where it was",
        "sync/central/repository.py",
        "        if stale:\n",
        "        if not scope:\n",
        ("tests/sync/test_drills.py",),
    ),
    Mutant(
        "I18 whoever read a figure before it became sensitive goes on from there",
        "sync/central/pull.py",
        "        if self._narrowed and seq < self._narrowed.seq:\n",
        "        if self._narrowed and seq < 0:\n",
        ("tests/sync/test_drills.py",),
    ),
    Mutant(
        "I18 a class that moved is summed where it was",
        "sync/central/reclassing.py",
        "                sums[stream, unit, after] = sums[stream, unit, after].with_rows(hashes)\n",
        "                sums[stream, unit, before] = sums[stream, unit, before].with_rows(hashes)\n",
        ("tests/sync/test_drills.py",),
    ),
    Mutant(
        "I18 a namesake of another commune becomes the same person",
        "sync/central/people.py",
        "            if any(within(one, unit) for one in units):\n                return found.author\n",
        "            return found.author\n",
        ("tests/sync/central/test_orders.py",),
    ),
    Mutant(
        "I18 everybody sees the whole stream",
        "sync/central/proofs.py",
        'whole.where(or_(columns.unit == bindparam("of_root"), inside))',
        'whole.where(or_(columns.unit != bindparam("of_root"), columns.unit == bindparam("of_root")))',
    ),
    Mutant(
        "I1 equal values are one version",
        "sync/central/arrivals.py",
        "        heads = tuple(known[version] for version in versions)\n",
        "        heads = tuple({known[version].content: known[version] for version in versions}.values())\n",
    ),
    Mutant(
        "I1 what is parked is not followed",
        "sync/central/ancestry.py",
        "        return held is not None and (held.has_effect or held.key != key)\n",
        "        return held is not None\n",
        ("tests/sync/central/test_ancestry.py",),
    ),
    Mutant(
        "I1 a decision names no rival",
        "sync/store/store.py",
        "version for rival in over.get(key, ()) for version in rival.versions",
        "version for rival in () for version in rival.versions",
    ),
    Mutant(
        "I2 what was overtaken is forgotten",
        "sync/central/arrivals.py",
        "        ancestry.write()\n",
        "",
        ("tests/sync/central/test_ancestry.py",),
    ),
    Mutant(
        "I3 an answer that was made for other cursors is taken",
        "sync/store/receiving.py",
        "    if cursors(store).get(subscription) != sent.get(subscription):\n",
        "    if not sent and cursors(store).get(subscription) != sent.get(subscription):\n",
        ("tests/sync/store/test_receiving.py",),
    ),
    Mutant(
        "I5 a field of a newer program is dropped",
        "sync/central/arrivals.py",
        "change.author, change.typed_at, self._now, change.extra)",
        "change.author, change.typed_at, self._now)",
    ),
    Mutant(
        "I5 a torn line of the register stays",
        "sync/central/register.py",
        "        # It must not swallow the next line.\n        self.set_torn_aside()\n",
        "",
        ("tests/sync/central/test_register.py",),
    ),
    Mutant(
        "I6 what comes back by number is of another time",
        "sync/protocol/own.py",
        "page.records + [alone(made[n], at) for n in page.own]",
        "page.records + [alone(made[n], at + 1) for n in page.own]",
        # Healed at once in the province: nothing but bytes is lost.
        ("tests/sync/protocol/test_own.py",),
    ),
    Mutant(
        "I11 only the first of what is parked is tried again",
        "sync/central/parked.py",
        "    moved: list[Key] = []\n",
        "    moved: list[Key] = []\n    del arrivals[1:]\n",
    ),
    Mutant(
        "I13 what was typed before an enrolment stays behind",
        "sync/store/store.py",
        "catalogue FROM change WHERE n < 0 ORDER BY n",
        "catalogue FROM change WHERE n < 0 ORDER BY n LIMIT 1",
    ),
    Mutant(
        "I15 what the shown value replaced is forgotten",
        "sync/store/cells.py",
        "if head.content == shown) + record.prev\n",
        "if head.content == shown)\n",
        ("tests/sync/test_histories.py", "tests/sync/store/test_store.py"),
    ),
    Mutant(
        "I18 a revoked device is answered",
        "sync/central/members.py",
        "    return Member(read_units(units), Link(last_n, last_hash), revoked_at is not None)\n",
        "    return Member(read_units(units), Link(last_n, last_hash), False)\n",
    ),
    Mutant(
        "I1 a revoked device takes its receipt for all there is",
        "sync/central/repository.py",
        "pushed.results, pushed.mac, resend=True)",
        "pushed.results, pushed.mac)",
    ),
    Mutant(
        "I18 what a revoked device sends has its effect",
        "sync/central/judgement.py",
        "        if self._is_revoked:\n",
        '        if self._is_revoked and key.kind == "":\n',
        ("tests/sync/central/test_escrow.py",),
    ),
    Mutant(
        "I18 every class is seen",
        "sync/central/proofs.py",
        "    if limit is Sensitivity.SENSITIVE:\n",
        "    if limit:\n",
    ),
    Mutant(
        "I18 what is seen no longer stays on the PC",
        "sync/store/scope.py",
        "not any(within(unit, root) for root in narrowed)\n",
        "True\n",
    ),
    Mutant(
        "I13 a role that comes gives nothing its effect",
        "sync/central/parked.py",
        "columns.reason.in_(OF_RIGHTS)",
        "columns.reason.in_(OF_RIGHTS[:1])",
        ("tests/sync/central/test_rights.py",),
    ),
    Mutant(
        "I11 a step over a task is anybody's",
        "sync/central/assigning.py",
        '        return "" if Step.of(change.content).kind in BY_DOER else NOT_YOURS_TO_DECIDE\n',
        '        return ""\n',
        ("tests/sync/central/test_assigning.py",),
    ),
    Mutant(
        "I6 what was typed without effect hides what stands of a task",
        "sync/store/assigned.py",
        "            if shown.content != CLEARED:\n",
        "            if shown.content is None:\n",
        ("tests/sync/store/test_assigned.py",),
    ),
    Mutant(
        "I13 nobody asks who typed it",
        "sync/central/judgement.py",
        "        if not self._is_centre and (reason := self._reason_of_author(change)):\n",
        "        if self._is_centre and (reason := self._reason_of_author(change)):\n",
        ("tests/sync/central/test_rights.py",),
    ),
    Mutant(
        "power: a PC's commit is not on its disk",
        "sync/store/connection.py",
        '    connection.execute("PRAGMA synchronous = FULL")\n',
        '    connection.execute("PRAGMA synchronous = OFF")\n',
    ),
    Mutant(
        "power: a centre's commit is not on its disk",
        "sync/central/database.py",
        '    connection.execute("PRAGMA synchronous = FULL")\n',
        '    connection.execute("PRAGMA synchronous = OFF")\n',
    ),
    Mutant(
        "I16 a file is taken for what it is called",
        "sync/central/shelf.py",
        "            if found[0] != hashed or found[1] not in media:\n",
        "            if False:\n",
        ("tests/sync/central/test_filing.py",),
    ),
    Mutant(
        "I16 a piece of a file is put wherever the file ends",
        "sync/central/filing.py",
        "        if not offer.length or offer.offset != held or offer.offset + offer.length > offer.size:\n",
        "        if not offer.length:\n",
        ("tests/sync/central/test_filing.py",),
    ),
    Mutant(
        "I18 a file is given to whoever knows its hash",
        "sync/central/evidence.py",
        "            if is_seen(catalogue, member.scope, key_of(unit, item, part)):\n",
        "            if True:\n",
        ("tests/sync/central/test_filing.py",),
    ),
    Mutant(
        "I1 a file that nobody else has is let go",
        "sync/store/evidence.py",
        "            if not found.whole or found.at_centre or (found.sha256 in here and found.sha256 not in kept)\n",
        "            if True\n",
        ("tests/sync/store/test_evidence.py",),
    ),
)
"""The numbers are those of the invariants."""


def main(names: list[str]) -> int:
    """Plant each bug, or those whose names begin so; 1 unless all are caught."""
    chosen = [mutant for mutant in MUTANTS if not names or any(mutant.name.startswith(name) for name in names)]
    if lost := [mutant for mutant in chosen if not has_its_place(mutant)]:
        sys.exit("\n".join(f"{mutant.name}: its text does not stand once in {mutant.file}" for mutant in lost))
    with tempfile.TemporaryDirectory(prefix="mutants-") as name, ThreadPoolExecutor(os.cpu_count()) as pool:
        sound = _seeds_break(_copy(Path(name) / "sound"))
        if sound:
            sys.exit(f"the tree itself breaks: {sound}")
        folders = [Path(name) / str(number) for number in range(len(chosen))]
        caught = 0
        for mutant, catch in zip(chosen, pool.map(_catch, chosen, folders), strict=True):
            # A name that is gone breaks anything, and shows nothing of the check that was taken away.
            is_spoilt = _SPOILT.search(catch) is not None
            caught += bool(catch) and not is_spoilt
            print(f"{'SPOILT' if is_spoilt else 'caught' if catch else 'MISSED'}  {mutant.name}: {catch}", flush=True)
    print(json.dumps({"mutants": len(chosen), "caught": caught}))
    return 0 if caught == len(chosen) else 1


def has_its_place(mutant: Mutant) -> bool:
    """Whether the text that it changes stands in the tree, once."""
    return (ROOT / mutant.file).read_text(encoding="utf-8").count(mutant.old) == 1


def _copy(folder: Path) -> Path:
    for name in _COPIED:
        copytree(ROOT / name, folder / name, ignore=ignore_patterns("__pycache__"))
    (folder / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    return folder


def _catch(mutant: Mutant, folder: Path) -> str:
    """By what the bug is caught; "" if by nothing."""
    file = _copy(folder) / mutant.file
    file.write_text(file.read_text(encoding="utf-8").replace(mutant.old, mutant.new), encoding="utf-8")
    return _seeds_break(folder) or _tests_fail(folder, mutant.tests)


def _seeds_break(folder: Path) -> str:
    """The headline of the first seed that breaks in the tree at `folder`."""
    run = [sys.executable, "-m", "tests.simulation.farm", "--until-broken", "--seeds", str(SEEDS)]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    try:
        ended = subprocess.run(
            run, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False, timeout=_TIMEOUT_S
        )
    except subprocess.TimeoutExpired:
        return f"no end after {_TIMEOUT_S} s"
    if ended.returncode == 0:
        return ""
    lines = (ended.stdout or ended.stderr).strip().splitlines()
    return next((line for line in lines if line.startswith("seed ")), lines[-1])[:160]


def _tests_fail(folder: Path, tests: tuple[str, ...]) -> str:
    if not tests:
        return ""
    run = [sys.executable, "-m", "pytest", "-q", "-x", *tests]
    ended = subprocess.run(run, cwd=folder, capture_output=True, encoding="utf-8", check=False, timeout=_TIMEOUT_S)
    failed = [line for line in ended.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return failed[0][:160] if ended.returncode and failed else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

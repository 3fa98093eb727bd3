"""Builds resources/catalogues/units.csv from the data of the MIT-licensed package vietnamadminunits.

    pip download --no-deps vietnamadminunits==1.0.4
    python build/units.py vietnamadminunits-1.0.4-py3-none-any.whl

What the package lacks or has otherwise than the statistics office is in units_corrections.csv, each line with
its source. A unit's kind is read from its name: four of the package's type fields contradict the names.
"""

import csv
import hashlib
import sqlite3
import sys
import unicodedata
import zipfile
from pathlib import Path

SHA256 = "737ee3662e877290386c1c45ed4d71f2e5fae34ab6fb9c64bfb4cb74b216ea35"
SOURCE = "vietnamadminunits 1.0.4"
HERE = Path(__file__).parent
UNITS = HERE.parent / "resources" / "catalogues" / "units.csv"

COMMUNE_KINDS = {"Xã": "commune", "Phường": "ward", "Đặc khu": "special_zone"}


def main(wheel: Path) -> None:
    """Write the units of `wheel`, corrected, sorted by key."""
    packed = wheel.read_bytes()
    if hashlib.sha256(packed).hexdigest() != SHA256:
        sys.exit(f"{wheel} is not vietnamadminunits 1.0.4")
    with zipfile.ZipFile(wheel) as archive:
        data = archive.read("vietnamadminunits/data/dataset.db")
    with (HERE / "units_corrections.csv").open(encoding="utf-8", newline="") as file:
        corrections = {row["code"]: row for row in csv.DictReader(file)}
    database = sqlite3.connect(":memory:")
    database.deserialize(data)
    provinces = database.execute("SELECT DISTINCT provinceCode, province FROM admin_units").fetchall()
    communes = database.execute("SELECT provinceCode, wardCode, ward FROM admin_units").fetchall()
    database.close()
    rows = [row_of("", code, name, corrections) for code, name in provinces]
    rows += [row_of(province, code, name, corrections) for province, code, name in communes]
    if corrections:
        sys.exit(f"corrections of no unit: {', '.join(corrections)}")
    with UNITS.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("key", "kind", "name", "code", "valid_from", "valid_to", "decision", "source"))
        writer.writerows(sorted(rows))


def row_of(province: str, code: str, name: str, corrections: dict[str, dict[str, str]]) -> tuple[str, ...]:
    """One line of units.csv; takes the unit's correction out of `corrections`."""
    decision, source = "", SOURCE
    correction = corrections.pop(code, None)
    if correction:
        code, name = correction["corrected_code"], correction["corrected_name"]
        decision, source = correction["decision"], f"{SOURCE}; {correction['source']}"
    name = unicodedata.normalize("NFC", " ".join(name.split()))
    key = f"{province}.{code}" if province else code
    kinds = COMMUNE_KINDS if province else {"": "province"}
    kind = next(kind for lead, kind in kinds.items() if name.startswith(lead))
    return key, kind, name, code, "", "", decision, source


if __name__ == "__main__":
    main(Path(sys.argv[1]))

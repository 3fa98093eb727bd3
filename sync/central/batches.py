"""Many rows looked up by name, a few hundred in one statement: a join with the names, which stand in the statement.

For a list of tuples SQLite would look through the whole table.
"""

from collections.abc import Iterator, Sequence
from typing import Final

AT_ONCE: Final = 256


def batches(names: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[tuple[int, dict[str, object]]]:
    """Runs of `rows`: how many `wanted` is to be asked for, and the values that it binds to their columns `names`."""
    for start in range(0, len(rows), AT_ONCE):
        run = rows[start : start + AT_ONCE]
        # Few lengths, so that few statements are ever compiled: the last row fills them up.
        count = 1 << (len(run) - 1).bit_length()
        padded = [*run, *[run[-1]] * (count - len(run))]
        yield (
            count,
            {
                f"{name}_{place}": value
                for place, row in enumerate(padded)
                for name, value in zip(names, row, strict=True)
            },
        )


def wanted(names: Sequence[str], count: int) -> str:
    """The beginning of a statement: a table `wanted` of `count` rows, whose columns are `names` behind "wanted_"."""
    rows = ", ".join(f"({', '.join(f':{name}_{place}' for name in names)})" for place in range(count))
    return f"WITH wanted ({', '.join(f'wanted_{name}' for name in names)}) AS (VALUES {rows})"

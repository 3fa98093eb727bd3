"""The local SQLite store of one data folder: what was typed here, and what the centre confirmed."""

from sync.store.cells import CATALOGUE_ARRIVED, CellState, ChangeSet, Entry, Rival, Shown, typed_over
from sync.store.enrolment import Enrolment
from sync.store.store import Store

__all__ = ["CATALOGUE_ARRIVED", "CellState", "ChangeSet", "Enrolment", "Entry", "Rival", "Shown", "Store", "typed_over"]

"""The program's own number, as both ends know it."""

from typing import Final

VERSION: Final = "0.1.0"

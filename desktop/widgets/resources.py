"""Where the resources lie: beside the packages, from source, installed and frozen alike."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2] / "resources"

"""All that a person sees. Qt lives only here."""

from typing import Final

VERSION: Final = "0.1.0"

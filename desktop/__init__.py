"""All that a person sees. Qt lives only here."""

from sync.domain.program import VERSION as VERSION

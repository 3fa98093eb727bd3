"""All that a person sees. Qt lives only here."""

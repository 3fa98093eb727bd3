"""Everything that is true without a screen: the domain, the protocol, the store, the session and the centre."""

"""Register of insured people and the matching of identities to it."""

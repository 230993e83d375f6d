"""Tokens that are bound to a key: they serve nobody who has not just proved that key."""


class ProofMissing(Exception):
    """The token is bound to a key, and this request does not prove it."""


def require_proof(confirmation: str | None, proved: str | None) -> None:
    """Check the holder (RFC 9449 §5 and §7.1): both are thumbprints, None is a bearer's."""
    if confirmation is not None and confirmation != proved:
        raise ProofMissing

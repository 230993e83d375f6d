"""Codes of an authenticator application (TOTP, RFC 6238): which step a typed one belongs to."""

import pyotp
import segno

from broker.base.crypto import Secret, same

STEP = 30  # seconds, RFC 6238 §5.2
_AROUND = (0, -1, 1)  # steps that a clock may be wrong by, the likeliest first
_ISSUER = "ameli console"


def new_secret() -> Secret:
    """Return 160 random bits in Base32, as applications read them (RFC 4226 §4, R6)."""
    return Secret(pyotp.random_base32())


def step_of(secret: Secret, code: str, now: int) -> int | None:
    """Return the step whose code that is, at most one from *now* (epoch seconds), or None."""
    codes, present = pyotp.TOTP(secret.reveal(), interval=STEP), now // STEP
    # Every step is compared, so that the time does not tell which one it was.
    around = (present + shift for shift in _AROUND)
    found = [step for step in around if same(codes.generate_otp(step), code)]
    return found[0] if found else None


def drawing(secret: Secret, name: str) -> str:
    """Return the QR code that an application reads, as inline SVG without styles."""
    uri = pyotp.TOTP(secret.reveal(), name=name, issuer=_ISSUER).provisioning_uri()
    return segno.make_qr(uri, error="m").svg_inline(scale=5, light="#fff", dark="#000")


def in_groups(secret: Secret) -> str:
    """Return the secret in groups of four, to be typed."""
    text = secret.reveal()
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))

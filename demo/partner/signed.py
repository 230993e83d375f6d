"""JWTs of a provider, verified with its keys and the one algorithm that was agreed."""

from authlib.integrations.flask_client import FlaskOAuth2App
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import KeySet


def verified(client: FlaskOAuth2App, compact: str, algorithm: str) -> jwt.Token:
    """Verify with the known keys, and once more with fresh ones when the kid is new."""
    try:
        keys = KeySet.import_key_set(client.fetch_jwk_set())
        return jwt.decode(compact, keys, algorithms=[algorithm])
    except InvalidKeyIdError:
        keys = KeySet.import_key_set(client.fetch_jwk_set(force=True))
        return jwt.decode(compact, keys, algorithms=[algorithm])

"""FranceConnect, both ways: relying party and identity provider."""

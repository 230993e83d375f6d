"""FranceConnect and an account: logging in with it, tying it, untying it."""

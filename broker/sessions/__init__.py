"""Login, sessions and remembered browsers."""

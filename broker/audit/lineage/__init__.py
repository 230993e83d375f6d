"""What came of a login, from whatever names a part of it."""

"""The end of sessions, here and at the partners that take part in them."""

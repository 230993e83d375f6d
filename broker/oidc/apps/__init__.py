"""Logins on the screens of our own apps, step by step, without a browser."""

"""Accounts: creation, activation, passwords."""

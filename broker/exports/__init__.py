"""Passes the sealed trail on to those who watch over it."""

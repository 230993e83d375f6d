"""Passing the sealed trail on."""

"""Judges the sealed trail, and gives others what they need to judge it."""

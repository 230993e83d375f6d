"""Journeys that create an account."""

"""Signing keys of the OpenID Provider."""

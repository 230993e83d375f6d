"""Proves who calls, and with which key: authentication of clients, DPoP and its nonces."""

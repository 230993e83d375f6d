"""Shared Signals: security events pushed to partners (SSF 1.0, CAEP 1.0, RISC 1.0, RFC 8935)."""

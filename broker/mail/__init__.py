"""Outgoing mail: a transactional outbox and its delivery over SMTP."""

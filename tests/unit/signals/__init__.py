"""Security events that partners are told."""

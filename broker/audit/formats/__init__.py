"""Writes events in the words of others: OCSF, ECS, syslog."""

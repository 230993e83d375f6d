"""A copy of what the service keeps of a person, for that person (GDPR articles 15 and 20)."""

"""What the security team has to look into, from the report to the conclusion."""

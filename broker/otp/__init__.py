"""Security codes sent by e-mail."""

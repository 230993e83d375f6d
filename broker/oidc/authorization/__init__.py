"""The authorization endpoint: from a request to a code, through what is needed first."""

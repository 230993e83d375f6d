"""The console of security analysts: their own accounts, and the trail as they read it."""

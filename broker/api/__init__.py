"""The JSON API of native apps: a creation by card, over the services of the app's screens."""

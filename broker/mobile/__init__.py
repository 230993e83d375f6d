"""The mobile app: its screens, over the services of the web, and what makes it installable."""

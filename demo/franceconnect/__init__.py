"""A simulated FranceConnect: an OpenID Provider for the demo and the test double of the suite."""

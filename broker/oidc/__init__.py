"""OpenID Provider: one module per endpoint."""

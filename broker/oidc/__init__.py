"""OpenID Provider: each room is one part of it, and knows only those below it."""

"""The token endpoint: a code, a refresh token or a client's own proof in, tokens out."""

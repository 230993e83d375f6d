"""The cookie that tells one browser from another."""

import secrets

from flask import Request, Response

_COOKIE = "simulateur_fc"


def browser_of(request: Request) -> str | None:
    """Return which browser sent *request*, when it has been here before."""
    return request.cookies.get(_COOKIE)


def new_browser() -> str:
    """Return a name that nobody can guess."""
    return secrets.token_urlsafe(32)


def remember(response: Response, browser: str, *, secure: bool) -> Response:
    """Make the browser tell its name next time."""
    response.set_cookie(_COOKIE, browser, httponly=True, samesite="Lax", secure=secure)
    return response

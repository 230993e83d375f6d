"""Why a login at the partner did not happen."""


class LoginRefused(Exception):
    """Carries the provider's own OAuth error, or the code of the check that failed here."""

    def __init__(self, code: str, description: str = "", *, status: int = 400) -> None:
        super().__init__(code)
        self.code = code
        self.description = description
        self.status = status

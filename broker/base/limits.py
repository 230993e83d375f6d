"""Every limit of the functional specification, as settings ``BROKER_LIMIT_…``.

Names end in ``count`` (how many), ``wait`` (seconds to wait before the next try), ``window``
(seconds over which a count holds) or ``life`` (seconds during which a thing is valid).
"""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict

MINUTE, HOUR, DAY = 60, 3_600, 86_400
_UNLIMITED = 1_000_000
_DEMO_FACTOR = 20


class Limits(BaseModel):
    """The numbers; docs/settings.md gives the reason of each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # Creation with card and IBAN, first screen: failures.
    identity_pair_count: int = 10
    identity_pair_window: int = HOUR
    identity_prefix_count: int = 300
    identity_prefix_window: int = HOUR
    # Second screen: wrong answers per NIR over all sessions; showing the masked IBAN.
    card_count: int = 3
    card_window: int = DAY
    mask_count: int = 10
    mask_window: int = DAY
    # Contact step: addresses tried, used or free.
    email_used_count: int = 10
    email_used_window: int = HOUR
    # FranceConnect round trips started per prefix.
    franceconnect_count: int = 300
    franceconnect_window: int = HOUR
    # Login: failures of one (NIR, prefix), of one (NIR, /48 of IPv6), of one NIR, of one prefix.
    login_pair_count: int = 5
    login_site_count: int = 9
    login_pair_wait: int = 15 * MINUTE
    login_pair_ceiling_window: int = DAY
    login_nir_count: int = 100
    login_nir_window: int = DAY
    login_nir_wait: int = 30
    login_prefix_count: int = 1_000
    login_prefix_window: int = HOUR
    # Security code.
    code_tries: int = 5
    code_life: int = 10 * MINUTE
    code_account_count: int = 10
    code_account_window: int = DAY
    code_resend_wait: int = 60
    code_sent_count: int = 5
    code_sent_window: int = HOUR
    closed_account_life: int = 90 * DAY
    # Mailed links.
    activation_life: int = 21 * DAY
    activation_fresh_life: int = DAY
    activation_resend_count: int = 5
    activation_resend_window: int = HOUR
    reset_life: int = 30 * MINUTE
    reset_request_count: int = 5
    reset_request_window: int = HOUR
    address_change_count: int = 5
    address_change_window: int = DAY
    address_change_life: int = DAY
    new_address_wait: int = 3 * DAY
    not_me_life: int = 7 * DAY
    link_prefix_count: int = 100
    link_prefix_window: int = HOUR
    # Mails to the holder of an account that somebody tried to create again.
    account_exists_mail_count: int = 1
    account_exists_mail_window: int = DAY
    # Logins from unknown browsers: told together, so long after the first.
    new_browser_mail_wait: int = 5 * MINUTE
    # What may be somebody else: failed passwords before a login, and mails of such logins; wrong
    # codes of one account.
    failed_passwords_told_count: int = 3
    login_told_count: int = 3
    login_told_window: int = DAY
    failed_codes_told_count: int = 5
    failed_codes_told_window: int = DAY
    # Journeys, sessions, remembered browsers.
    journey_life: int = HOUR
    verified_identity_life: int = 20 * MINUTE
    round_trip_life: int = 30 * MINUTE
    login_request_life: int = HOUR
    session_idle_life: int = 30 * MINUTE
    fresh_login_life: int = 5 * MINUTE
    session_life: int = 12 * HOUR
    remembered_browser_life: int = 30 * DAY
    # Requests of one address (a /64 of IPv6), whatever they ask: people's, and programs'.
    address_count: int = 600
    address_window: int = MINUTE
    endpoint_count: int = 30_000
    endpoint_window: int = MINUTE
    # Analysts of the console: tries of one (name, prefix), of one (name, /48 of IPv6), of one
    # network over all names; codes of one analyst.
    analyst_pair_count: int = 5
    analyst_site_count: int = 9
    analyst_pair_wait: int = 15 * MINUTE
    analyst_pair_ceiling_window: int = DAY
    analyst_prefix_count: int = 100
    analyst_prefix_window: int = HOUR
    analyst_code_count: int = 10
    analyst_code_window: int = DAY
    analyst_invitation_life: int = DAY
    analyst_renewal_life: int = 10 * MINUTE
    analyst_session_idle_life: int = 15 * MINUTE
    analyst_session_life: int = 8 * HOUR
    # OpenID Provider.
    authorization_code_life: int = 60
    access_token_life: int = 300
    id_token_life: int = 300
    jwks_life: int = 600
    signing_key_life: int = 180 * DAY
    pushed_request_life: int = 60
    refresh_token_grace_life: int = 10
    offline_token_idle_life: int = 30 * DAY
    offline_token_life: int = 90 * DAY
    logout_notice_life: int = DAY
    # Security events to partners: for how long one is tried; verifications that a partner asks.
    signal_life: int = 3 * DAY
    signal_verification_count: int = 10
    signal_verification_window: int = HOUR
    # Evidence of tokens asked by one partner.
    token_evidence_count: int = 600
    token_evidence_window: int = HOUR

    @classmethod
    def of_profile(cls, profile: str, chosen: dict[str, Any]) -> Self:
        """Return the profile's values with *chosen* above them.

        The test profile sets every count to a million and every wait to zero, so that tests
        choose the one limit they are about; the demo only raises the counts.
        """
        values: dict[str, Any] = {}
        for name, field in cls.model_fields.items():
            if not name.endswith("_count") and not name.endswith("_wait"):
                continue
            if profile == "test":
                values[name] = _UNLIMITED if name.endswith("_count") else 0
            elif profile == "demo" and name.endswith("_count"):
                values[name] = field.default * _DEMO_FACTOR
        return cls(**{**values, **chosen})

"""What each field of an event means: the same in every event, here and in OCSF and ECS."""

from dataclasses import dataclass

_DIGEST = r"[0-9a-f]{32}"  # 16 bytes of a SHA-256
_PSEUDONYM = r"[A-Za-z0-9_-]{43}"  # a keyed hash
_REFERENCE = r"[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{2}"
_NAME = r"[A-Za-z0-9_.:/ -]{1,120}"  # of the protocol, of the configuration, of a rule


@dataclass(frozen=True)
class Word:
    """One field: its meaning, the shape of its text, where OCSF and ECS have a place for it.

    Without such a place it goes, under its own path, to OCSF's ``unmapped`` and ECS's ``ameli``.
    """

    meaning: str
    shape: str | None = None
    ocsf: str | None = None
    ecs: str | None = None


VOCABULARY: dict[str, Word] = {
    "v": Word("version of the event's type", ocsf="metadata.log_version"),
    "event_id": Word(
        "names the event; UUIDv7 (RFC 9562)",
        r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        "metadata.uid", "event.id",
    ),
    "type": Word("what happened", _NAME, "metadata.event_code", "event.action"),
    "time": Word(
        "when; UTC with microseconds",
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z",
        "metadata.original_time", "@timestamp",
    ),
    "outcome": Word("success, failure or attempt", None, "status", "event.outcome"),
    "reason_code": Word(
        "why, or how", r"[A-Za-z0-9_.:+-]{1,80}", "status_detail", "event.reason"
    ),
    "retention": Word("class of retention: security 12 months, federation 36, administration 36"),
    "subject_ref": Word(
        "whom it is about: keyed pseudonym of the account, or of a NIR that has none",
        _PSEUDONYM, "user.uid", "user.hash",
    ),
    "actor": Word("who acted"),
    "actor.kind": Word("user, client, admin, analyst or system",
                       r"user|client|admin|analyst|system"),
    "actor.ref": Word("`client_id`, the analyst's name, or the operator's on the machine",
                      r"[^@]{1,255}", "actor.user.uid"),
    "txn": Word(
        "the business act: the reference shown to the person, the same from the first screen to "
        "the activation; a pushed request, by 16 bytes of the digest of its `request_uri`",
        r"[A-Za-z0-9_-]{1,64}", "metadata.correlation_uid",
    ),
    "interaction_id": Word(
        "a partner's request, from `/authorize` to its code; a round trip to FranceConnect",
        r"[A-Za-z0-9_-]{1,64}",
    ),
    "auth_event_id": Word(
        "the login: everything that hangs on it has the same one; mails show it",
        r"[A-Za-z0-9_-]{1,64}", "session.uid_alt",
    ),
    "session_ref": Word("the session (`sid`)", r"[A-Za-z0-9_-]{1,64}", "session.uid"),
    "request_id": Word("one HTTP request, whose page and log line show it; one `broker cut`",
                       _REFERENCE, "http_request.uid", "http.request.id"),
    "trace_id": Word("W3C trace", _DIGEST, None, "trace.id"),
    "browsing_session_id": Word(
        "pseudonym of the browser's anonymous cookie, or of a login on an app's screens",
        rf"{_DIGEST}|app:[\w-]{{22}}",
    ),
    "src": Word("where the request came from"),
    "src.ip": Word("address", r"[0-9a-fA-F.:]{2,45}", "src_endpoint.ip", "source.ip"),
    "src.port": Word("port: tells people behind one address apart", None,
                     "src_endpoint.port", "source.port"),
    "src.ua": Word("what the browser or client says of itself", None,
                   "http_request.user_agent", "user_agent.original"),
    "http": Word("the HTTP request"),
    "http.method": Word("method", r"[A-Z]{3,10}", "http_request.http_method",
                        "http.request.method"),
    "http.route": Word("the rule of the address, never the path", r"/[\w/.<>:-]*"),
    "client_id": Word("the partner", _NAME, "service.uid", "service.target.id"),
    "client_auth_method": Word("how the client proved itself", _NAME),
    "scopes": Word("scopes of the request or of the grant, those that exist", _NAME),
    "acr": Word("assurance level", _NAME),
    "amr": Word("how the person proved themselves (RFC 8176)", _NAME),
    "auth_time": Word("when the person proved themselves; seconds since 1970"),
    "subject_pairwise": Word("the `sub` that this partner knows the person by",
                             r"[A-Za-z0-9_-]{20,64}"),
    "audience": Word("the resource server that the token is for, or that asked",
                     r"[A-Za-z0-9_.:/?=&%#~-]{1,255}"),
    "code_ref": Word("the authorization code, by its digest, and all that came of it; "
                     "in events `otp.…`, the security code", r"[0-9a-f]{32}|[A-Za-z0-9_-]{8}"),
    "cnf": Word("thumbprint (RFC 7638) of the key that something is bound to", _PSEUDONYM),
    "data": Word("names of claims, never what they hold", _NAME),
    "security_case": Word("what the security team has to look into"),
    "security_case.reference": Word("which case", _REFERENCE),
    "security_case.kind": Word("what opened it", _NAME),
    "alert": Word("what a rule of detection found"),
    "alert.reference": Word("which alert", _REFERENCE),
    "alert.rule": Word("name of the rule", _NAME),
    "alert.severity": Word("how soon somebody should look", r"medium|high|critical"),
    "alert.group_by": Word("what the rule groups events by: a field of theirs", _NAME),
    "alert.group": Word("which group: a pseudonym, a reference, an address or its network",
                        r"[^@]{1,255}"),
    "cut": Word("what is ended at once against an incident; `txn` is its reference"),
    "cut.kind": Word("login, family, person, client, key, upstream or everybody", _NAME),
    "cut.target": Word("what the trail calls it by", _NAME),
    "before.sessions": Word("sessions that were good"),
    "before.people": Word("people with a session"),
    "before.waiting": Word("logins without their security code yet"),
    "before.codes": Word("authorization codes that no partner had redeemed"),
    "before.families": Word("families of tokens that were good"),
    "before.holders": Word("people of whom a partner held something"),
    "before.partners": Word("partners that held something"),
    "before.trips": Word("departures to FranceConnect, and identities not claimed yet"),
    "before.doors": Word("whether the switch was on, the partner served, the key believed"),
    "after.sessions": Word("sessions that are still good"),
    "after.people": Word("people with a session"),
    "after.waiting": Word("logins without their security code yet"),
    "after.codes": Word("authorization codes that no partner has redeemed"),
    "after.families": Word("families of tokens that are still good"),
    "after.holders": Word("people of whom a partner holds something"),
    "after.partners": Word("partners that hold something"),
    "after.trips": Word("departures to FranceConnect, and identities not claimed yet"),
    "after.doors": Word("whether the switch is on, the partner served, the key believed"),
    "before": Word("what held before"),
    "after": Word("what holds from now on, and why"),
    "before.reason": Word("why it was so"),
    "after.reason": Word("why, in the operator's words", None, "comment"),
    "before.upstream": Word("the switch", _NAME),
    "after.upstream": Word("the switch", _NAME),
    "before.enabled": Word("whether it was on"),
    "after.enabled": Word("whether it is on"),
    "before.role": Word("the analyst's role", _NAME),
    "after.role": Word("the analyst's role", _NAME),
    "before.analyst": Word("the analyst's name in the console", _NAME),
    "after.analyst": Word("the analyst's name in the console", _NAME),
    "role": Word("the role that would be needed", _NAME),
    "page": Word("what the analyst looked at", r"timeline|event|question"),
    "query": Word("what the analyst asked, as structure"),
    "query.terms": Word("identifiers with their kind: `digest_of` what may be a token, `other` "
                        "without the value", r"other|[a-z_]+:[A-Za-z0-9-]{10,64}"),
    "query.type": Word("the type, or its beginning", _NAME),
    "query.client": Word("whether a partner was named"),
    "query.outcome": Word("the outcome", _NAME),
    "query.since": Word("not before", r"[0-9T:+.-]{19,32}"),
    "query.until": Word("before", r"[0-9T:+.-]{19,32}"),
    "query.direction": Word("which way the analyst went on", r"older|newer"),
    "query.event_id": Word("the event", r"[0-9a-f-]{36}"),
    "query.question": Word("name of the saved question", _NAME),
    "case": Word("number of the case that the person was looked up for", r"[A-Za-z0-9/ -]{2,30}"),
    "upstream": Word("the FranceConnect login behind the act"),
    "upstream.iss": Word("who identified the person", r"https?://[^\s?#]+"),
    "upstream.sub_ref": Word("pseudonym of the identity", _PSEUDONYM),
    "upstream.acr": Word("assurance level that FranceConnect told", _NAME),
    "upstream.idp": Word("identity provider that the person chose there", _NAME),
    "upstream.flow": Word("what the round trip was for", _NAME),
    "token": Word("the token, never its text"),
    "token.kind": Word("access, refresh, id, or family: all of one code",
                       r"access|refresh|id|family"),
    "token.jti": Word("its `jti`, where it is a JWT that has one", r"[A-Za-z0-9_-]{8,64}"),
    "token.hash_prefix": Word("first 16 bytes of its SHA-256, in hexadecimal", _DIGEST),
    "token.family_id": Word("its family: the `code_ref` of the code that it came from", _DIGEST),
    "token.generation": Word("how many refreshes came before it"),
    "token.parent_jti": Word("`hash_prefix` of the refresh token that it came from", _DIGEST),
    "token.exp": Word("when it ends; seconds since 1970"),
    "token.cnf": Word("thumbprint of the key that it is bound to", _PSEUDONYM),
    "replaced": Word("pseudonym of the FranceConnect identity that was tied before", _PSEUDONYM),
    "fields": Word("names of the fields that changed", _NAME),
    "form": Word("`json` or `page`", r"json|page"),
    "kind": Word("which mail, by the name of its template", _NAME, None, None),
    "flaws": Word("how many flaws were found"),
    "origin": Word("name under which the trail goes on", r"[\w./:+-]{1,255}"),
    "size": Word("how many events are left"),
    "known_size": Word("how many the newest checkpoint outside counts"),
    "logins": Word("logins (`auth_event_id`) that were shown", r"[A-Za-z0-9_-]{1,64}"),
    "events": Word("how many events were shown"),
    "loaded": Word("rows that were taken"),
    "rejected": Word("rows that were not"),
    "identities": Word("how many identities were matched"),
    "decisions": Word("how many decisions were decided again"),
    "changed": Word("how many came out otherwise"),
    "sink": Word("name of a receiver of the trail, in the settings", r"[a-z][a-z0-9-]{0,30}"),
    "before.position": Word("position of the event that it would have gone on with"),
    "after.position": Word("position of the event that it goes on with"),
    "rules": Word("versions of the matching rules", _NAME),
}  # fmt: skip

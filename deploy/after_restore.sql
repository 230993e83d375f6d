-- In a restored database, as the owner, before a node starts on it. What serves once and was used
-- after the backup would serve again, and what was ended since would be open again: all of it is
-- closed. People log in again, give a code again, and begin anew what was under way.
DELETE FROM session;
DELETE FROM remembered_browser;
DELETE FROM login_request;
DELETE FROM login_attempt;
DELETE FROM code_challenge;
DELETE FROM mailed_link;
DELETE FROM new_browser_login;
DELETE FROM signup_draft;
DELETE FROM api_answer;
DELETE FROM fc_round_trip;
DELETE FROM fc_identity;
DELETE FROM fc_session;
DELETE FROM fc_logout;
DELETE FROM oidc_interaction;
DELETE FROM oidc_pushed_request;
DELETE FROM oidc_auth_session;
DELETE FROM oidc_rotated_token;
DELETE FROM oidc_access_token;
DELETE FROM oidc_grant;
DELETE FROM oidc_logout_notice;
DELETE FROM signal;
DELETE FROM detection_notice;
DELETE FROM analyst_session;
UPDATE security_cut SET state = 'refused' WHERE state = 'planned';
UPDATE analyst SET invitation = NULL, invitation_expires_at = NULL;
UPDATE outgoing_mail SET state = 'cancelled' WHERE state = 'due';
-- The trail goes on, and says that it was restored: signed under another origin from here on.
UPDATE audit_sealer SET restored = true;
-- Kept: account, account_consent, upstream_tie, insured_person, insured_decision, client,
-- client_secret, client_delivery_secret, signal_stream, signal_suspension, oidc_client_assertion, oidc_dpop_proof, oidc_consent, signing_key, encryption_key,
-- own_secret, analyst, security_case, security_cut, detection_position, detection_quiet,
-- detection_alert, fc_switch, snapshot_version, limit_counter, outgoing_mail,
-- audit_event, audit_leaf, audit_node, audit_checkpoint, audit_cosignature, audit_sealer, audit_purger,
-- audit_hold, audit_export.

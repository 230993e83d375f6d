-- After the first `broker migrate`, and again after an upgrade, as the owner: the service adds to the
-- trail and to what seals it, and changes nothing in them.
REVOKE UPDATE, DELETE ON audit_event, audit_leaf, audit_node, audit_checkpoint FROM broker_service;

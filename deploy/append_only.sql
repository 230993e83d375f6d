-- After the first `broker migrate`, and again after an upgrade, as the owner: the nodes add events
-- and read the trail, nothing more. Nobody changes an event. The workers seal, sign, and remove
-- events whose time is over; who removes another is found by `broker audit verify`.
GRANT INSERT ON audit_leaf, audit_node, audit_checkpoint, audit_cosignature, audit_hold TO broker_worker;
GRANT UPDATE ON audit_sealer, audit_purger TO broker_worker;
GRANT DELETE ON audit_event, audit_hold TO broker_worker;
REVOKE UPDATE, DELETE ON audit_event FROM broker_service;
REVOKE INSERT, UPDATE, DELETE
    ON audit_leaf, audit_node, audit_checkpoint, audit_cosignature, audit_sealer, audit_purger, audit_hold
    FROM broker_service;

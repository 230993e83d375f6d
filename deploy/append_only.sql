-- After the first `broker migrate`, as the owner: the service adds to the trail, and changes nothing in it.
REVOKE UPDATE, DELETE ON audit_event FROM broker_service;

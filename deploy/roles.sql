-- The three roles of the service, in its new and empty PostgreSQL database; before `broker migrate`.
-- The owner changes the schema (BROKER_MIGRATION_DATABASE_URL); the nodes read and write rows; the
-- workers do so too, and are given the upkeep of the trail by append_only.sql.
-- Give each a password or a certificate, as your pg_hba.conf asks.
CREATE ROLE broker_owner LOGIN;
CREATE ROLE broker_service LOGIN;
CREATE ROLE broker_worker LOGIN INHERIT IN ROLE broker_service;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO broker_owner;
GRANT USAGE ON SCHEMA public TO broker_service;
ALTER DEFAULT PRIVILEGES FOR ROLE broker_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO broker_service;
ALTER DEFAULT PRIVILEGES FOR ROLE broker_owner IN SCHEMA public
    GRANT USAGE ON SEQUENCES TO broker_service;

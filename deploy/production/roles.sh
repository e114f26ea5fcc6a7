#!/bin/sh
# Runs once, when PostgreSQL makes its data folder: the owner of the tables, who migrates and loads, and the application's role,
# which stands under row-level security because it owns nothing. Passwords come from files, so that no process list shows them.
set -eu
secrets=${SECRETS:-/run/secrets}

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname "${POSTGRES_DB:-hijrah}" <<SQL
\set owner_password \`cat "$secrets/owner_password"\`
\set app_password \`cat "$secrets/app_password"\`
CREATE ROLE hijrah_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE hijrah_app LOGIN PASSWORD :'app_password';
SELECT format('ALTER DATABASE %I OWNER TO hijrah_owner', current_database()) \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database()) \gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO hijrah_app', current_database()) \gexec
ALTER SCHEMA public OWNER TO hijrah_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO hijrah_app;
-- Also for the tables of migrations to come.
ALTER DEFAULT PRIVILEGES FOR ROLE hijrah_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO hijrah_app;
ALTER DEFAULT PRIVILEGES FOR ROLE hijrah_owner IN SCHEMA public GRANT USAGE ON SEQUENCES TO hijrah_app;
SQL

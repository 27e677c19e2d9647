#!/usr/bin/env bash
# Run once by the database's image, as superuser, on an empty server: an owner for the
# warehouse who is no superuser, and a database and a login of Dagster's own.
set -euo pipefail

password() { # of a file, as an SQL literal; the shell's own quoting never sees it
    printf '%s' "$(cat "$1")" | sed "s/'/''/g; 1s/^/'/; \$s/\$/'/"
}

psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --dbname=postgres <<SQL
set log_statement = none;
set password_encryption = 'scram-sha-256';
create role wardline login createrole
    password $(password "$WARDLINE_DATABASE_PASSWORD_FILE");
create database wardline owner wardline;
create role wardline_dagster login
    password $(password "$WARDLINE_DAGSTER_DATABASE_PASSWORD_FILE");
create database dagster owner wardline_dagster;
revoke connect, temporary on database dagster, postgres from public;
SQL

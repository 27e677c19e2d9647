#!/usr/bin/env bash
# Run once by the database's image, as its user postgres, on an empty server: an owner for
# the warehouse who is no superuser, and a database and a login of Dagster's own. With
# --check, whether both can log in: the image starts a server, too, whose first start broke
# off, and never runs this again.
set -euo pipefail

secret() { # what a file holds
    local held
    if ! held=$(cat "$1") || [[ -z $held ]]; then
        echo "The secret $1 is empty or cannot be read by the user $(id -u): give it the" \
            "owner and mode of docs/operations.md, \"In containers\", and make the" \
            "server anew as it says there." >&2
        return 1
    fi
    printf '%s' "$held"
}

literal() { # in SQL; the shell's own quoting never sees it
    printf '%s' "$1" | sed "s/'/''/g; 1s/^/'/; \$s/\$/'/"
}

log_in() { # by password, as Wardline's processes do
    PGPASSWORD=$3 psql --no-psqlrc --no-password --quiet --host=127.0.0.1 \
        --username="$1" --dbname="$2" --command='select' --output=/dev/null
}

# In assignments of their own: in an argument a failure would go unnoticed.
owner=$(secret "$WARDLINE_DATABASE_PASSWORD_FILE")
dagster=$(secret "$WARDLINE_DAGSTER_DATABASE_PASSWORD_FILE")

if [[ ${1:-} == --check ]]; then
    log_in wardline wardline "$owner"
    log_in wardline_dagster dagster "$dagster"
    exit
fi

psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --dbname=postgres <<SQL
set log_statement = none;
set password_encryption = 'scram-sha-256';
create role wardline login createrole
    password $(literal "$owner");
create database wardline owner wardline;
create role wardline_dagster login
    password $(literal "$dagster");
create database dagster owner wardline_dagster;
revoke connect, temporary on database dagster, postgres from public;
SQL

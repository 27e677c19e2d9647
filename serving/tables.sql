-- Who may use the API and the dashboard: kept by every start, after the roles.
-- Append only: a key is revoked and a user changed by a further row, so that who had
-- access when can always be told. No secret stands here, only what it hashes to.

-- The login of the server's process. It inherits nothing: to read a mart it takes on the
-- role of whoever asks, and without one it knows keys, users and the record of runs.
do $$
begin
    if not exists (select from pg_roles where rolname = 'wardline_server') then
        create role wardline_server;
    end if;
    execute format(
        'grant connect on database %I to wardline_server', current_database()
    );
    execute format(
        'alter role wardline_server in database %I reset all', current_database()
    );
end
$$;
alter role wardline_server login noinherit;
alter role wardline_server reset all;
alter role wardline_server set statement_timeout = '60s';
alter role wardline_server set default_transaction_read_only = on;
grant wardline_reader to wardline_server with inherit false, set true;

create schema if not exists serving;
grant usage on schema serving to wardline_server;

create table if not exists serving.api_keys (
    key_id bigint generated always as identity primary key,
    key_name text not null,
    secret_sha256 bytea not null unique,
    role_name text not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
);

create table if not exists serving.revoked_api_keys (
    key_id bigint primary key references serving.api_keys,
    revoked_at timestamptz not null default now(),
    reason text not null
);

-- the last row of a user counts
create table if not exists serving.user_versions (
    version_id bigint generated always as identity primary key,
    user_name text not null,
    password_hash text,
    role_name text not null,
    is_disabled boolean not null default false,
    changed_at timestamptz not null default now()
);

grant select on serving.api_keys, serving.revoked_api_keys, serving.user_versions
to wardline_server;

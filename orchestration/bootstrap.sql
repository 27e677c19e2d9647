-- The warehouse's roles, schemas and bookkeeping, made and kept by every start.
-- Idempotent: each statement holds on a server of any age. No secrets here.

do $$
declare
    role_name text;
begin
    foreach role_name in array array[
        'wardline_loader',
        'wardline_transformer',
        'wardline_reader',
        'wardline_bound_reader'
    ]
    loop
        if not exists (select from pg_roles where rolname = role_name) then
            execute format('create role %I', role_name);
        end if;
        if not pg_has_role(role_name, 'set') then
            execute format('grant %I to current_user', role_name);
        end if;
        -- Only the reader logs in; the others are taken on, or given to logins.
        if role_name <> 'wardline_reader' and (
            select rolcanlogin from pg_roles where rolname = role_name
        ) then
            execute format('alter role %I nologin', role_name);
        end if;
    end loop;
    -- A table that a reader may make, even a temporary one, is a disk he may fill.
    execute format(
        'revoke connect, temporary on database %I from public', current_database()
    );
    execute format(
        'grant connect on database %I to wardline_reader, wardline_bound_reader',
        current_database()
    );
    execute format(
        'grant create, temporary on database %I to wardline_loader', current_database()
    );
    execute format(
        'grant temporary on database %I to wardline_transformer', current_database()
    );
end
$$;

create schema if not exists landing authorization wardline_loader;
create schema if not exists staging authorization wardline_transformer;
create schema if not exists intermediate authorization wardline_transformer;
create schema if not exists candidate authorization wardline_transformer;
create schema if not exists marts authorization wardline_transformer;
create schema if not exists quarantine;
create schema if not exists ops;

grant usage on schema quarantine, ops to wardline_loader;
grant usage, create on schema quarantine to wardline_transformer;
grant usage on schema ops, landing to wardline_transformer;
grant usage on schema marts to wardline_reader, wardline_bound_reader;

-- What the loader makes, the transformer reads; what is published, the reader reads.
alter default privileges for role wardline_loader
grant usage on schemas to wardline_transformer;
alter default privileges for role wardline_loader
grant select on tables to wardline_transformer;
alter default privileges for role wardline_transformer in schema marts
grant select on tables to wardline_reader;
revoke all on schema public from public;

-- A runaway query of an analyst must not hold the server until morning. A role may
-- change its own settings, for one database too, so every start puts them back. A login
-- that somebody else made is not Wardline's to change.
alter role wardline_reader login;
alter role wardline_reader reset all;
do $$
declare
    reader name;
begin
    execute format(
        'alter role wardline_reader in database %I reset all', current_database()
    );
    for reader in
        select logins.rolname
        from pg_roles as logins
        where
            logins.rolcanlogin
            and not logins.rolsuper
            and logins.rolname <> current_user
            and pg_has_role(logins.oid, 'usage with admin option')
            and (
                pg_has_role(logins.oid, 'wardline_reader', 'usage')
                or pg_has_role(logins.oid, 'wardline_bound_reader', 'usage')
            )
    loop
        execute format(
            'alter role %1$I set statement_timeout = ''60s'';'
            'alter role %1$I set default_transaction_read_only = on;'
            'alter role %1$I in database %2$I reset statement_timeout;'
            'alter role %1$I in database %2$I reset default_transaction_read_only',
            reader, current_database()
        );
    end loop;
end
$$;

-- ops: append only, so no role is granted update or delete. A table that is there stays
-- as it is: what a later release changes of it is a file of its own in migrations/.
create table if not exists ops.migrations (
    number integer primary key,
    name text not null,
    applied_at timestamptz not null default now()
);
create table if not exists ops.gate_results (
    gate_result_id bigint generated always as identity primary key,
    run_id text not null,
    gate text not null,
    subject text not null,
    expectation text not null,
    severity text not null,
    is_success boolean not null,
    observed text,
    sentence text not null,
    judged_at timestamptz not null default now()
);
create table if not exists ops.publications (
    publication_id bigint generated always as identity primary key,
    published_at timestamptz not null default now(),
    as_of timestamp,
    rows_changed bigint not null,
    gate_warnings integer not null,
    is_complete boolean not null,
    run_id text not null
);
-- What became of the current rows of each source table, counted on every run.
create table if not exists ops.accounting (
    run_id text not null,
    source_system text not null,
    table_name text not null,
    raw_keys bigint not null,
    staged_rows bigint not null,
    quarantined_rows bigint not null,
    counted_at timestamptz not null default now(),
    primary key (run_id, source_system, table_name)
);
-- The faults that staging found in them; columns and reasons are the contract's words.
create table if not exists ops.quarantine_counts (
    run_id text not null,
    source_system text not null,
    table_name text not null,
    column_name text not null,
    reason text not null,
    faults bigint not null,
    primary key (run_id, source_system, table_name, column_name, reason)
);
-- The rows that the last run that judged a subject found at fault, patients' among
-- them: the loader may write them and not read them back.
create table if not exists quarantine.failing_keys (
    gate text not null,
    subject text not null,
    expectation text not null,
    as_of timestamp,
    run_id text not null,
    key_values jsonb not null
);
-- HMAC-SHA-256's two padded keys (RFC 2104), one row: the pseudonyms' secret.
create table if not exists ops.pseudonym_key (
    is_only_row boolean primary key default true check (is_only_row),
    inner_pad bytea not null,
    outer_pad bytea not null
);
grant select, insert on ops.gate_results to wardline_loader, wardline_transformer;
grant select, insert on ops.publications, ops.accounting, ops.quarantine_counts
to wardline_transformer;
grant insert, delete, select (gate, subject, run_id) on quarantine.failing_keys
to wardline_loader;
grant select, insert, delete on quarantine.failing_keys to wardline_transformer;
grant select on ops.publications to wardline_loader;
grant select on ops.pseudonym_key to wardline_transformer;

-- What bound readers may see: the table that row security asks, and how it asks. Made and
-- kept by every start, after bootstrap.sql; the policies are row_security.py's.

create table if not exists ops.reader_bindings (
    login_name name primary key,
    branch_keys text[], -- null: all branches
    department_keys text[], -- null: all departments
    check (num_nonnulls(branch_keys, department_keys) > 0)
);

-- Who reads: whoever logged in. A role that was taken on since, or the owner of a view in
-- between, makes no difference; but the server of `wardline serve` logs in once for all
-- its keys and users, and takes on the role of the one who asks.
create or replace function ops.reader_name() returns name
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
    select case session_user
        when 'wardline_server' then cast(current_setting('role') as name)
        else session_user
    end
$$;

-- They run as their owner. A reader without a row sees nothing.
create or replace function ops.is_bound(place text) returns boolean
language sql stable security definer parallel safe
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(
        (
            select case place
                when 'branch' then branch_keys is not null
                else department_keys is not null
            end
            from ops.reader_bindings
            where login_name = ops.reader_name()
        ),
        true
    )
$$;

create or replace function ops.bound_keys(place text) returns text[]
language sql stable security definer parallel safe
set search_path = pg_catalog, pg_temp
as $$
    select case place when 'branch' then branch_keys else department_keys end
    from ops.reader_bindings
    where login_name = ops.reader_name()
$$;

revoke execute on function ops.reader_name, ops.is_bound, ops.bound_keys from public;
grant execute on function ops.is_bound, ops.bound_keys to wardline_bound_reader;

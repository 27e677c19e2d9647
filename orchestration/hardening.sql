-- What only a superuser can take from the readers, and from the server's log. Run by
-- every start whose login is one; on other servers once, by psql, in the warehouse's
-- database. Idempotent.
--
-- PostgreSQL lets everybody write large objects and messages into its log of changes,
-- hold advisory locks and run blocks of code. Wardline's own roles, and the database's
-- owner, keep what they need.
do $$
declare
    owner name := (
        select pg_get_userbyid(datdba) from pg_database
        where datname = current_database()
    );
    withheld record;
    quiet record;
begin
    for withheld in
        select oid::regprocedure as signature
        from pg_proc
        where
            pronamespace = 'pg_catalog'::regnamespace
            and (
                proname like 'lo\_%'
                or proname in (
                    'loread',
                    'lowrite',
                    'pg_notify',
                    'pg_export_snapshot',
                    'pg_logical_emit_message'
                )
                or proname like 'pg\_%advisory%'
            )
            and has_function_privilege('wardline_reader', oid, 'execute')
    loop
        execute format(
            'revoke execute on function %s from public', withheld.signature
        );
        execute format(
            'grant execute on function %s'
            ' to wardline_loader, wardline_transformer, %I',
            withheld.signature, owner
        );
    end loop;
    if has_language_privilege('wardline_reader', 'plpgsql', 'usage') then
        revoke usage on language plpgsql from public;
        execute format(
            'grant usage on language plpgsql'
            ' to wardline_loader, wardline_transformer, %I',
            owner
        );
    end if;
    -- A sort that spills without end fills the disk that the marts lie on.
    alter role wardline_reader set temp_file_limit = '5GB';
    if exists (select from pg_roles where rolname = 'wardline_server') then
        alter role wardline_server set temp_file_limit = '5GB';
    end if;
    -- An error's message, its detail and the statement it was in may quote a patient, and
    -- so may any statement that is logged for its kind or its time: not in the log,
    -- whoever sent it. What makes and changes tables may stay in it.
    for quiet in
        select name, value
        from (values
            ('log_min_messages', 'log'),
            ('log_min_error_statement', 'panic'),
            ('log_error_verbosity', 'terse'),
            (
                'log_statement',
                case current_setting('log_statement')
                    when 'ddl' then 'ddl' else 'none'
                end
            ),
            ('log_min_duration_statement', '-1'),
            ('log_min_duration_sample', '-1'),
            ('log_transaction_sample_rate', '0')
        ) as settings (name, value)
    loop
        execute format(
            'alter database %I set %I = %L',
            current_database(), quiet.name, quiet.value
        );
    end loop;
end
$$;

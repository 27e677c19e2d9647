-- Publications that put an earlier one back, and the rows they need for it; made and
-- kept by every start, after decisions.sql.

-- Asked first: to alter the table would wait for whoever is publishing.
do $$
begin
    if not exists (
        select from pg_attribute
        where attrelid = 'ops.publications'::regclass
            and attname = 'restored_publication_id'
    ) then
        alter table ops.publications
        add column restored_publication_id bigint references ops.publications,
        add column decision_id bigint;
    end if;
end
$$;
grant usage on sequence ops.publications_publication_id_seq to wardline_transformer;

-- One table for each mart, made by its first publication: the rows that publications
-- replaced. Like the candidate, not for readers.
create schema if not exists history authorization wardline_transformer;

-- The publications whose replaced rows are still kept, the latest ones without a gap.
create table if not exists history._publications (publication_id bigint primary key);
grant select, insert, delete on history._publications to wardline_transformer;

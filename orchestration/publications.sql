-- The rows that it takes to put an earlier publication back; made and kept by every
-- start, after bootstrap.sql.

grant usage on sequence ops.publications_publication_id_seq to wardline_transformer;

-- One table for each mart, made by its first publication: the rows that publications
-- replaced. Like the candidate, not for readers.
create schema if not exists history authorization wardline_transformer;

-- The publications whose replaced rows are still kept, the latest ones without a gap.
create table if not exists history._publications (publication_id bigint primary key);
grant select, insert, delete on history._publications to wardline_transformer;

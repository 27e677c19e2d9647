-- Publications that put an earlier one back. "If not exists", because warehouses from
-- before there were migrations may have the columns already; later files need no such.

alter table ops.publications
add column if not exists restored_publication_id bigint references ops.publications,
add column if not exists decision_id bigint;

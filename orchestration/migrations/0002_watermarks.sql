-- How far a delta that is read from a database by a watermark has come.

alter table ops.files
add column watermark timestamp;

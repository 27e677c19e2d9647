{{ bed_use('year', 'cast(extract(year from date_day) as integer)') }}

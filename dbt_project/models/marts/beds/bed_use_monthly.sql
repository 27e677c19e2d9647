{{ bed_use('month_start', month_of('date_day')) }}

"""统计报表: orders, tenants' usage, fees; each a form, plots, a table, the same table as a file."""

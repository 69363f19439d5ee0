"""Express parcels: orders, rules, carriers, waybills, tracking, carrier callbacks, call log."""

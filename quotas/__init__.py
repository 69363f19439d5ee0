"""What a tenant may send: monthly quota, overage, the append-only detail ledger, periods."""

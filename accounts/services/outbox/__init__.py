"""The outbox: events for tenants are owed, sent in order, tried again, and kept."""

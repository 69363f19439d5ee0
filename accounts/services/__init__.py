"""Use cases of accounts: the only writers of its tables."""

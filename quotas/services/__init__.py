"""Use cases of quotas: the only writers of its tables."""

"""Use cases of logistics: the only writers of its tables."""

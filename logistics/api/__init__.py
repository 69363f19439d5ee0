"""Routes of logistics."""

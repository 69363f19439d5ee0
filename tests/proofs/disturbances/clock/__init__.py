"""A folder for PYTHONPATH: what starts with it keeps the time that a file says."""

"""Disturbances from outside cost no parcel, double none, and need nobody to start anything again.

Each file is a story: real programs serve tenants who book over HTTP and repeat what failed, the
sandbox carries the parcels and pushes its callbacks, something outside breaks, and `ending.py`
looks at what is left.

    python -m pytest --engine sqlite|mariadb tests/proofs/disturbances
"""

"""What the hot paths cost, as ratios to frozen references measured in the same minutes.

    python -m benchmarks [--quick] [--only NAME ...] [--json FILE]

Starts a private durable MariaDB and the production server, interleaves its rounds with the
references', and voids the run where the books do not close afterwards.
"""

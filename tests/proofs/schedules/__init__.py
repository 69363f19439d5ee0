"""Schedules of faults: one integer decides everything that happens to many orders, and repeats it.

    python -m tests.proofs.schedules --seeds 0-999 --jobs 2 [--orders N] [--engine mariadb]
    python -m tests.proofs.schedules --seed 4711 --trace
    pytest tests/proofs/schedules                       # the first hundred seeds

In one thread a scheduler rolls dice for tenants, operators, workers, the carrier, the wire and the
clock. What it drives is the product: its doors, services, job runner and carrier client, with the
sandbox called in-process. Threads, sockets, sleeping and chance are replaced by the seed; that a
worker's steps are interleaved with anything else is done by acting inside its pauses.

At the end of a seed the faults stop, time passes until nothing is left to do, and `invariants`
compares our books with the carrier's.
"""

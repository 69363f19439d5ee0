"""A process may die at any moment: whoever comes after it ends where it would have ended.

    pytest tests/proofs/crashes                               every point of every story
    pytest tests/proofs/crashes -k scan-freight --point 17    one point alone

A story is a use case. A forked child acts it out once and counts the points at which it could
die: before and after every statement, COMMIT, ROLLBACK and outside call. Then, from a fresh world
each time, a child is killed at each of them; the leases run out, work goes on in another process,
whoever got no answer asks again, and the whole end is compared with that of the first run.
"""

"""Frozen: what a booking and a callback must cost at least, written once and never tuned.

Both do the job's own statements and nothing else: no validation, no signature, no lookup of who
pays or carries. A change here makes every earlier figure void.
"""

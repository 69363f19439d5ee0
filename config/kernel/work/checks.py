"""A lease is at least twice the longest deadline, or two workers would do one row's work."""

from __future__ import annotations

from typing import Any

from django.core import checks

from config.kernel.work.job import Job


def check_leases(**_: Any) -> list[checks.CheckMessage]:
    """System check."""
    return [
        checks.Error(
            f"{job.name}: lease {job.lease} is under twice the deadline {job.deadline}",
            id="tonglu.E001",
        )
        for job in Job.known.values()
        if job.lease < 2 * job.deadline
    ]

"""The sandbox: the other side of every outside system's wire, on loopback, in one process.

`manage.py runsandbox` serves it; tests use `running()`. No module here knows Django.
"""

from __future__ import annotations

from config.sandbox.inprocess import Sandbox, running

__all__ = ["Sandbox", "running"]

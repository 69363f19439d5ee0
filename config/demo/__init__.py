"""The main job played before your eyes: real programs, real HTTP, a database of its own.

`manage.py demo` clears the ground and starts `python -m config.demo`, which plays.
"""

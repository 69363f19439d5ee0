"""What is sent by people, carriers and files may be anything: generated, mutated, for minutes.

Each module names its own subject; `budget` says how long all of them play.
"""

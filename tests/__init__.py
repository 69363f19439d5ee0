"""The suite: real databases, real processes, real HTTP on loopback."""

"""The sandbox itself: strict at its door, honest in its answers, faithful in its callbacks."""

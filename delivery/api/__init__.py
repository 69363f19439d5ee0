"""Doors of delivery."""

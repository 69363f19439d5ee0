"""Mechanisms that know no business noun; each room is one guarantee (ARCHITECTURE.md)."""

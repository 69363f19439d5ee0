"""Tests of same-city delivery."""

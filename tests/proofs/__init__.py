"""What takes longer than the default suite may: each folder is a verb of the Makefile.

`pytest` alone leaves them out (tests/conftest.py); naming a folder runs it.
"""

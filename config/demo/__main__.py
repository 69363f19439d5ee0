"""What `manage.py demo` becomes, once the environment is the demo's own."""

from __future__ import annotations

import os
import sys

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        django.setup()
        from config.demo.playing import main

        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(0)

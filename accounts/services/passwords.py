"""What a password must be, said in the reader's language."""

from __future__ import annotations

from django.contrib.auth.password_validation import MinimumLengthValidator


class LengthValidator(MinimumLengthValidator):
    """Django's own; its refusal is not in its Chinese catalogue, what it asks for is."""

    def get_error_message(self) -> str:
        """How long it must be."""
        return str(self.get_help_text())

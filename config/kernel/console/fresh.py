"""Two operators on one form: whoever saves last overwrites nothing he did not see.

Each field carries along what it held when the page was opened. Only what was changed since then is
saved; where somebody else changed the same field meanwhile, the form is refused and says so.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _


class FreshForm(forms.ModelForm[Any]):
    """A form of one row; `changes()` is what its operator changed, and nothing else."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            for bound in self:
                carried = not self.is_bound or bound.html_initial_name in self.data
                bound.field.show_hidden_initial = carried and not bound.field.disabled

    def clean(self) -> dict[str, Any]:
        """Refuse a field that is not any more what its operator saw."""
        cleaned = super().clean() or {}
        for name in self.changed_data:
            now = self.get_initial_for_field(self.fields[name], name)
            if name in cleaned and self._outrun(name, now):
                text = _("Somebody else changed this to “%(now)s” meanwhile; open the page anew.")
                self.add_error(name, text % {"now": now})
        return cleaned

    def changes(self) -> dict[str, Any]:
        """The cleaned values of the fields that were changed."""
        return {name: self.cleaned_data[name] for name in self.changed_data}

    def _outrun(self, name: str, now: Any) -> bool:
        bound = self[name]
        carried = bound.field.show_hidden_initial
        if not carried or not bound.field.has_changed(now, bound.data):
            return False
        widget = bound.field.hidden_widget()
        seen = widget.value_from_datadict(self.data, self.files, bound.html_initial_name)
        return bound.field.has_changed(now, seen)

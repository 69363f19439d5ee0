"""Permissions in words an operator reads: which pages, and what may be done there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.contrib.auth.models import Permission
from django.utils.text import capfirst
from django.utils.translation import gettext as _

VERBS = ("view", "add", "change", "delete")


def verb_of(permission: Permission) -> str:
    """What may be done: one of the four, or what the permission itself says."""
    words = {"view": _("view"), "add": _("add"), "change": _("change"), "delete": _("delete")}
    return words.get(permission.codename.partition("_")[0], permission.name)


def target_of(permission: Permission) -> str:
    """The rows it is about, as their pages name them."""
    model = permission.content_type.model_class()
    kind = permission.content_type.model
    return str(capfirst(str(model._meta.verbose_name))) if model else kind


def told(permissions: Iterable[Permission]) -> list[tuple[str, list[str]]]:
    """(rows, what may be done to them), in the order of their apps."""
    found: defaultdict[tuple[str, str], list[Permission]] = defaultdict(list)
    for permission in permissions:
        kind = permission.content_type
        found[kind.app_label, kind.model].append(permission)
    return [
        (target_of(held[0]), [verb_of(one) for one in sorted(held, key=_order)])
        for _key, held in sorted(found.items())
    ]


def _order(permission: Permission) -> tuple[int, str]:
    verb = permission.codename.partition("_")[0]
    return (VERBS.index(verb) if verb in VERBS else len(VERBS), permission.codename)

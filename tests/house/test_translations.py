"""The console is complete in Chinese: nothing empty, nothing doubtful, nothing left out."""

from __future__ import annotations

import ast
from pathlib import Path

import polib
import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.test import Client
from django.utils import translation
from django.utils.functional import Promise

FOLDER = Path(settings.BASE_DIR) / "config/locale/zh_Hans/LC_MESSAGES"
PO = polib.pofile(str(FOLDER / "django.po"))
OURS = ("accounts", "quotas", "logistics", "delivery", "config")
# The place of the text among the arguments.
MARKERS = {"_": 0, "gettext": 0, "gettext_lazy": 0, "pgettext": 1, "pgettext_lazy": 1}


def said(entry: polib.POEntry) -> tuple[str, ...]:
    """Every Chinese form of an entry."""
    return tuple(entry.msgstr_plural.values()) if entry.msgid_plural else (entry.msgstr,)


def test_no_entry_is_empty_or_fuzzy() -> None:
    assert not [entry.msgid for entry in PO if not all(said(entry)) or entry.fuzzy]


def test_the_compiled_file_says_the_same() -> None:
    compiled = polib.mofile(str(FOLDER / "django.mo"))
    texts = {(entry.msgctxt, entry.msgid): said(entry) for entry in compiled}
    assert texts == {(entry.msgctxt, entry.msgid): said(entry) for entry in PO}


def test_every_marked_string_has_an_entry() -> None:
    known = {entry.msgid for entry in PO}
    missing = set()
    for app in OURS:
        for path in (Path(settings.BASE_DIR) / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Name)
                    and node.func.id in MARKERS
                    and isinstance(text := node.args[MARKERS[node.func.id]], ast.Constant)
                    and text.value not in known
                ):
                    missing.add(text.value)
    assert not missing


def test_models_and_columns_are_translatable() -> None:
    bare = []
    with translation.override("zh-hans"):
        for app in OURS:
            for model in apps.get_app_config(app).get_models():
                if not admin.site.is_registered(model):
                    continue
                if not isinstance(model._meta.verbose_name, Promise):
                    bare.append(str(model))
    assert not bare


@pytest.mark.django_db
def test_every_page_of_the_console_opens_in_chinese(admin_client: Client) -> None:
    from django.urls import reverse

    for model in admin.site._registry:
        meta = model._meta
        if meta.app_label not in OURS:
            continue
        page = admin_client.get(reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist"))
        assert page.status_code == 200, meta.label
        with translation.override("zh-hans"):
            assert str(meta.verbose_name_plural) in page.content.decode(), meta.label

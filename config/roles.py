"""Which role may do what: one table, applied by `sync_roles`.

A line is a target (`app.model` or `app.*`) and verbs (`view`, `change`, …, or a whole codename).
"""

from __future__ import annotations

Lines = list[tuple[str, tuple[str, ...]]]

_VIEW_WORK: Lines = [
    ("accounts.tenant", ("view",)),
    ("quotas.*", ("view",)),
    ("logistics.*", ("view",)),
]

PERMISSIONS: dict[str, Lines] = {
    "platform_admin": [
        (f"{app}.*", ("view", "add", "change", "delete"))
        for app in ("accounts", "quotas", "logistics", "auth")
    ],
    "operations": [
        *_VIEW_WORK,
        ("logistics.expressorder", ("add", "change")),
        ("logistics.expressrule", ("add", "change", "delete")),
        ("logistics.callbackrecord", ("change",)),
    ],
    "finance": [*_VIEW_WORK, ("quotas.tenantquota", ("add", "change"))],
    "support": [*_VIEW_WORK, ("logistics.expressorder", ("change",))],
    "auditor": [
        (f"{app}.*", ("view",)) for app in ("accounts", "quotas", "logistics", "auth", "admin")
    ],
}

"""Which role may do what: one table, applied by `sync_roles`, kept by console and API alike.

A line is a target (`app.model` or `app.*`) and verbs (`view`, `change`, …, or a whole codename).
Nobody is given to change or delete a ledger, a log or a statement: there is no page and no route
for it. `delete` of a quota or rule is its removal, which hides what is in use; tenants, accounts,
keys and people are switched off.
"""

from __future__ import annotations

Lines = list[tuple[str, tuple[str, ...]]]

_VIEW_WORK: Lines = [
    ("accounts.tenant", ("view",)),
    ("quotas.*", ("view",)),
    ("logistics.*", ("view",)),
    ("delivery.*", ("view",)),
    ("accounts.tenantevent", ("view",)),
    ("accounts.callbackendpoint", ("view",)),
    ("accounts.callbackattempt", ("view",)),
]
_QUOTAS: Lines = [("quotas.tenantquota", ("add", "change", "delete"))]
_PARCELS: Lines = [
    ("logistics.expressorder", ("add", "change", "reveal_expressorder")),
    ("logistics.expressrule", ("add", "change", "delete")),
    ("logistics.callbackrecord", ("change",)),
]
# Sending again what a tenant was to be told, and stopping or starting a server of a tenant's.
_RESENDING: Lines = [("accounts.tenantevent", ("change",))]
_PAUSING: Lines = [("accounts.callbackendpoint", ("change",))]
_DESK: Lines = [("delivery.deliveryorder", ("change", "reveal_deliveryorder"))]
_DISPATCH: Lines = [*_DESK, ("delivery.deliveryorder", ("dispatch_deliveryorder",))]

PERMISSIONS: dict[str, Lines] = {
    # All that any other role may, who else could give it? But no superusers are made here.
    "platform_admin": [
        *_VIEW_WORK,
        *_QUOTAS,
        *_PARCELS,
        *_DISPATCH,
        *_RESENDING,
        *_PAUSING,
        ("delivery.rider", ("add", "change")),
        ("delivery.pricerule", ("add", "change")),
        ("delivery.deliverysettings", ("add", "change")),
        ("accounts.tenant", ("add", "change")),
        ("accounts.apicredential", ("view", "add", "change")),
        ("accounts.user", ("view", "add", "change")),
        ("accounts.securityevent", ("view",)),
        ("auth.group", ("view",)),
        ("admin.logentry", ("view",)),
        ("logistics.cainiaoaccount", ("add", "change")),
    ],
    "operations": [
        *_VIEW_WORK,
        *_PARCELS,
        *_DISPATCH,
        *_RESENDING,
        *_PAUSING,
        ("accounts.securityevent", ("view",)),
    ],
    "finance": [*_VIEW_WORK, *_QUOTAS, ("delivery.pricerule", ("change",))],
    # Answers the telephone: cancels, and tells again; riders are the dispatchers' business.
    "support": [
        *_VIEW_WORK,
        *_DESK,
        *_RESENDING,
        ("logistics.expressorder", ("change", "reveal_expressorder")),
    ],
    # Sees all there is, names, phones and addresses masked, and changes nothing.
    "auditor": [
        *_VIEW_WORK,
        ("accounts.apicredential", ("view",)),
        ("accounts.user", ("view",)),
        ("accounts.securityevent", ("view",)),
        ("auth.group", ("view",)),
        ("admin.logentry", ("view",)),
    ],
}

"""Tenants' systems book, repeat, mistake a key, cancel, read; some never see the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest import mock

from django.utils import timezone

from accounts.services import idempotency
from config.kernel.errors import Refusal
from logistics.models import ExpressOrder
from logistics.services.booking import book_order
from logistics.services.drafts import read_draft
from tests.proofs.schedules.cast import Owner
from tests.proofs.schedules.trace import Broken
from tests.proofs.schedules.workers import Killed

if TYPE_CHECKING:
    from tests.proofs.schedules.simulation import Simulation

URL = "/api/v1/express-orders"
LEVELS = {
    "receiver_province": "浙江省",
    "receiver_city": "杭州市",
    "receiver_district": "余杭区",
}
PLACES: tuple[dict[str, str], ...] = (
    *({"receiver_address": "文一西路969号", **LEVELS},) * 4,
    *({"receiver_address": "浙江省杭州市余杭区文一西路969号"},) * 3,
    {"receiver_address": "北京市朝阳区建国路88号"},
    {"receiver_address": "某某小区三号楼"},
    {"receiver_address": "鼓楼区中山路1号"},
)
SENDERS: tuple[dict[str, str], ...] = (
    *({},) * 9,
    {
        "sender_address": "海南省三沙市西沙区永兴岛1号",
        "sender_name": "李",
        "sender_phone": "13900000000",
    },
)
ENDINGS = (
    *("",) * 6, "#rejected", "#exception", "#pickup-failed", "#station", "#returned",
    "#cancelled", "#reweighed", "#none", "#none",
)  # fmt: skip


def book(sim: Simulation) -> str | None:
    """A new parcel; its name says which of all the wishes it is."""
    if sim.booked >= sim.most_orders:
        return None
    owner = sim.dice.choice(sim.cast.owners)
    body = _body(sim)
    key = f"key-{sim.booked}" if sim.dice.random() < 0.7 else None
    if owner.client is None:
        return _book_for_platform(sim, owner, body)
    if key is not None and sim.dice.random() < 0.12:
        return _die_while_booking(sim, owner, body, key)
    return _send(sim, owner, body, key)


def repeat(sim: Simulation) -> str | None:
    """The same request once more, under its key or its own number: never a second parcel."""
    if sim.unanswered and sim.dice.random() < 0.5:
        owner, body, key = sim.unanswered.pop(0)
        return _send(sim, owner, body, key)
    known = sim.pick()
    if known is None or known.owner.client is None:
        return None
    if known.key is None and "tenant_order_no" not in known.body:
        return None
    answer = _post(known.owner, URL, known.body, known.key)
    if answer.status_code == 409 and answer.json()["error"] == "idempotency_running":
        return "running"
    if answer.status_code not in {200, 201} or answer.json()["data"]["order_no"] != known.order_no:
        raise Broken(f"{known.label} repeated: {answer.status_code} {answer.content[:200]!r}")
    return f"{known.label} {answer.status_code}"


def mistake(sim: Simulation) -> str | None:
    """Other content under a key, or under a number, that is taken."""
    known = sim.pick()
    if known is None or known.owner.client is None:
        return None
    # In the name of another wish, so that two orders of one wish would show.
    body = {**known.body, "goods_name": f"误 {len(sim.trace.lines)}"}
    if known.key is not None:
        body.pop("tenant_order_no", None)
        answer = _post(known.owner, URL, body, known.key)
        if answer.status_code == 201:  # the key's 24 hours are over
            # It names the new wish now, for another 24 hours only: nobody repeats it any more.
            known.key = None
            return _keep(sim, known.owner, body, None, answer.json()["data"])
        allowed = {
            "idempotency_mismatch",
            "idempotency_running",
            "quota_exhausted",
            "account_missing",
        }
    elif "tenant_order_no" in body:
        answer = _post(known.owner, URL, body, None)
        allowed = {"tenant_order_no_taken"}
    else:
        return None
    if answer.status_code < 400 or answer.json()["error"] not in allowed:
        raise Broken(f"{known.label} mistaken: {answer.status_code} {answer.content[:200]!r}")
    return f"{known.label} {answer.json()['error']}"


def cancel(sim: Simulation) -> str | None:
    known = sim.pick()
    if known is None or known.owner.client is None:
        return None
    answer = _post(known.owner, f"{URL}/{known.order_no}/cancel", {"reason": "不要了"}, None)
    said = answer.json()
    if answer.status_code not in {200, 202} and said["error"] != "cancel_refused":
        raise Broken(f"{known.label} cancelled: {answer.status_code} {answer.content[:200]!r}")
    return f"{known.label} {answer.status_code}"


def read(sim: Simulation) -> str | None:
    known = sim.pick()
    if known is None or known.owner.client is None:
        return None
    answer = known.owner.client.get(f"{URL}/{known.order_no}")
    if answer.status_code != 200:
        raise Broken(f"{known.label} read: {answer.status_code}")
    return f"{known.label} {answer.json()['data']['status']}"


ACTIONS = {
    "book": (12, book),
    "repeat": (4, repeat),
    "mistake": (3, mistake),
    "tenant cancels": (2, cancel),
    "read": (1, read),
}


def _body(sim: Simulation) -> dict[str, Any]:
    sim.booked += 1
    body = {
        "receiver_name": "张三丰",
        "receiver_phone": "13800138000",
        "goods_name": f"愿 {sim.booked}",
        "remark": sim.dice.choice(ENDINGS),
        "weight": "1.250",
        **sim.dice.choice(PLACES),
        **sim.dice.choice(SENDERS),
    }
    if sim.dice.random() < 0.6:
        body["tenant_order_no"] = f"N-{sim.booked}"
    return body


def _post(owner: Owner, url: str, body: dict[str, Any], key: str | None) -> Any:
    assert owner.client is not None
    return owner.client.post(url, body, extra={"Idempotency-Key": key} if key else None)


def _send(sim: Simulation, owner: Owner, body: dict[str, Any], key: str | None) -> str:
    answer = _post(owner, URL, body, key)
    said = answer.json()
    if answer.status_code in {200, 201}:
        return _keep(sim, owner, body, key, said["data"])
    if said["error"] not in {"quota_exhausted", "account_missing", "idempotency_running"}:
        raise Broken(f"booking: {answer.status_code} {answer.content[:300]!r}")
    if said["error"] == "idempotency_running":
        assert key is not None
        sim.unanswered.append((owner, body, key))
    sim.trace.count(f"booking {said['error']}")
    return f"{owner.name} {said['error']}"


def _die_while_booking(sim: Simulation, owner: Owner, body: dict[str, Any], key: str) -> str:
    """The web process dies after its commit; the key stays locked for a minute."""
    death = mock.patch.object(idempotency, "keep_answer", side_effect=Killed("before answering"))
    try:
        with death:
            said = _send(sim, owner, body, key)
    except Killed:
        sim.unanswered.append((owner, body, key))
        sim.trace.count("web process dies")
        return f"{owner.name} dies before answering"
    return said


def _book_for_platform(sim: Simulation, owner: Owner, body: dict[str, Any]) -> str:
    try:
        booked = book_order(draft=read_draft(body), tenant_id=None, at=timezone.now())
    except Refusal as refusal:
        return f"{owner.name} {refusal.slug}"
    return _keep(sim, owner, body, None, {"order_no": booked.order.order_no})


def _keep(
    sim: Simulation, owner: Owner, body: dict[str, Any], key: str | None, data: dict[str, Any]
) -> str:
    from tests.proofs.schedules.simulation import Known

    pk = ExpressOrder.objects.values_list("pk", flat=True).get(order_no=data["order_no"])
    label = f"o{len(sim.known) + 1}"
    if pk in sim.labels:
        raise Broken(f"two wishes became one order, {sim.labels[pk]}")
    sim.known.append(Known(label, owner, dict(body), key, data["order_no"], pk))
    sim.labels[pk] = label
    return f"{owner.name} {label} {body['goods_name']} {body['remark']}"

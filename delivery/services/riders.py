"""A rider is a user who is never staff, with a profile; whoever is switched off is out at once."""

from __future__ import annotations

import logging
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model, password_validation
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.services.operators import forget_tokens
from config.kernel.errors import Malformed, Missing
from config.kernel.work.claims import again_if_deadlocked
from delivery.errors import RiderOff
from delivery.models import Rider
from delivery.states import Vehicle

log = logging.getLogger(__name__)
CHANGEABLE = frozenset({"name", "phone", "vehicle", "area", "most_orders"})


def create_rider(
    *,
    username: str,
    password: str,
    name: str,
    phone: str,
    vehicle: str = Vehicle.EBIKE,
    area: str = "",
    at: datetime,
) -> Rider:
    """Make the user and the profile: enabled, off duty.

    :raises Malformed: unusable or taken name, weak password.
    """
    model = get_user_model()
    user = model(username=username, date_joined=at)
    _check_name(user)
    _set_password(user, password)
    try:
        with transaction.atomic():
            user.save()
            return Rider.objects.create(
                user=user, name=name, phone=phone, vehicle=vehicle, area=area
            )
    except IntegrityError:
        raise Malformed(fields={"username": ["该用户名已存在，请更换。"]}) from None


def update_rider(*, rider_id: int, **changes: Any) -> Rider:
    """Write what of the profile is given (`CHANGEABLE`); orders in hand keep what they copied.

    :raises Missing: no such rider.
    """
    if not changes.keys() <= CHANGEABLE:
        msg = f"not of a profile: {sorted(changes.keys() - CHANGEABLE)}"
        raise TypeError(msg)

    def act() -> Rider:
        with transaction.atomic():
            rider = locked_rider(rider_id)
            for name, value in changes.items():
                setattr(rider, name, value)
            rider.save(update_fields=[*changes, "updated_at"])
        return rider

    return again_if_deadlocked(act)


def set_rider_enabled(*, rider_id: int, enabled: bool, user_id: int | None = None) -> Rider:
    """Let a rider take orders, or shut him out: off duty, his tokens ended.

    Orders in his hands stay there: the board shows them, an operator gives them to another.

    :raises Missing: no such rider.
    """

    def act() -> Rider:
        with transaction.atomic():
            rider = locked_rider(rider_id)
            rider.enabled = enabled
            rider.on_duty = rider.on_duty and enabled
            rider.save(update_fields=["enabled", "on_duty", "updated_at"])
            # Let in again as well: a log-in that was under way when he was shut out would count.
            forget_tokens(user=rider.user)
        return rider

    rider = again_if_deadlocked(act)
    log.info("rider %s enabled=%s by user %s", rider_id, enabled, user_id)
    return rider


def set_rider_password(*, rider_id: int, password: str) -> None:
    """Give another password; tokens end.

    :raises Malformed: weak. :raises Missing: no such rider.
    """

    def act() -> None:
        with transaction.atomic():
            user = locked_rider(rider_id).user
            _set_password(user, password)
            user.save(update_fields=["password"])
            forget_tokens(user=user)

    again_if_deadlocked(act)


def set_duty(
    *, rider_id: int, on_duty: bool, at: datetime, place: tuple[Decimal, Decimal] | None = None
) -> Rider:
    """Go on or off duty, at `place` (latitude, longitude); again changes nothing else.

    :raises RiderOff: switched off meanwhile.
    """

    def act() -> Rider:
        with transaction.atomic():
            rider = locked_rider(rider_id)
            if on_duty and not rider.enabled:
                raise RiderOff
            rider.on_duty = on_duty
            if place is not None:
                rider.lat, rider.lng = place
                rider.located_at = at
            rider.save(update_fields=["on_duty", "lat", "lng", "located_at", "updated_at"])
        return rider

    return again_if_deadlocked(act)


def locked_rider(rider_id: int) -> Rider:
    """The rider's row, locked; always before an order's.

    :raises Missing: no such rider.
    """
    rider = Rider.objects.select_for_update().filter(pk=rider_id).first()
    if rider is None:
        raise Missing
    return rider


def _check_name(user: Any) -> None:
    try:
        user.username_validator(user.username)
    except ValidationError as exc:
        raise Malformed(fields={"username": list(exc.messages)}) from None
    if len(user.username) > user._meta.get_field("username").max_length:
        raise Malformed(fields={"username": ["用户名不能超过 150 个字符。"]})


def _set_password(user: Any, password: str) -> None:
    try:
        password_validation.validate_password(password, user)
    except ValidationError as exc:
        raise Malformed(fields={"password": list(exc.messages)}) from None
    user.set_password(password)

"""A rider is enrolled once; enrolled again under the same name, what is given is brought up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from config.kernel.errors import Malformed
from config.kernel.phones import is_phone
from delivery.models import Rider
from delivery.services.riders import create_rider, set_rider_password, update_rider
from delivery.states import Vehicle


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The outcome of `enrol_rider`."""

    rider: Rider
    created: bool


def enrol_rider(
    *,
    username: str,
    name: str,
    phone: str,
    at: datetime,
    password: str | None = None,
    vehicle: str | None = None,
    area: str | None = None,
) -> Enrolled:
    """Make the rider `username`, or bring the profile of one there is up to what is given.

    A rider there is keeps the password unless another is given, which ends the tokens.

    :raises Malformed: name, phone or vehicle cannot be used; no password, or a weak one; the user
        name is somebody else's.
    """
    _check(name, phone, vehicle)
    given = {"name": name, "phone": phone, "vehicle": vehicle, "area": area}
    profile = {column: value for column, value in given.items() if value is not None}
    rider = Rider.objects.filter(user__username=username).select_related("user").first()
    if rider is None:
        if not password:
            raise Malformed(fields={"password": ["新骑手必须设置密码（TONGLU_PASSWORD）。"]})
        made = create_rider(username=username, password=password, at=at, **profile)
        return Enrolled(made, created=True)
    if password and not rider.user.check_password(password):
        set_rider_password(rider_id=rider.pk, password=password)
    return Enrolled(update_rider(rider_id=rider.pk, **profile), created=False)


def _check(name: str, phone: str, vehicle: str | None) -> None:
    wrong = {}
    if not name.strip() or len(name) > 50:
        wrong["name"] = ["请填写 1 到 50 个字符的姓名。"]
    if not is_phone(phone):
        wrong["phone"] = ["请填写可以拨通的电话号码。"]
    if vehicle is not None and vehicle not in Vehicle.values:
        wrong["vehicle"] = [f"交通工具只能是 {'、'.join(Vehicle.values)}。"]
    if wrong:
        raise Malformed(fields=wrong)

"""What can be asked of this sandbox beside the wire; its state is told in JSON-ready rows."""

from __future__ import annotations

from collections.abc import Mapping

from logistics.carriers.cainiao.sandbox.accounts import Account, Accounts
from logistics.carriers.cainiao.sandbox.book import Book
from logistics.carriers.cainiao.sandbox.journeys import ENDINGS
from logistics.carriers.cainiao.sandbox.parcels import Parcel
from logistics.carriers.cainiao.sandbox.rounds import Rounds


class Steering:
    """Every method raises ValueError with a sentence for what cannot be done."""

    def __init__(self, book: Book, accounts: Accounts, rounds: Rounds) -> None:
        """Steer what these three hold."""
        self._book = book
        self._accounts = accounts
        self._rounds = rounds

    def do(self, verb: str, fields: Mapping[str, object]) -> Mapping[str, object]:
        """Do one thing."""
        match verb:
            case "accounts":
                account = Account.from_fields(fields)
                self._accounts.put(account)
                return {"app_key": account.app_key}
            case "push":
                return self._push(fields)
            case "hold" | "release":
                parcel = self._parcel(fields)
                with self._book.lock:
                    move = self._rounds.hold if verb == "hold" else self._rounds.release
                    move(parcel)
                return {"tradeOrderNo": parcel.trade_order_no, "held": verb == "hold"}
            case "journeys":
                return self._wish(fields)
        msg = f"cainiao cannot {verb}"
        raise ValueError(msg)

    def state(self, filters: Mapping[str, str]) -> Mapping[str, object]:
        """Return what is known; `tradeOrderNo` and `app_key` choose parcels."""
        wanted = {name: filters[name] for name in ("tradeOrderNo", "app_key") if name in filters}
        with self._book.lock:
            parcels = [parcel.row() for parcel in self._book.parcels.values()]
            return {
                "parcels": [
                    row
                    for row in parcels
                    if all(row[name] == value for name, value in wanted.items())
                ],
                "violations": list(self._book.violations),
                "counters": {
                    "requests": dict(self._book.requests),
                    "refused": dict(self._book.refusals),
                    "callbacks": dict(self._book.callbacks),
                },
                "journeys": dict(self._book.endings),
                "accounts": [
                    {
                        "app_key": account.app_key,
                        "sign_method": account.sign_method,
                        "status_words": account.status_words,
                        "callback_url": account.callback_url,
                    }
                    for account in self._accounts.all()
                ],
            }

    def _push(self, fields: Mapping[str, object]) -> Mapping[str, object]:
        given = dict(fields)
        app_key = str(given.pop("app_key", None) or "")
        if not given.get("status"):
            msg = "status is required"
            raise ValueError(msg)
        parcel = self._find(given, app_key)
        account = self._account(parcel.app_key if parcel else app_key)
        if parcel is None:
            # Nobody ordered it: the application must get along with such a callback.
            with self._book.lock:
                parcel = self._book.parcel(account.app_key, str(given.get("tradeOrderNo") or ""))
        callback = self._rounds.push(account, parcel, str(given["status"]), given)
        with self._book.lock:
            return callback.row()

    def _wish(self, fields: Mapping[str, object]) -> Mapping[str, object]:
        ending = str(fields.get("ending") or "").replace("-", "_")
        if ending not in ENDINGS:
            msg = f"ending must be one of: {', '.join(ENDINGS)}"
            raise ValueError(msg)
        trade_order_no = str(fields.get("tradeOrderNo") or "")
        with self._book.lock:
            self._book.endings[trade_order_no] = ending
        return {"tradeOrderNo": trade_order_no or None, "ending": ending}

    def _account(self, app_key: str) -> Account:
        accounts = self._accounts.all()
        found = self._accounts.find(app_key) if app_key else accounts[0] if accounts else None
        if found is None:
            msg = f"there is no account {app_key}".rstrip()
            raise ValueError(msg)
        return found

    def _find(self, fields: Mapping[str, object], app_key: str) -> Parcel | None:
        trade_order_no = fields.get("tradeOrderNo")
        with self._book.lock:
            for parcel in self._book.parcels.values():
                if app_key and parcel.app_key != app_key:
                    continue
                if parcel.order_code and (
                    trade_order_no == parcel.trade_order_no
                    if trade_order_no
                    else fields.get("orderCode") == parcel.order_code
                ):
                    return parcel
        return None

    def _parcel(self, fields: Mapping[str, object]) -> Parcel:
        parcel = self._find(fields, str(fields.get("app_key") or ""))
        if parcel is None:
            msg = "there is no order of this tradeOrderNo"
            raise ValueError(msg)
        return parcel

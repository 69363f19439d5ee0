"""Cainiao's electronic-waybill and pick-up gateway, LINK (protocols/carriers.md section 1)."""

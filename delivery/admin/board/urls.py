"""Address of the board, included by the console's site under `dispatch/`."""

from __future__ import annotations

from django.contrib import admin
from django.urls import path

from delivery.admin.board.page import board_view

urlpatterns = [path("", admin.site.admin_view(board_view), name="dispatch_board")]

"""What people are told: written in the step that gives the reason, shown in the product, sent as mail later."""

from komp_flow.notifications.models import DailyRun, Notification
from komp_flow.notifications.outbox import Notice, about, queue

__all__ = ["DailyRun", "Notice", "Notification", "about", "queue"]

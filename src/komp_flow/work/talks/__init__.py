"""Talks between a manager and an employee: what becomes of each, side by side, as lists, and the plans they lead to."""

from komp_flow.work.talks.by_hand import (
    answer_transfer,
    begin,
    begin_extraordinary,
    decline,
    hand_over,
    move,
    of_person,
    postpone,
    take_up,
    transfers,
    withdraw_decline,
)

__all__ = [
    "answer_transfer",
    "begin",
    "begin_extraordinary",
    "decline",
    "hand_over",
    "move",
    "of_person",
    "postpone",
    "take_up",
    "transfers",
    "withdraw_decline",
]

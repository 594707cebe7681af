"""Files that people put beside their answers: what they are, where they lie, and when they go.

Who may read one is not said here: a file belongs to a task, and `work` knows who reads what.
"""

from komp_flow.files.keeping import (
    LARGEST_OF_A_TASK,
    MOST_OF_A_TASK,
    Home,
    drafted,
    due,
    erase_person,
    erase_task,
    file,
    flaws,
    known,
    name_of,
    of_step,
    piece,
    put,
    remove,
    sent,
    tidy,
)
from komp_flow.files.models import DRAFTED, LOOSE, SENT, StoredFile
from komp_flow.files.store import InDatabase, InDirectory, Missing, Store

__all__ = [
    "DRAFTED",
    "LARGEST_OF_A_TASK",
    "LOOSE",
    "MOST_OF_A_TASK",
    "SENT",
    "Home",
    "InDatabase",
    "InDirectory",
    "Missing",
    "Store",
    "StoredFile",
    "drafted",
    "due",
    "erase_person",
    "erase_task",
    "file",
    "flaws",
    "known",
    "name_of",
    "of_step",
    "piece",
    "put",
    "remove",
    "sent",
    "tidy",
]

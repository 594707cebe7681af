"""What the main database knows of the key store: which one it belongs to, so that a lost one is not made anew."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from komp_flow.db import Base


class KeyStore(Base):
    """The key store that holds the keys of what is sealed here. One row, from the first sealing on."""

    __tablename__ = "key_store"

    one: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    name: Mapped[str] = mapped_column(String(32))

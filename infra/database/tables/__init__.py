"""The tables by topic; `infra.database.schema` names them all."""

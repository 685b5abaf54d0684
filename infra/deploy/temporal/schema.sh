#!/bin/sh
# Brings both databases of Temporal to the schema of this version; running it again changes nothing.
set -eu

for part in temporal visibility; do
    database=temporal
    [ "$part" = visibility ] && database=temporal_visibility
    echo "schema of $database"
    temporal-sql-tool --db "$database" setup-schema -v 0.0
    temporal-sql-tool --db "$database" update-schema \
        -d "/etc/temporal/schema/postgresql/v12/$part/versioned"
done

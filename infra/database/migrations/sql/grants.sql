-- What the application may do, worked out anew after every migration: everything but what its guards
-- say is written for ever. The role is shared by all databases of a server.
DO $$
DECLARE
    guarded record;
    application CONSTANT name := 'sendalong_application';
BEGIN
    BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = application) THEN
            EXECUTE format('CREATE ROLE %I LOGIN', application);
        END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
        -- Another process made it in between.
        NULL;
    WHEN insufficient_privilege THEN
        RAISE EXCEPTION USING MESSAGE =
            'role ' || application || ' is missing, and this role may not create it: '
            || 'run CREATE ROLE ' || application || ' LOGIN PASSWORD ... as a superuser';
    END;
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', application);
    EXECUTE format(
        'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO %I', application
    );
    EXECUTE format('GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO %I', application);
    -- A guard is a trigger; what it refuses to everybody, the application is not even allowed.
    FOR guarded IN
        SELECT tgrelid::regclass AS "table", bool_or(tgname = 'append_only') AS is_append_only
        FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE tgname IN ('append_only', 'never_deleted')
            AND relnamespace = 'public'::regnamespace
        GROUP BY tgrelid
    LOOP
        EXECUTE format('REVOKE DELETE ON %s FROM %I', guarded."table", application);
        IF guarded.is_append_only THEN
            EXECUTE format('REVOKE UPDATE ON %s FROM %I', guarded."table", application);
        END IF;
    END LOOP;
    -- Only entries move a balance: by their trigger, which acts for the owner. One column may be
    -- changed as far as privileges go, because locking a row asks for that; its guard refuses.
    ALTER FUNCTION apply_ledger_entry() SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp;
    EXECUTE format('REVOKE UPDATE ON ledger_account FROM %I', application);
    EXECUTE format('GRANT UPDATE (kind) ON ledger_account TO %I', application);
    -- Entries of the audit are written by one function only, and the schema's version by migrations.
    EXECUTE format('REVOKE INSERT ON audit_entry FROM %I', application);
    EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM %I', application);
END $$;

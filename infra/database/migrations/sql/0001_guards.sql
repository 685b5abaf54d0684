-- Rules that hold whatever a program does. Errors raised here carry the class SA.

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING
        ERRCODE = 'SA001',
        MESSAGE = TG_TABLE_NAME || ' is append-only: ' || TG_OP || ' is refused';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON event
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger_transaction
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON ledger_transaction
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON dispute_evidence
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON dispute_evidence
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON dispute_message
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON dispute_message
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Rows of these two change, but none of them ever goes away.
CREATE TRIGGER never_deleted BEFORE DELETE ON payment_operation
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON payment_operation
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_deleted BEFORE DELETE ON ledger_account
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON ledger_account
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- An account starts empty, and only entries move its balance.
CREATE FUNCTION guard_ledger_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.balance_minor <> 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'SA002', MESSAGE = 'an account starts with nothing';
    END IF;
    IF TG_OP = 'UPDATE' AND pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION USING ERRCODE = 'SA002', MESSAGE = 'only entries move a balance';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER guarded BEFORE INSERT OR UPDATE ON ledger_account
    FOR EACH ROW EXECUTE FUNCTION guard_ledger_account();

-- A transaction is sealed by its own commit: nobody can claim another one's number.
CREATE FUNCTION stamp_ledger_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.created_xid := pg_current_xact_id()::text::bigint;
    RETURN NEW;
END $$;

CREATE TRIGGER stamped BEFORE INSERT ON ledger_transaction
    FOR EACH ROW EXECUTE FUNCTION stamp_ledger_transaction();

-- Moves the balance with every entry. The account's check refuses a balance below zero.
CREATE FUNCTION apply_ledger_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM ledger_transaction
        WHERE transaction_id = NEW.transaction_id
            AND created_xid = pg_current_xact_id()::text::bigint
    ) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'SA003',
            MESSAGE = 'transaction ' || NEW.transaction_id || ' is sealed';
    END IF;
    UPDATE ledger_account SET balance_minor = balance_minor + normal_sign * NEW.amount_minor
    WHERE account_id = NEW.account_id;
    RETURN NULL;
END $$;

CREATE TRIGGER applied AFTER INSERT ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION apply_ledger_entry();

-- Debits equal credits in every currency once the transaction is complete.
CREATE FUNCTION require_balanced_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    unbalanced text;
BEGIN
    SELECT currency INTO unbalanced FROM ledger_entry
    WHERE transaction_id = NEW.transaction_id
    GROUP BY currency HAVING sum(amount_minor) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'SA004',
            MESSAGE = 'transaction ' || NEW.transaction_id || ' does not balance in ' || unbalanced;
    END IF;
    IF NOT EXISTS (SELECT FROM ledger_entry WHERE transaction_id = NEW.transaction_id) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'SA004',
            MESSAGE = 'transaction ' || NEW.transaction_id || ' has no entries';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER complete AFTER INSERT ON ledger_transaction
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION require_balanced_ledger();
CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON ledger_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION require_balanced_ledger();

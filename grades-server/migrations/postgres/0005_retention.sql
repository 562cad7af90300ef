-- Lines of the audit that are older than they have to be kept may be deleted. Everything else of it stays as it was written:
-- a line is protected until the horizon has passed it, and the horizon only advances.

CREATE TABLE audit_horizon (
    before_ms BIGINT NOT NULL -- lines of before it are no longer kept
);

INSERT INTO audit_horizon VALUES (0);

CREATE INDEX audit_by_age ON audit (at_ms);

DROP TRIGGER audit_refuses ON audit;

CREATE TRIGGER audit_refuses BEFORE UPDATE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();

CREATE FUNCTION audit_goes_with_age() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.at_ms >= (SELECT before_ms FROM audit_horizon) THEN
        RAISE EXCEPTION 'the audit is append-only';
    END IF;
    RETURN OLD;
END;
$$;

CREATE TRIGGER audit_refuses_delete BEFORE DELETE ON audit
FOR EACH ROW EXECUTE FUNCTION audit_goes_with_age();

CREATE FUNCTION audit_horizon_advances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.before_ms < OLD.before_ms THEN
        RAISE EXCEPTION 'the horizon of the audit only advances';
    END IF;
    RETURN NEW;
END;
$$;

CREATE TRIGGER audit_horizon_refuses BEFORE UPDATE ON audit_horizon
FOR EACH ROW EXECUTE FUNCTION audit_horizon_advances();

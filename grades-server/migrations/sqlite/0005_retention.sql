-- Lines of the audit that are older than they have to be kept may be deleted. Everything else of it stays as it was written:
-- a line is protected until the horizon has passed it, and the horizon only advances.

CREATE TABLE audit_horizon (
    before_ms INTEGER NOT NULL -- lines of before it are no longer kept
) STRICT;

INSERT INTO audit_horizon VALUES (0);

CREATE INDEX audit_by_age ON audit (at_ms);

DROP TRIGGER audit_refuses_delete;

CREATE TRIGGER audit_refuses_delete BEFORE DELETE ON audit WHEN OLD.at_ms >= (SELECT before_ms FROM audit_horizon)
BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
END;

CREATE TRIGGER audit_horizon_advances BEFORE UPDATE ON audit_horizon WHEN NEW.before_ms < OLD.before_ms
BEGIN
    SELECT RAISE(ABORT, 'the horizon of the audit only advances');
END;

-- What was answered to which request key (Wire §9), written in the transaction of the change itself.

CREATE TABLE op_key (
    account     INTEGER NOT NULL REFERENCES account (id),
    key         BLOB NOT NULL CHECK (length(key) = 16),
    service     INTEGER NOT NULL,
    opcode      INTEGER NOT NULL,
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32), -- SHA-256 over service, opcode and body
    result      BLOB NOT NULL,
    created_ms  INTEGER NOT NULL,
    PRIMARY KEY (account, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX op_key_by_age ON op_key (created_ms);

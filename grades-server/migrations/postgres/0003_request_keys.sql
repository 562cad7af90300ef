-- What was answered to which request key (Wire §9), written in the transaction of the change itself.

CREATE TABLE op_key (
    account     BIGINT NOT NULL REFERENCES account (id),
    key         BYTEA NOT NULL CHECK (length(key) = 16),
    service     BIGINT NOT NULL,
    opcode      BIGINT NOT NULL,
    fingerprint BYTEA NOT NULL CHECK (length(fingerprint) = 32), -- SHA-256 over service, opcode and body
    result      BYTEA NOT NULL,
    created_ms  BIGINT NOT NULL,
    PRIMARY KEY (account, key)
);

CREATE INDEX op_key_by_age ON op_key (created_ms);

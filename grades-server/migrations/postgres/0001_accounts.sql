-- Who may sign in, and who is signed in. Times are milliseconds since the Unix epoch; texts are compared byte by byte, so
-- that every server sorts and finds alike, whatever locale its database was made with.

CREATE TABLE account (
    id              BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- never used again: audit and request keys name it for ever
    name            TEXT COLLATE "C" NOT NULL UNIQUE,
    role            BIGINT NOT NULL CHECK (role IN (1, 2, 3)), -- the numbers of the wire: administrator, teacher, student
    disabled        BOOLEAN NOT NULL DEFAULT FALSE,
    epoch           BIGINT NOT NULL DEFAULT 0, -- counts what ends all sessions: a session of an older epoch is none
    password        TEXT COLLATE "C" NOT NULL, -- a PHC string
    failures        BIGINT NOT NULL DEFAULT 0, -- attempts charged and not refunded
    next_allowed_ms BIGINT NOT NULL DEFAULT 0,
    created_ms      BIGINT NOT NULL
);

-- Attempts on names that no account has. They are counted like those on accounts, so that the answers are alike.
CREATE TABLE stranger (
    id              BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- a new one at each attempt: the longest quiet has the lowest
    name_digest     BYTEA NOT NULL UNIQUE CHECK (length(name_digest) = 32), -- people type passwords into the wrong field
    failures        BIGINT NOT NULL,
    next_allowed_ms BIGINT NOT NULL
);

CREATE TABLE session (
    handle       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    digest       BYTEA NOT NULL UNIQUE CHECK (length(digest) = 32), -- SHA-256 of the session ID, which is nowhere
    account      BIGINT NOT NULL REFERENCES account (id),
    epoch        BIGINT NOT NULL,
    created_ms   BIGINT NOT NULL,
    last_seen_ms BIGINT NOT NULL, -- to the minute, so that a call costs no write
    idle_ms      BIGINT NOT NULL,
    expires_ms   BIGINT NOT NULL,
    peer         TEXT COLLATE "C" NOT NULL
);

CREATE INDEX session_by_account ON session (account);
CREATE INDEX session_by_expiry ON session (expires_ms);

-- Locked by every change, each beside the others; by one that lost again and again to others, alone. It has no rows.
CREATE TABLE turn ();

-- Who may sign in, and who is signed in. Times are milliseconds since the Unix epoch.

CREATE TABLE account (
    id              INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again: the audit and the request keys name it for ever
    name            TEXT NOT NULL UNIQUE,
    role            INTEGER NOT NULL CHECK (role IN (1, 2, 3)), -- the numbers of the wire: administrator, teacher, student
    disabled        INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
    epoch           INTEGER NOT NULL DEFAULT 0, -- counts what ends all sessions: a session of an older epoch is none
    password        TEXT NOT NULL,              -- a PHC string
    failures        INTEGER NOT NULL DEFAULT 0, -- attempts charged and not refunded
    next_allowed_ms INTEGER NOT NULL DEFAULT 0,
    created_ms      INTEGER NOT NULL
) STRICT;

-- Attempts on names that no account has. They are counted like those on accounts, so that the answers are alike.
CREATE TABLE stranger (
    id              INTEGER PRIMARY KEY AUTOINCREMENT, -- a new one at each attempt: the longest quiet has the lowest
    name_digest     BLOB NOT NULL UNIQUE CHECK (length(name_digest) = 32), -- people type passwords into the wrong field
    failures        INTEGER NOT NULL,
    next_allowed_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE session (
    handle       INTEGER PRIMARY KEY AUTOINCREMENT,
    digest       BLOB NOT NULL UNIQUE CHECK (length(digest) = 32), -- SHA-256 of the session ID, which is nowhere
    account      INTEGER NOT NULL REFERENCES account (id),
    epoch        INTEGER NOT NULL,
    created_ms   INTEGER NOT NULL,
    last_seen_ms INTEGER NOT NULL, -- to the minute, so that a call costs no write
    idle_ms      INTEGER NOT NULL,
    expires_ms   INTEGER NOT NULL,
    peer         TEXT NOT NULL
) STRICT;

CREATE INDEX session_by_account ON session (account);
CREATE INDEX session_by_expiry ON session (expires_ms);

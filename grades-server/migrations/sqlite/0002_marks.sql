-- Promotions, students, marks, and who may touch which.

CREATE TABLE promotion (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT NOT NULL UNIQUE,
    created_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE student (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    promotion INTEGER NOT NULL REFERENCES promotion (id),
    number    TEXT NOT NULL,
    name      TEXT NOT NULL,
    position  TEXT NOT NULL, -- the number, spelt so that 9 comes before 10
    UNIQUE (promotion, number),
    UNIQUE (promotion, position)
) STRICT;

CREATE INDEX student_by_name ON student (promotion, name);

CREATE TABLE mark (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    student         INTEGER NOT NULL REFERENCES student (id) ON DELETE CASCADE,
    label           TEXT NOT NULL,
    code            INTEGER NOT NULL CHECK (code BETWEEN 0 AND 3), -- value, absent, excused, awaited
    ten_thousandths INTEGER NOT NULL CHECK (ten_thousandths >= 0),
    scale           INTEGER NOT NULL CHECK (scale >= 0), -- hundredths of a point
    coefficient     INTEGER NOT NULL CHECK (coefficient >= 0), -- hundredths
    version         INTEGER NOT NULL DEFAULT 1,
    created_ms      INTEGER NOT NULL
) STRICT;

CREATE INDEX mark_by_student ON mark (student, label);

CREATE TABLE mark_history (
    mark                INTEGER NOT NULL REFERENCES mark (id) ON DELETE CASCADE,
    version             INTEGER NOT NULL, -- the version that the correction made
    at_ms               INTEGER NOT NULL,
    account             INTEGER NOT NULL REFERENCES account (id),
    reason              TEXT NOT NULL,
    old_code            INTEGER NOT NULL,
    old_ten_thousandths INTEGER NOT NULL,
    old_scale           INTEGER NOT NULL,
    old_coefficient     INTEGER NOT NULL,
    new_code            INTEGER NOT NULL,
    new_ten_thousandths INTEGER NOT NULL,
    new_scale           INTEGER NOT NULL,
    new_coefficient     INTEGER NOT NULL,
    PRIMARY KEY (mark, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE teacher_promotion (
    account   INTEGER NOT NULL REFERENCES account (id),
    promotion INTEGER NOT NULL REFERENCES promotion (id),
    PRIMARY KEY (account, promotion)
) STRICT, WITHOUT ROWID;

CREATE TABLE student_account (
    account INTEGER PRIMARY KEY REFERENCES account (id),
    student INTEGER NOT NULL UNIQUE REFERENCES student (id) ON DELETE CASCADE
) STRICT;

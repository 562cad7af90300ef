-- Promotions, students, marks, and who may touch which.

CREATE TABLE promotion (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       TEXT COLLATE "C" NOT NULL UNIQUE,
    created_ms BIGINT NOT NULL
);

CREATE TABLE student (
    id        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    promotion BIGINT NOT NULL REFERENCES promotion (id),
    number    TEXT COLLATE "C" NOT NULL,
    name      TEXT COLLATE "C" NOT NULL,
    position  TEXT COLLATE "C" NOT NULL, -- the number, spelt so that 9 comes before 10
    UNIQUE (promotion, number),
    UNIQUE (promotion, position)
);

CREATE INDEX student_by_name ON student (promotion, name);

CREATE TABLE mark (
    id              BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    student         BIGINT NOT NULL REFERENCES student (id) ON DELETE CASCADE,
    label           TEXT COLLATE "C" NOT NULL,
    code            BIGINT NOT NULL CHECK (code BETWEEN 0 AND 3), -- value, absent, excused, awaited
    ten_thousandths BIGINT NOT NULL CHECK (ten_thousandths >= 0),
    scale           BIGINT NOT NULL CHECK (scale >= 0), -- hundredths of a point
    coefficient     BIGINT NOT NULL CHECK (coefficient >= 0), -- hundredths
    version         BIGINT NOT NULL DEFAULT 1,
    created_ms      BIGINT NOT NULL
);

CREATE INDEX mark_by_student ON mark (student, label);

CREATE TABLE mark_history (
    mark                BIGINT NOT NULL REFERENCES mark (id) ON DELETE CASCADE,
    version             BIGINT NOT NULL, -- the version that the correction made
    at_ms               BIGINT NOT NULL,
    account             BIGINT NOT NULL REFERENCES account (id),
    reason              TEXT COLLATE "C" NOT NULL,
    old_code            BIGINT NOT NULL,
    old_ten_thousandths BIGINT NOT NULL,
    old_scale           BIGINT NOT NULL,
    old_coefficient     BIGINT NOT NULL,
    new_code            BIGINT NOT NULL,
    new_ten_thousandths BIGINT NOT NULL,
    new_scale           BIGINT NOT NULL,
    new_coefficient     BIGINT NOT NULL,
    PRIMARY KEY (mark, version)
);

CREATE TABLE teacher_promotion (
    account   BIGINT NOT NULL REFERENCES account (id),
    promotion BIGINT NOT NULL REFERENCES promotion (id),
    PRIMARY KEY (account, promotion)
);

CREATE TABLE student_account (
    account BIGINT PRIMARY KEY REFERENCES account (id),
    student BIGINT NOT NULL UNIQUE REFERENCES student (id) ON DELETE CASCADE
);

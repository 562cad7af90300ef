//! Promotions, students and marks as rows.

use grades_api::model::{Coefficient, Mark, MarkChange, MarkEntry, MarkId, Promotion};
use tokio_postgres::Row;

use super::{
    convert::{coefficient_at, column, is_text, mark_at, mark_id, ms, number, time},
    tx::{Parameter, PostgresTx},
};
use crate::{
    clock::UnixMs,
    store::{
        Correction, MarkPlace, PromotionId, ReadMarks, StoreError, StudentId, StudentRow, WriteMarks,
        columns::{mark_columns, mark_columns_sql, position, row_number},
    },
};

/// The columns of [`mark_columns_sql`], from the one it is told.
fn mark_entry(row: &Row, first: usize) -> Result<MarkEntry, StoreError> {
    let at = |column: usize| first.saturating_add(column);
    Ok(MarkEntry {
        id: MarkId(number(row, at(0))?),
        version: number(row, at(1))?,
        coefficient: coefficient_at(row, at(2))?,
        mark: mark_at(row, at(3))?,
        label: column(row, at(6))?,
    })
}

fn student_row(row: &Row) -> Result<StudentRow, StoreError> {
    Ok(StudentRow { id: StudentId(column(row, 0)?), number: column(row, 1)?, name: column(row, 2)? })
}

fn promotion_row(row: &Row) -> Result<Promotion, StoreError> {
    Ok(Promotion { name: column(row, 0)?, students: number(row, 1)? })
}

impl ReadMarks for PostgresTx<'_> {
    fn promotion(&mut self, name: &str) -> Result<Option<PromotionId>, StoreError> {
        if !is_text(name) {
            return Ok(None);
        }
        self.row("SELECT id FROM promotion WHERE name = $1", &[&name], |row| column(row, 0).map(PromotionId))
    }

    fn promotions(&mut self) -> Result<Vec<Promotion>, StoreError> {
        let sql =
            "SELECT name, (SELECT count(*) FROM student WHERE promotion = promotion.id) FROM promotion ORDER BY name";
        self.rows(sql, &[], promotion_row)
    }

    fn promotion_summary(&mut self, name: &str) -> Result<Option<Promotion>, StoreError> {
        let sql =
            "SELECT name, (SELECT count(*) FROM student WHERE promotion = promotion.id) FROM promotion WHERE name = $1";
        self.row(sql, &[&name], promotion_row)
    }

    fn student(&mut self, promotion: PromotionId, number: &str) -> Result<Option<StudentRow>, StoreError> {
        if !is_text(number) {
            return Ok(None);
        }
        let sql = "SELECT id, number, name FROM student WHERE promotion = $1 AND number = $2";
        self.row(sql, &[&promotion.0, &number], student_row)
    }

    fn students_named(&mut self, promotion: PromotionId, name: &str) -> Result<Vec<StudentRow>, StoreError> {
        if !is_text(name) {
            return Ok(Vec::new());
        }
        let sql = "SELECT id, number, name FROM student WHERE promotion = $1 AND name = $2 LIMIT 2";
        self.rows(sql, &[&promotion.0, &name], student_row)
    }

    fn students_behind(
        &mut self,
        promotion: PromotionId,
        position: &str,
        limit: u32,
    ) -> Result<Vec<StudentRow>, StoreError> {
        let sql =
            "SELECT id, number, name FROM student WHERE promotion = $1 AND position > $2 ORDER BY position LIMIT $3";
        self.rows(sql, &[&promotion.0, &as_text(position), &i64::from(limit)], student_row)
    }

    fn marks_behind(
        &mut self,
        promotion: PromotionId,
        position: &str,
        limit: u32,
    ) -> Result<Vec<(StudentId, MarkEntry)>, StoreError> {
        let sql = concat!(
            "SELECT mark.student, ",
            mark_columns_sql!(),
            " FROM (SELECT id, position FROM student WHERE promotion = $1 AND position > $2 ORDER BY position LIMIT $3)
             page JOIN mark ON mark.student = page.id ORDER BY page.position, mark.id"
        );
        let owned_entry = |row: &Row| Ok((StudentId(column(row, 0)?), mark_entry(row, 1)?));
        self.rows(sql, &[&promotion.0, &as_text(position), &i64::from(limit)], owned_entry)
    }

    fn marks_of(&mut self, student: StudentId) -> Result<Vec<MarkEntry>, StoreError> {
        let sql = concat!("SELECT ", mark_columns_sql!(), " FROM mark WHERE student = $1 ORDER BY id");
        self.rows(sql, &[&student.0], |row| mark_entry(row, 0))
    }

    fn has_mark_labelled(&mut self, student: StudentId, label: &str) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM mark WHERE student = $1 AND label = $2 LIMIT 1";
        Ok(self.row(sql, &[&student.0, &label], |_| Ok(()))?.is_some())
    }

    /// In one round trip: a transaction that is short is seldom in another one's way.
    fn students_to_mark(
        &mut self,
        promotion: PromotionId,
        numbers: &[&str],
        label: &str,
    ) -> Result<Vec<Option<(StudentId, bool)>>, StoreError> {
        let sql = "SELECT student.id, EXISTS (SELECT FROM mark WHERE mark.student = student.id AND label = $3)
                   FROM unnest($2::text[]) WITH ORDINALITY AS asked (number, place)
                   LEFT JOIN student ON student.promotion = $1 AND student.number = asked.number ORDER BY place";
        self.rows(sql, &[&promotion.0, &numbers, &label], |row| {
            let is_marked = column(row, 1)?;
            Ok(column::<Option<i64>>(row, 0)?.map(|id| (StudentId(id), is_marked)))
        })
    }

    fn mark_numbered(&mut self, number: i64) -> Result<Option<MarkPlace>, StoreError> {
        let sql = concat!(
            "SELECT student.promotion, promotion.name, student.number, ",
            mark_columns_sql!(),
            " FROM mark JOIN student ON student.id = mark.student JOIN promotion ON promotion.id = student.promotion
             WHERE mark.id = $1"
        );
        self.row(sql, &[&number], |row| {
            Ok(MarkPlace {
                promotion: PromotionId(column(row, 0)?),
                promotion_name: column(row, 1)?,
                number: column(row, 2)?,
                entry: mark_entry(row, 3)?,
            })
        })
    }

    fn mark_history(&mut self, id: MarkId) -> Result<Vec<MarkChange>, StoreError> {
        let sql = "SELECT version, at_ms, old_coefficient, new_coefficient, old_code, old_ten_thousandths, old_scale,
                   new_code, new_ten_thousandths, new_scale, account.name, reason
                   FROM mark_history JOIN account ON account.id = mark_history.account WHERE mark = $1 ORDER BY version";
        self.rows(sql, &[&mark_id(id)?], |row| {
            Ok(MarkChange {
                version: number(row, 0)?,
                at_ms: time(row, 1)?.0,
                old_coefficient: coefficient_at(row, 2)?,
                new_coefficient: coefficient_at(row, 3)?,
                old: mark_at(row, 4)?,
                new: mark_at(row, 7)?,
                by: column(row, 10)?,
                reason: column(row, 11)?,
            })
        })
    }
}

impl WriteMarks for PostgresTx<'_> {
    fn insert_promotion(&mut self, name: &str, created: UnixMs) -> Result<PromotionId, StoreError> {
        let sql = "INSERT INTO promotion (name, created_ms) VALUES ($1, $2) RETURNING id";
        self.insert(sql, &[&name, &ms(created)]).map(PromotionId)
    }

    fn insert_student(&mut self, promotion: PromotionId, number: &str, name: &str) -> Result<StudentId, StoreError> {
        let sql = "INSERT INTO student (promotion, number, name, position) VALUES ($1, $2, $3, $4) RETURNING id";
        self.insert(sql, &[&promotion.0, &number, &name, &position(number)]).map(StudentId)
    }

    fn delete_student(&mut self, student: StudentId) -> Result<(), StoreError> {
        self.execute("DELETE FROM student WHERE id = $1", &[&student.0]).map(drop)
    }

    fn insert_mark(
        &mut self,
        student: StudentId,
        mark: Mark,
        coefficient: Coefficient,
        label: &str,
        created: UnixMs,
    ) -> Result<MarkId, StoreError> {
        let sql = "INSERT INTO mark (student, label, code, ten_thousandths, scale, coefficient, created_ms)
                   VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id";
        let [code, value, scale, coefficient] = numbers(mark, coefficient);
        let id = self.insert(sql, &[&student.0, &label, &code, &value, &scale, &coefficient, &ms(created)])?;
        row_number(id).map(MarkId)
    }

    /// In one round trip, as the question before it.
    fn insert_marks(
        &mut self,
        marks: &[(StudentId, Mark)],
        coefficient: Coefficient,
        label: &str,
        created: UnixMs,
    ) -> Result<Vec<MarkId>, StoreError> {
        let sql = "INSERT INTO mark (student, label, code, ten_thousandths, scale, coefficient, created_ms)
                   SELECT student, $5, code, ten_thousandths, scale, $6, $7
                   FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[])
                   WITH ORDINALITY AS new (student, code, ten_thousandths, scale, place) ORDER BY place
                   RETURNING id, student";
        let (mut students, mut codes, mut values, mut scales) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (student, mark) in marks {
            let [code, value, scale, _] = numbers(*mark, coefficient);
            students.push(student.0);
            codes.push(code);
            values.push(value);
            scales.push(scale);
        }
        let coefficient = i64::from(coefficient.hundredths());
        let row: [Parameter<'_>; 7] = [&students, &codes, &values, &scales, &label, &coefficient, &ms(created)];
        let inserted = self.rows(sql, &row, |row| Ok((column(row, 0)?, StudentId(column(row, 1)?))))?;
        // That they come back in the order in which they went in is a habit, not a promise.
        if !inserted.iter().map(|(_, student)| student).eq(marks.iter().map(|(student, _)| student)) {
            tracing::error!("the database answers an insert in another order");
            return Err(StoreError::Failed);
        }
        inserted.into_iter().map(|(id, _)| row_number(id).map(MarkId)).collect()
    }

    fn replace_mark(&mut self, correction: &Correction) -> Result<(), StoreError> {
        let Correction { id, version, new, .. } = correction;
        let sql =
            "UPDATE mark SET code = $2, ten_thousandths = $3, scale = $4, coefficient = $5, version = $6 WHERE id = $1";
        let [code, value, scale, coefficient] = numbers(new.0, new.1);
        let version = i64::from(*version);
        self.execute(sql, &[&mark_id(*id)?, &code, &value, &scale, &coefficient, &version]).map(drop)
    }

    fn insert_correction(&mut self, correction: &Correction) -> Result<(), StoreError> {
        let Correction { id, version, old, new, by, at, reason } = correction;
        let sql = "INSERT INTO mark_history (mark, version, at_ms, account, reason,
                   old_code, old_ten_thousandths, old_scale, old_coefficient,
                   new_code, new_ten_thousandths, new_scale, new_coefficient)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
        let [old_code, old_value, old_scale, old_coefficient] = numbers(old.0, old.1);
        let [new_code, new_value, new_scale, new_coefficient] = numbers(new.0, new.1);
        let row: [Parameter<'_>; 13] = [
            &mark_id(*id)?,
            &i64::from(*version),
            &ms(*at),
            &by.0,
            reason,
            &old_code,
            &old_value,
            &old_scale,
            &old_coefficient,
            &new_code,
            &new_value,
            &new_scale,
            &new_coefficient,
        ];
        self.execute(sql, &row).map(drop)
    }
}

/// The position up to the character that PostgreSQL's texts can't hold: as no position in a column has it either, and it is
/// the first of all characters, the same ones are behind.
fn as_text(position: &str) -> &str {
    position.split_once('\0').map_or(position, |(before, _)| before)
}

/// A mark's three columns, and its coefficient's.
fn numbers(mark: Mark, coefficient: Coefficient) -> [i64; 4] {
    let (code, value, scale) = mark_columns(mark);
    [code.into(), value.into(), scale.into(), coefficient.hundredths().into()]
}

//! Accounts as rows.

use grades_api::model::{Role, StudentKey};
use tokio_postgres::Row;

use super::{
    convert::{column, is_text, ms, number, role_at, time},
    tx::PostgresTx,
};
use crate::{
    clock::UnixMs,
    store::{
        AccountId, AccountRow, PromotionId, ReadAccounts, StoreError, Strangers, StudentId, WriteAccounts,
        columns::{account_columns_sql, role_number},
    },
};

macro_rules! select_account {
    ($rest:literal) => {
        concat!("SELECT ", account_columns_sql!(), " FROM account ", $rest)
    };
}

fn account_row(row: &Row) -> Result<AccountRow, StoreError> {
    Ok(AccountRow {
        id: AccountId(column(row, 0)?),
        name: column(row, 1)?,
        role: role_at(row, 2)?,
        disabled: column(row, 3)?,
        epoch: column(row, 4)?,
        password: column(row, 5)?,
        failures: number(row, 6)?,
        next_allowed: time(row, 7)?,
        created: time(row, 8)?,
    })
}

impl ReadAccounts for PostgresTx<'_> {
    fn account(&mut self, name: &str) -> Result<Option<AccountRow>, StoreError> {
        if !is_text(name) {
            return Ok(None);
        }
        self.row(select_account!("WHERE name = $1"), &[&name], account_row)
    }

    fn account_by_id(&mut self, id: AccountId) -> Result<Option<AccountRow>, StoreError> {
        self.row(select_account!("WHERE id = $1"), &[&id.0], account_row)
    }

    fn accounts(&mut self) -> Result<Vec<AccountRow>, StoreError> {
        self.rows(select_account!("ORDER BY name"), &[], account_row)
    }

    fn active_administrators(&mut self) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM account WHERE role = $1 AND NOT disabled";
        let count = self.row(sql, &[&role_number(Role::Administrator)], |row| number(row, 0))?;
        Ok(count.unwrap_or_default())
    }

    fn attachments(&mut self, teacher: AccountId) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT promotion.name FROM teacher_promotion JOIN promotion ON promotion.id = promotion
                   WHERE account = $1 ORDER BY promotion.name";
        self.rows(sql, &[&teacher.0], |row| column(row, 0))
    }

    fn is_attached(&mut self, teacher: AccountId, promotion: PromotionId) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM teacher_promotion WHERE account = $1 AND promotion = $2";
        Ok(self.row(sql, &[&teacher.0, &promotion.0], |_| Ok(()))?.is_some())
    }

    fn bound_student(&mut self, account: AccountId) -> Result<Option<(StudentId, StudentKey)>, StoreError> {
        let sql = "SELECT student.id, promotion.name, student.number FROM student_account
                   JOIN student ON student.id = student_account.student
                   JOIN promotion ON promotion.id = student.promotion WHERE account = $1";
        self.row(sql, &[&account.0], |row| {
            Ok((StudentId(column(row, 0)?), StudentKey { promotion: column(row, 1)?, number: column(row, 2)? }))
        })
    }

    fn account_of_student(&mut self, student: StudentId) -> Result<Option<AccountId>, StoreError> {
        let sql = "SELECT account FROM student_account WHERE student = $1";
        self.row(sql, &[&student.0], |row| column(row, 0).map(AccountId))
    }

    fn strangers(&mut self, name_digest: &[u8; 32]) -> Result<Option<Strangers>, StoreError> {
        let sql = "SELECT failures, next_allowed_ms FROM stranger WHERE name_digest = $1";
        self.row(sql, &[&name_digest.as_slice()], |row| {
            Ok(Strangers { failures: number(row, 0)?, next_allowed: time(row, 1)? })
        })
    }
}

impl WriteAccounts for PostgresTx<'_> {
    fn insert_account(
        &mut self,
        name: &str,
        role: Role,
        password: &str,
        created: UnixMs,
    ) -> Result<AccountId, StoreError> {
        let sql = "INSERT INTO account (name, role, password, created_ms) VALUES ($1, $2, $3, $4) RETURNING id";
        self.insert(sql, &[&name, &role_number(role), &password, &ms(created)]).map(AccountId)
    }

    fn set_attempts(&mut self, id: AccountId, failures: u32, next_allowed: UnixMs) -> Result<(), StoreError> {
        let sql = "UPDATE account SET failures = $2, next_allowed_ms = $3 WHERE id = $1";
        self.execute(sql, &[&id.0, &i64::from(failures), &ms(next_allowed)]).map(drop)
    }

    fn forget_strangers(&mut self, name_digest: &[u8; 32]) -> Result<(), StoreError> {
        self.execute("DELETE FROM stranger WHERE name_digest = $1", &[&name_digest.as_slice()]).map(drop)
    }

    fn insert_strangers(&mut self, name_digest: &[u8; 32], attempts: Strangers) -> Result<i64, StoreError> {
        let sql = "INSERT INTO stranger (name_digest, failures, next_allowed_ms) VALUES ($1, $2, $3) RETURNING id";
        let Strangers { failures, next_allowed } = attempts;
        self.insert(sql, &[&name_digest.as_slice(), &i64::from(failures), &ms(next_allowed)])
    }

    fn forget_strangers_until(&mut self, number: i64) -> Result<(), StoreError> {
        self.execute("DELETE FROM stranger WHERE id <= $1", &[&number]).map(drop)
    }

    fn set_password(&mut self, id: AccountId, password: &str) -> Result<(), StoreError> {
        self.execute("UPDATE account SET password = $2 WHERE id = $1", &[&id.0, &password]).map(drop)
    }

    fn set_disabled(&mut self, id: AccountId, disabled: bool) -> Result<(), StoreError> {
        let sql = "UPDATE account SET disabled = $2, epoch = epoch + CASE WHEN $2 THEN 1 ELSE 0 END WHERE id = $1";
        self.execute(sql, &[&id.0, &disabled]).map(drop)
    }

    fn begin_role(&mut self, id: AccountId, role: Role) -> Result<(), StoreError> {
        let sql = "UPDATE account SET role = $2, epoch = epoch + 1 WHERE id = $1";
        self.execute(sql, &[&id.0, &role_number(role)]).map(drop)
    }

    fn attach(&mut self, teacher: AccountId, promotion: PromotionId) -> Result<(), StoreError> {
        let sql = "INSERT INTO teacher_promotion (account, promotion) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        self.execute(sql, &[&teacher.0, &promotion.0]).map(drop)
    }

    fn detach(&mut self, teacher: AccountId, promotion: PromotionId) -> Result<(), StoreError> {
        let sql = "DELETE FROM teacher_promotion WHERE account = $1 AND promotion = $2";
        self.execute(sql, &[&teacher.0, &promotion.0]).map(drop)
    }

    fn detach_from_all(&mut self, teacher: AccountId) -> Result<(), StoreError> {
        self.execute("DELETE FROM teacher_promotion WHERE account = $1", &[&teacher.0]).map(drop)
    }

    fn unbind(&mut self, account: AccountId) -> Result<(), StoreError> {
        self.execute("DELETE FROM student_account WHERE account = $1", &[&account.0]).map(drop)
    }

    fn insert_binding(&mut self, account: AccountId, student: StudentId) -> Result<(), StoreError> {
        let sql = "INSERT INTO student_account (account, student) VALUES ($1, $2)";
        self.execute(sql, &[&account.0, &student.0]).map(drop)
    }
}

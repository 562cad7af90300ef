//! The handler of `Grades`: promotions, students, marks and means. Every change runs in one transaction with its checks, its
//! request key and its audit; every read is one snapshot.

use std::sync::Arc;

use grades_api::{
    Grades, GradesError,
    model::{
        Coefficient, ImportReport, Mark, MarkChange, MarkEntry, MarkId, NameKind, NewMark, Promotion, PromotionAverage,
        Sheet, StudentAverage, StudentMarks,
    },
};
use rpc_core::{Error, Result, call, tlv};

use crate::{
    auth::sessions::Session,
    caller::Caller,
    clock::UnixMs,
    means::{promotion_mean, student_mean},
    request_key::{KeyedRequest, once},
    scope,
    state::State,
    store::{Correction, StudentRow, Tx, View},
};

mod batch;

mod import;

mod page;

/// Answers the calls of `Grades`.
#[derive(Clone, Debug)]
pub(crate) struct GradesHandler {
    state: Arc<State>,
}

impl GradesHandler {
    pub(crate) const fn new(state: Arc<State>) -> Self {
        Self { state }
    }

    /// Runs a change once for its request key: session confirmed, checks, change, answer and audit in one transaction.
    fn change<T>(
        &self,
        work: impl Fn(&mut dyn Tx, &Caller, UnixMs) -> Result<T, GradesError> + Send + 'static,
    ) -> Result<T, GradesError>
    where
        T: tlv::Encode + tlv::DecodeOwned + Send + 'static,
    {
        let caller = Caller::current()?;
        let request = KeyedRequest::of(&call());
        let now = self.state.clock.now();
        let answer = self.state.store.write(caller.deadline, move |tx| {
            caller.confirm(tx.view(), now)?;
            once(tx, caller.session.account, request.as_ref(), now, |tx| work(tx, &caller, now))
        });
        answer?.map_err(Error::App)
    }

    /// Reads as the caller may, from one snapshot: session confirmed, scope and answer.
    fn read<T>(&self, work: impl FnOnce(&mut dyn View, &Session) -> Result<T, GradesError>) -> Result<T, GradesError> {
        let (caller, now) = (Caller::current()?, self.state.clock.now());
        self.state.store.read(|view| {
            let session = caller.confirm(view, now)?;
            work(view, &session)
        })
    }
}

impl Grades for GradesHandler {
    fn create_promotion(&self, promotion: &str) -> Result<(), GradesError> {
        accept(&[(NameKind::Promotion, promotion)])?;
        let promotion = promotion.to_owned();
        self.change(move |tx, caller, now| {
            if tx.promotion(&promotion)?.is_some() {
                return Err(GradesError::Conflict.into());
            }
            tx.insert_promotion(&promotion, now)?;
            Ok(caller.audit(tx, now, "create_promotion", &promotion, "")?)
        })
    }

    fn promotions(&self) -> Result<Vec<Promotion>, GradesError> {
        self.read(|view, caller| scope::promotions(view, caller))
    }

    fn add_student(&self, promotion: &str, number: &str, name: &str) -> Result<(), GradesError> {
        accept(&[(NameKind::StudentNumber, number), (NameKind::StudentName, name)])?;
        let [promotion, number, name] = [promotion, number, name].map(str::to_owned);
        self.change(move |tx, caller, now| {
            let id = scope::promotion(tx.view(), &caller.session, &promotion)?;
            if tx.student(id, &number)?.is_some() {
                return Err(GradesError::Conflict.into());
            }
            tx.insert_student(id, &number, &name)?;
            Ok(caller.audit(tx, now, "add_student", &format!("{promotion}/{number}"), "")?)
        })
    }

    fn remove_student(&self, promotion: &str, number: &str) -> Result<(), GradesError> {
        let [promotion, number] = [promotion, number].map(str::to_owned);
        self.change(move |tx, caller, now| {
            let student = scope::student(tx.view(), &caller.session, &promotion, &number)?;
            let marks = tx.marks_of(student.id)?.len();
            tx.delete_student(student.id)?;
            let object = format!("{promotion}/{number}");
            Ok(caller.audit(tx, now, "remove_student", &object, &format!("with {marks} marks"))?)
        })
    }

    fn add_mark(
        &self,
        promotion: &str,
        number: &str,
        mark: Mark,
        coefficient: Coefficient,
        label: &str,
    ) -> Result<MarkId, GradesError> {
        accept(&[(NameKind::Label, label)])?;
        let [promotion, number, label] = [promotion, number, label].map(str::to_owned);
        self.change(move |tx, caller, now| {
            let student = scope::student(tx.view(), &caller.session, &promotion, &number)?;
            let id = tx.insert_mark(student.id, mark, coefficient, &label, now)?;
            caller.audit(tx, now, "add_mark", &format!("{promotion}/{number}"), &format!("mark {id}"))?;
            Ok(id)
        })
    }

    fn correct_mark(
        &self,
        id: MarkId,
        version: u32,
        mark: Mark,
        coefficient: Coefficient,
        reason: &str,
    ) -> Result<u32, GradesError> {
        accept(&[(NameKind::Reason, reason)])?;
        let reason = reason.to_owned();
        self.change(move |tx, caller, now| {
            let place = scope::mark(tx.view(), &caller.session, id)?;
            let current = place.entry.version;
            let next = current.checked_add(1).filter(|_| current == version);
            let next = next.ok_or(GradesError::VersionConflict { current })?;
            tx.correct_mark(&Correction {
                id,
                version: next,
                old: (place.entry.mark, place.entry.coefficient),
                new: (mark, coefficient),
                by: caller.session.account,
                at: now,
                reason: reason.clone(),
            })?;
            let object = format!("{}/{}", place.promotion_name, place.number);
            caller.audit(tx, now, "correct_mark", &object, &format!("mark {id}, version {next}"))?;
            Ok(next)
        })
    }

    fn mark_history(&self, id: MarkId) -> Result<Vec<MarkChange>, GradesError> {
        self.read(|view, caller| {
            scope::mark(view, caller, id)?;
            Ok(view.mark_history(id)?)
        })
    }

    fn student_average(&self, promotion: &str, number: &str) -> Result<StudentAverage, GradesError> {
        self.read(|view, caller| {
            let student = scope::student(view, caller, promotion, number)?;
            Ok(average(&view.marks_of(student.id)?))
        })
    }

    fn promotion_average(&self, promotion: &str) -> Result<PromotionAverage, GradesError> {
        let students = self.read(|view, caller| {
            let promotion = scope::promotion(view, caller, promotion)?;
            Ok(view.students_with_marks(promotion, None, u32::MAX)?)
        })?;
        let means = students.iter().map(|(_, marks)| student_mean(counted(marks)));
        Ok(PromotionAverage::from(&promotion_mean(means)))
    }

    fn student(&self, promotion: &str, number: &str) -> Result<StudentMarks, GradesError> {
        self.read(|view, caller| {
            let student = scope::student(view, caller, promotion, number)?;
            let marks = view.marks_of(student.id)?;
            Ok(with_average(student, marks))
        })
    }

    fn students(&self, promotion: &str, after: Option<&str>, limit: u32) -> Result<Vec<StudentMarks>, GradesError> {
        self.read(|view, caller| {
            let promotion = scope::promotion(view, caller, promotion)?;
            Ok(page::page(view, promotion, after, limit)?)
        })
    }

    fn import(&self, promotion: &str, sheet: &Sheet, dry_run: bool) -> Result<ImportReport, GradesError> {
        import::check(sheet)?;
        let (promotion, sheet) = (promotion.to_owned(), sheet.clone());
        self.change(move |tx, caller, now| {
            let id = scope::promotion(tx.view(), &caller.session, &promotion)?;
            let report = import::import(tx, id, &sheet, dry_run, now)?;
            if !dry_run {
                let ImportReport { matched, enrolled, marks } = report;
                let detail = format!("{marks} marks of {matched} students, {enrolled} enrolled");
                caller.audit(tx, now, "import", &promotion, &detail)?;
            }
            Ok(report)
        })
    }

    fn add_marks(
        &self,
        promotion: &str,
        marks: &[NewMark],
        coefficient: Coefficient,
        label: &str,
    ) -> Result<Vec<MarkId>, GradesError> {
        batch::check(marks, label)?;
        let ([promotion, label], marks) = ([promotion, label].map(str::to_owned), marks.to_vec());
        self.change(move |tx, caller, now| {
            let id = scope::promotion(tx.view(), &caller.session, &promotion)?;
            let ids = batch::add(tx, id, &marks, coefficient, &label, now)?;
            // A line a mark, as of one that came alone: who asks about a student finds them.
            let line = |(new, id): (&NewMark, &MarkId)| (format!("{promotion}/{}", new.number), format!("mark {id}"));
            let lines: Vec<_> = marks.iter().zip(&ids).map(line).collect();
            caller.audit_all(tx, now, "add_marks", &lines)?;
            Ok(ids)
        })
    }
}

/// Refuses a text that may not stand where it is to stand.
fn accept(texts: &[(NameKind, &str)]) -> Result<(), GradesError> {
    if texts.iter().all(|(kind, text)| kind.accepts(text)) { Ok(()) } else { Err(Error::App(GradesError::BadName)) }
}

/// Whether a label tells the marks of one test from others. A mark that is given alone may do without.
fn names_a_test(label: &str) -> bool {
    !label.is_empty() && NameKind::Label.accepts(label)
}

fn counted(marks: &[MarkEntry]) -> impl Iterator<Item = (Mark, Coefficient)> {
    marks.iter().map(|entry| (entry.mark, entry.coefficient))
}

fn average(marks: &[MarkEntry]) -> StudentAverage {
    StudentAverage::from(&student_mean(counted(marks)))
}

fn with_average(student: StudentRow, marks: Vec<MarkEntry>) -> StudentMarks {
    StudentMarks { number: student.number, name: student.name, average: average(&marks), marks }
}

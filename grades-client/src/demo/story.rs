//! The story of the demonstration: a stranger and three people, every operation of the service, and what each of them may
//! not do. The expected means were computed by hand as fractions.

use grades_api::{
    Accounts as _, Grades as _,
    model::{
        Coefficient, Mark, MarkId, Mean, NewAccount, NewMark, Password, Promotion, Role, SessionSummary, StudentKey,
        StudentMarks,
    },
};
use grades_client::{Connection, Session};

use super::stage::{Stage, refuse, show};
use crate::{
    failure::{Exit, Failure},
    import::{parse_coefficient, parse_mark},
    render,
};

pub(super) const ADMINISTRATOR: &str = "root";
pub(super) const ADMINISTRATOR_PASSWORD: &str = "eleven herons by the weir";
const TEACHER_PASSWORD: &str = "seven lamps on the quay";
const STUDENT_PASSWORD: &str = "nine kites over the dunes";
const NEW_PASSWORD: &str = "four owls above the barn";

/// Opens a connection of its own for each person.
pub(super) type Open<'a> = &'a dyn Fn() -> Result<Connection, Failure>;

/// Plays the whole story.
pub(super) fn play(stage: &mut Stage, open: Open<'_>) -> Result<(), Failure> {
    stranger(stage, open)?;
    let administrator = administrator(stage, open)?;
    let teacher = sign_in(stage, open, "A teacher signs in (g)", "tess", TEACHER_PASSWORD)?;
    let typing_slip = teacher_enters_marks(stage, &teacher)?;
    teacher_reads_means(stage, &teacher)?;
    teacher_corrects(stage, &teacher, typing_slip)?;
    let student = student(stage, open, &administrator)?;
    scope_changes(stage, &administrator, &teacher)?;
    whole_test(stage, &teacher)?;
    sessions(stage, open, [administrator, teacher, student])
}

fn stranger(stage: &mut Stage, open: Open<'_>) -> Result<(), Failure> {
    stage.heading("A stranger, without a session, may do nothing but sign in")?;
    let stranger = open()?;
    let (accounts, grades) = (stranger.accounts(), stranger.grades());
    let why = "the call carries no session ID; the server refuses it before it reads the body";
    refuse!(stage, grades.promotions(), Failure::of_grades("the promotions"), Exit::NotLoggedIn, why);
    let guess = Password::new("a guess of some length");
    let why = "an unknown name and a wrong password give the same answer after the same time";
    refuse!(stage, accounts.login("mallory", &guess), Failure::of_accounts("login"), Exit::NotLoggedIn, why);
    Ok(())
}

fn administrator(stage: &mut Stage, open: Open<'_>) -> Result<Session, Failure> {
    let title = "The administrator signs in (g), creates promotions (a) and accounts";
    let administrator = sign_in(stage, open, title, ADMINISTRATOR, ADMINISTRATOR_PASSWORD)?;
    let Session { accounts, grades, .. } = &administrator;
    show!(stage, accounts.whoami(), |who| who.role.to_string(), "administrator");
    show!(stage, grades.create_promotion("L3"), done, "done");
    show!(stage, grades.create_promotion("M1"), done, "done");
    let mine = vec!["L3".to_owned()];
    let tess = NewAccount { name: "tess".to_owned(), role: Role::Teacher, promotions: mine, student: None };
    show!(stage, accounts.create_account(&tess, &Password::new(TEACHER_PASSWORD)), done, "done");
    let ada = NewAccount { name: "ada".to_owned(), role: Role::Student, promotions: Vec::new(), student: None };
    show!(stage, accounts.create_account(&ada, &Password::new(STUDENT_PASSWORD)), done, "done");
    let why = "without an administrator nobody could manage the accounts any more";
    let about = "account `root`";
    refuse!(stage, accounts.set_disabled("root", true), Failure::of_accounts(about), Exit::Conflict, why);
    Ok(administrator)
}

/// Enrols and marks; gives the mark that will turn out to be a slip.
fn teacher_enters_marks(stage: &mut Stage, teacher: &Session) -> Result<MarkId, Failure> {
    stage.heading("The teacher enrols students (b) and gives marks with coefficients (c)")?;
    let grades = &teacher.grades;
    show!(stage, grades.add_student("L3", "1815", "Ada Lovelace"), done, "done");
    show!(stage, grades.add_student("L3", "1906", "Grace Hopper"), done, "done");
    show!(stage, grades.add_student("L3", "1912", "Alan Turing"), done, "done");
    show!(stage, grades.add_student("L3", "1930", "Edsger Dijkstra"), done, "done");
    show!(stage, grades.add_mark("L3", "1815", mark("12")?, coef("2")?, "exam"), id, "mark 1");
    show!(stage, grades.add_mark("L3", "1815", mark("8.5")?, coef("1")?, "project"), id, "mark 2");
    show!(stage, grades.add_mark("L3", "1815", mark("15")?, coef("0.5")?, "quiz"), id, "mark 3");
    show!(stage, grades.add_mark("L3", "1906", mark("5.75")?, coef("3")?, "exam"), id, "mark 4");
    show!(stage, grades.add_mark("L3", "1906", mark("6.25")?, coef("3")?, "project"), id, "mark 5");
    let slip = show!(stage, grades.add_mark("L3", "1906", mark("10.5")?, coef("2")?, "quiz"), id, "mark 6");
    show!(stage, grades.add_mark("L3", "1912", mark("7/10")?, coef("1")?, "quiz"), id, "mark 7");
    show!(stage, grades.add_mark("L3", "1912", Mark::ABS, coef("1")?, "project"), id, "mark 8");
    show!(stage, grades.add_mark("L3", "1912", Mark::ATT, coef("2")?, "exam"), id, "mark 9");
    let why = "a teacher marks only in the promotions they are attached to";
    let about = "promotion `M1`";
    refuse!(stage, grades.add_student("M1", "1", "Nobody"), Failure::of_grades(about), Exit::Forbidden, why);
    Ok(slip)
}

fn teacher_reads_means(stage: &mut Stage, teacher: &Session) -> Result<(), Failure> {
    stage.heading("The teacher reads means (d, e) and the list (f): exact, rounded once, when shown")?;
    let grades = &teacher.grades;
    show!(stage, grades.student_average("L3", "1815"), |a| mean(a.mean.as_ref()), "11.43, exactly 80/7");
    stage.say("      (12×2 + 8.5×1 + 15×0.5) / (2 + 1 + 0.5)")?;
    show!(stage, grades.student_average("L3", "1906"), |a| mean(a.mean.as_ref()), "7.13, exactly 57/8");
    stage.say("      7.125, rounded half up; binary floating point would print 7.12")?;
    show!(stage, grades.student_average("L3", "1912"), |a| mean(a.mean.as_ref()), "7.00, exactly 7");
    stage.say("      7/10 is 14/20, absent counts 0, and the awaited exam makes the mean provisional")?;
    show!(stage, grades.student_average("L3", "1930"), |a| mean(a.mean.as_ref()), "-");
    stage.say("      no mark counts, so there is no mean: neither 0 nor an error")?;
    let average = show!(stage, grades.promotion_average("L3"), |a| mean(a.mean.as_ref()), "8.52, exactly 477/56");
    let counts = format!("{} of {} counted, {} provisional", average.counted, average.enrolled, average.pending);
    stage.check(&counts, "3 of 4 counted, 1 provisional")?;
    let students = show!(stage, grades.students("L3", None, 100), |all| means(all), "11.43, 7.13, 7.00, -");
    stage.view(&render::sheet(&students))
}

fn teacher_corrects(stage: &mut Stage, teacher: &Session, slip: MarkId) -> Result<(), Failure> {
    stage.heading("The teacher corrects a mark; its history keeps the one before")?;
    let grades = &teacher.grades;
    let (seen, reason) = (1, "a slip of the keyboard");
    show!(
        stage,
        grades.correct_mark(slip, seen, mark("15")?, coef("2")?, reason),
        |v| format!("version {v}"),
        "version 2"
    );
    show!(stage, grades.student_average("L3", "1906"), |a| mean(a.mean.as_ref()), "8.25, exactly 33/4");
    let why = "the correction names a version that is no longer the last: somebody else's work would be lost";
    let again = Failure::of_grades("the mark");
    refuse!(stage, grades.correct_mark(slip, seen, mark("16")?, coef("2")?, reason), again, Exit::Conflict, why);
    let history =
        show!(stage, grades.mark_history(slip), |changes| format!("{} correction", changes.len()), "1 correction");
    let corrections = history.iter().map(|c| format!("{} to {} by {}: {}", c.old, c.new, c.by, c.reason));
    stage.check(&corrections.collect::<Vec<_>>().join("; "), "10.5 to 15 by tess: a slip of the keyboard")
}

fn student(stage: &mut Stage, open: Open<'_>, administrator: &Session) -> Result<Session, Failure> {
    stage.heading("The administrator says which student an account is")?;
    let key = StudentKey { promotion: "L3".to_owned(), number: "1815".to_owned() };
    show!(stage, administrator.accounts.bind_student("ada", Some(&key)), done, "done");
    let title = "The student signs in (g) and reads their own marks";
    let student = sign_in(stage, open, title, "ada", STUDENT_PASSWORD)?;
    let Session { accounts, grades, .. } = &student;
    show!(stage, grades.student("L3", "1815"), |own| format!("{} marks", own.marks.len()), "3 marks");
    show!(stage, grades.student_average("L3", "1815"), |a| mean(a.mean.as_ref()), "11.43, exactly 80/7");
    let (others, why) =
        (Failure::of_grades("student `1906`"), "the answer is the same as for a number that nobody has");
    refuse!(stage, grades.student("L3", "1906"), others, Exit::NotFound, why);
    let (gift, why) = (Failure::of_grades("a mark for oneself"), "students only read");
    refuse!(stage, grades.add_mark("L3", "1815", mark("20")?, coef("1")?, "gift"), gift, Exit::Forbidden, why);
    let (current, new) = (Password::new(STUDENT_PASSWORD), Password::new(NEW_PASSWORD));
    show!(stage, accounts.change_password(&current, &new), done, "done");
    Ok(student)
}

fn scope_changes(stage: &mut Stage, administrator: &Session, teacher: &Session) -> Result<(), Failure> {
    stage.heading("The administrator attaches the teacher to another promotion (g)")?;
    let names = |promotions: &Vec<Promotion>| {
        promotions.iter().map(|p| format!("{} ({} students)", p.name, p.students)).collect::<Vec<_>>().join(", ")
    };
    show!(stage, administrator.accounts.attach_teacher("tess", "M1"), done, "done");
    show!(stage, teacher.grades.remove_student("L3", "1930"), done, "done");
    show!(stage, teacher.grades.promotions(), names, "L3 (3 students), M1 (0 students)");
    Ok(())
}

fn whole_test(stage: &mut Stage, teacher: &Session) -> Result<(), Failure> {
    stage.heading("The teacher enters the marks of a whole test (c): all of them in one call, or none")?;
    let grades = &teacher.grades;
    show!(stage, grades.add_student("M1", "1", "Barbara Liskov"), done, "done");
    show!(stage, grades.add_student("M1", "2", "Donald Knuth"), done, "done");
    let new = |number: &str, text| Ok::<_, Failure>(NewMark { number: number.to_owned(), mark: mark(text)? });
    let mut marks = vec![new("1", "16")?, new("3", "11")?];
    let (test, why) =
        (Failure::of_grades("the test"), "nobody has the number 3: no mark was given, and the row is named");
    refuse!(stage, grades.add_marks("M1", &marks, coef("1")?, "test"), test, Exit::InvalidData, why);
    if let Some(wrong) = marks.last_mut() {
        wrong.number = "2".to_owned();
    }
    show!(stage, grades.add_marks("M1", &marks, coef("1")?, "test"), |ids| format!("{} marks", ids.len()), "2 marks");
    show!(stage, grades.promotion_average("M1"), |a| mean(a.mean.as_ref()), "13.50, exactly 27/2");
    Ok(())
}

fn sessions(stage: &mut Stage, open: Open<'_>, everyone: [Session; 3]) -> Result<(), Failure> {
    stage.heading("Sessions end on the server, at once: ended, by role, by disabling, by logging out (g)")?;
    let [administrator, teacher, student] = everyone;
    let accounts = &administrator.accounts;
    let count = |sessions: &Vec<SessionSummary>| format!("{} session", sessions.len());
    let of_ada = show!(stage, accounts.sessions(Some("ada")), count, "1 session");
    for session in of_ada {
        show!(stage, accounts.end_session(session.handle), done, "done");
    }
    let ended = || Failure::of_accounts("the session");
    let why = "a session is looked up at every call";
    refuse!(stage, student.accounts.whoami(), ended(), Exit::NotLoggedIn, why);
    show!(stage, accounts.set_role("ada", Role::Teacher), done, "done");
    show!(stage, accounts.set_disabled("ada", true), done, "done");
    let stranger = open()?;
    let (login, why) = (Failure::of_accounts("login"), "nobody learns whether the account exists or is disabled");
    refuse!(stage, stranger.login("ada", &Password::new(NEW_PASSWORD)), login, Exit::NotLoggedIn, why);
    let all = show!(stage, accounts.accounts(), |all| format!("{} accounts", all.len()), "3 accounts");
    stage.view(&render::account_list(&all))?;
    show!(stage, teacher.accounts.logout(), done, "done");
    refuse!(stage, teacher.accounts.whoami(), ended(), Exit::NotLoggedIn, "the session ID is worth nothing any more");
    show!(stage, accounts.logout(), done, "done");
    Ok(())
}

fn sign_in(stage: &mut Stage, open: Open<'_>, title: &str, name: &str, password: &str) -> Result<Session, Failure> {
    stage.heading(title)?;
    let connection = open()?;
    stage.announce(&format!("connection.login({name:?}, &password)"));
    let result = connection.login(name, &Password::new(password));
    let expected = format!("a session of {name}");
    stage.answer(result, |_| expected.clone(), &expected)
}

/// A mark as it is written.
fn mark(text: &str) -> Result<Mark, Failure> {
    parse_mark(text)
}

/// A coefficient as it is written.
fn coef(text: &str) -> Result<Coefficient, Failure> {
    parse_coefficient(text)
}

fn done((): &()) -> String {
    "done".to_owned()
}

fn id(id: &MarkId) -> String {
    format!("mark {id}")
}

fn mean(mean: Option<&Mean>) -> String {
    match mean {
        None => "-".to_owned(),
        Some(Mean { exact: None, .. }) => "exact value left out".to_owned(),
        Some(mean @ Mean { exact: Some(exact), .. }) => format!("{mean}, exactly {exact}"),
    }
}

fn means(students: &[StudentMarks]) -> String {
    let means = students.iter().map(|s| s.average.mean.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string));
    means.collect::<Vec<_>>().join(", ")
}

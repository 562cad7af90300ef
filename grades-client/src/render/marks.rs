//! The views of means, sheets and marks. The JSON shapes are a contract that scripts rely on.

use std::collections::HashMap;

use grades_api::model::{
    ImportReport, MarkChange, MarkEntry, Mean, Promotion, PromotionAverage, StudentAverage, StudentMarks,
};
use serde_json::{Value, json};

use super::{
    Column,
    ColumnKind::{Number, Text},
    Grid, Shown, View, counted as number_of, utc,
};

/// Above this many labels a table of a column a label is wider than any screen; a row a mark is shown instead.
const LABELS_MAX: usize = 12;

/// The columns of a table with a row a mark; the first [`OF_STUDENT`] say whose it is.
const MARKS: &[(&str, super::ColumnKind)] = &[
    ("number", Text),
    ("name", Text),
    ("average", Number),
    ("id", Number),
    ("label", Text),
    ("value", Number),
    ("coefficient", Number),
    ("version", Number),
];

const OF_STUDENT: usize = 3;

/// A promotion's mean.
pub(crate) fn promotion_average(promotion: &str, average: &PromotionAverage) -> View {
    let PromotionAverage { counted, enrolled, pending, mean } = average;
    let mut sentence = format!("{promotion}: {} ({counted} of {enrolled} students", dash(mean.as_ref()));
    if *pending > 0 {
        sentence.push_str(&format!(", {pending} provisional"));
    }
    sentence.push(')');
    average_view(sentence, mean.as_ref(), &[("counted", *counted), ("enrolled", *enrolled), ("pending", *pending)])
}

/// One student's mean. Counts students, as a promotion's does, so that both have one shape.
pub(crate) fn student_average(about: &str, average: &StudentAverage) -> View {
    let mut sentence =
        format!("{about}: {} ({} counted", dash(average.mean.as_ref()), number_of(average.counted, "mark"));
    if average.pending > 0 {
        sentence.push_str(&format!(", {} awaited, provisional", average.pending));
    }
    sentence.push(')');
    let (has_mean, provisional) = (u32::from(average.mean.is_some()), u32::from(average.pending > 0));
    let counts = [("counted", has_mean), ("enrolled", 1), ("pending", provisional), ("marks", average.counted)];
    average_view(sentence, average.mean.as_ref(), &counts)
}

fn average_view(sentence: String, mean: Option<&Mean>, counts: &[(&str, u32)]) -> View {
    let mut things = vec![
        ("average", json!(mean.map(ToString::to_string))),
        ("exact", json!(mean.and_then(|mean| mean.exact.as_deref()))),
    ];
    things.extend(counts.iter().map(|(name, count)| (*name, json!(count))));
    let mut view = View::done(sentence, &things);
    // An absent mean is an empty cell, not the word null.
    for cell in view.csv.rows.iter_mut().flatten().filter(|cell| *cell == "null") {
        cell.clear();
    }
    view
}

/// All students of a promotion: a column a label for people, a row a mark for programs.
pub(crate) fn sheet(students: &[StudentMarks]) -> View {
    let labels = labels(students);
    let grid = match labels.len() > LABELS_MAX {
        true => long(students, "-"),
        false => wide(students, &labels),
    };
    let counted = students.iter().filter(|student| student.average.mean.is_some()).count();
    let foot = format!("{}, {counted} with a mean", number_of(students.len(), "student"));
    View { json: students_json(students), csv: long(students, ""), table: Shown::Table(grid, foot) }
}

/// One student's marks, with the ids that corrections name.
pub(crate) fn marks_of(student: &StudentMarks) -> View {
    let students = std::slice::from_ref(student);
    let StudentMarks { number, name, average, .. } = student;
    let foot = format!("{number}, {name}: {}", provisional(average));
    // Who it is stands beneath the table, once.
    let mut grid = long(students, "-");
    grid.columns.drain(..OF_STUDENT);
    grid.rows.iter_mut().for_each(|row| drop(row.drain(..OF_STUDENT)));
    grid.rows.retain(|_| !student.marks.is_empty());
    View { json: students_json(students), csv: long(students, ""), table: Shown::Table(grid, foot) }
}

fn students_json(students: &[StudentMarks]) -> Value {
    let mark = |entry: &MarkEntry| {
        json!({
            "id": entry.id.0,
            "label": entry.label,
            "value": entry.mark.to_string(),
            "coefficient": entry.coefficient.to_string(),
            "version": entry.version,
        })
    };
    let student = |student: &StudentMarks| {
        json!({
            "number": student.number,
            "name": student.name,
            "average": student.average.mean.as_ref().map(ToString::to_string),
            "marks": student.marks.iter().map(mark).collect::<Vec<_>>(),
        })
    };
    json!({ "students": students.iter().map(student).collect::<Vec<_>>() })
}

/// The labels in the order in which they first appear.
fn labels(students: &[StudentMarks]) -> Vec<&str> {
    let mut positions = HashMap::new();
    for entry in students.iter().flat_map(|student| &student.marks) {
        let next = positions.len();
        positions.entry(entry.label.as_str()).or_insert(next);
    }
    let mut labels: Vec<_> = positions.into_iter().collect();
    labels.sort_by_key(|(_, position)| *position);
    labels.into_iter().map(|(label, _)| label).collect()
}

fn wide(students: &[StudentMarks], labels: &[&str]) -> Grid {
    let mut grid = Grid::new(&[("number", Text), ("name", Text), ("average", Number)]);
    for label in labels {
        let header = if label.is_empty() { "(no label)" } else { label };
        grid.columns.push(Column { header: header.to_owned(), kind: Number });
    }
    for student in students {
        let mut row = vec![student.number.clone(), student.name.clone(), provisional(&student.average)];
        row.extend(labels.iter().map(|label| {
            let of_label = student.marks.iter().filter(|entry| entry.label == *label);
            of_label.map(|entry| format!("{} ×{}", entry.mark, entry.coefficient)).collect::<Vec<_>>().join("\n")
        }));
        grid.rows.push(row);
    }
    grid
}

fn long(students: &[StudentMarks], no_mean: &str) -> Grid {
    let mut grid = Grid::new(MARKS);
    for student in students {
        let average = student.average.mean.as_ref().map(ToString::to_string).unwrap_or_else(|| no_mean.to_owned());
        let who = [student.number.clone(), student.name.clone(), average];
        let none = (student.marks.is_empty()).then(|| std::array::from_fn(|_| String::new()));
        let marks = student.marks.iter().map(|entry| {
            let MarkEntry { id, version, coefficient, mark, label } = entry;
            [id.0.to_string(), label.clone(), mark.to_string(), coefficient.to_string(), version.to_string()]
        });
        grid.rows
            .extend(none.into_iter().chain(marks).map(|mark: [String; 5]| who.iter().cloned().chain(mark).collect()));
    }
    grid
}

/// The promotions that the caller may see.
pub(crate) fn promotion_list(promotions: &[Promotion]) -> View {
    let mut grid = Grid::new(&[("name", Text), ("students", Number)]);
    grid.rows = promotions.iter().map(|p| vec![p.name.clone(), p.students.to_string()]).collect();
    let json = promotions.iter().map(|p| json!({ "name": p.name, "students": p.students })).collect::<Vec<_>>();
    let foot = number_of(promotions.len(), "promotion");
    View { json: json!({ "promotions": json }), csv: grid.clone(), table: Shown::Table(grid, foot) }
}

/// A mark's corrections, oldest first.
pub(crate) fn history(changes: &[MarkChange]) -> View {
    let mut grid = Grid::new(&[
        ("version", Number),
        ("at", Text),
        ("by", Text),
        ("old", Number),
        ("old_coefficient", Number),
        ("new", Number),
        ("new_coefficient", Number),
        ("reason", Text),
    ]);
    let mut json = Vec::new();
    for change in changes {
        let (old, new) = (change.old.to_string(), change.new.to_string());
        let coefficients = [change.old_coefficient.to_string(), change.new_coefficient.to_string()];
        let [old_coefficient, new_coefficient] = coefficients;
        json.push(json!({
            "version": change.version, "at": utc(change.at_ms), "by": change.by,
            "old": old, "old_coefficient": old_coefficient,
            "new": new, "new_coefficient": new_coefficient, "reason": change.reason,
        }));
        grid.rows.push(vec![
            change.version.to_string(),
            utc(change.at_ms),
            change.by.clone(),
            old,
            old_coefficient,
            new,
            new_coefficient,
            change.reason.clone(),
        ]);
    }
    let foot = number_of(changes.len(), "correction");
    View { json: json!({ "changes": json }), csv: grid.clone(), table: Shown::Table(grid, foot) }
}

/// What an import did, or would do.
pub(crate) fn import_report(promotion: &str, report: ImportReport, dry_run: bool) -> View {
    let ImportReport { matched, enrolled, marks, .. } = report;
    let would = if dry_run { "would be " } else { "" };
    let tail = if dry_run { "; nothing was written (--dry-run)" } else { "" };
    let sentence = format!(
        "{promotion}: {} {would}added, {} matched, {enrolled} {would}enrolled{tail}",
        number_of(marks, "mark"),
        number_of(matched, "student")
    );
    View::done(
        sentence,
        &[
            ("promotion", json!(promotion)),
            ("matched", json!(matched)),
            ("enrolled", json!(enrolled)),
            ("marks", json!(marks)),
            ("dry_run", json!(dry_run)),
        ],
    )
}

fn dash(mean: Option<&Mean>) -> String {
    mean.map(ToString::to_string).unwrap_or_else(|| "-".to_owned())
}

fn provisional(average: &StudentAverage) -> String {
    let mean = dash(average.mean.as_ref());
    if average.pending > 0 { format!("{mean} provisional") } else { mean }
}

#[cfg(test)]
mod tests {
    use grades_api::model::MarkId;

    use super::*;
    use crate::cli::Output;

    fn mean(hundredths: u32, exact: &str) -> Option<Mean> {
        Some(Mean { hundredths, exact: Some(exact.to_owned()) })
    }

    fn student(number: &str, mean: Option<Mean>, pending: u32, marks: &[(u64, &str, &str, &str)]) -> StudentMarks {
        let entry = |(id, label, mark, coefficient): &(u64, &str, &str, &str)| MarkEntry {
            id: MarkId(*id),
            version: 1,
            coefficient: coefficient.parse().unwrap(),
            mark: mark.parse().unwrap(),
            label: (*label).to_owned(),
        };
        let average = StudentAverage { counted: 0, pending, mean };
        let name = format!("Student {number}");
        StudentMarks { number: number.to_owned(), name, average, marks: marks.iter().map(entry).collect() }
    }

    fn two_students() -> [StudentMarks; 2] {
        let marks = [(7, "exam", "12", "2"), (8, "quiz", "7/10", "0.5"), (9, "quiz", "ATT", "1")];
        [student("17", mean(1240, "62/5"), 1, &marks), student("18", None, 0, &[])]
    }

    #[test]
    fn the_json_of_a_mean_is_the_contract() {
        #[track_caller]
        fn check(view: &View, expected: Value) {
            assert_eq!(view.json, expected);
        }
        let whole = PromotionAverage { counted: 2, enrolled: 3, pending: 1, mean: mean(1143, "80/7") };
        let expected = json!({ "average": "11.43", "exact": "80/7", "counted": 2, "enrolled": 3, "pending": 1 });
        check(&promotion_average("L3", &whole), expected);
        let none = PromotionAverage { counted: 0, enrolled: 0, pending: 0, mean: None };
        let expected = json!({ "average": null, "exact": null, "counted": 0, "enrolled": 0, "pending": 0 });
        check(&promotion_average("L3", &none), expected);
        let one = StudentAverage { counted: 3, pending: 2, mean: mean(800, "8") };
        let expected =
            json!({ "average": "8.00", "exact": "8", "counted": 1, "enrolled": 1, "pending": 1, "marks": 3 });
        check(&student_average("Ada", &one), expected);
        let none = StudentAverage { counted: 0, pending: 0, mean: None };
        let expected = json!({ "average": null, "exact": null, "counted": 0, "enrolled": 1, "pending": 0, "marks": 0 });
        check(&student_average("Ada", &none), expected);
    }

    #[test]
    fn a_mean_reads_as_a_sentence() {
        #[track_caller]
        fn check(view: &View, expected: &str) {
            assert_eq!(view.to_text(Output::Table).unwrap().trim_end(), expected);
        }
        let whole = PromotionAverage { counted: 2, enrolled: 3, pending: 1, mean: mean(1150, "23/2") };
        check(&promotion_average("L3", &whole), "L3: 11.50 (2 of 3 students, 1 provisional)");
        let none = StudentAverage { counted: 0, pending: 0, mean: None };
        check(&student_average("Ada", &none), "Ada: - (0 marks counted)");
        let one = StudentAverage { counted: 1, pending: 1, mean: mean(1200, "12") };
        check(&student_average("Ada", &one), "Ada: 12.00 (1 mark counted, 1 awaited, provisional)");
    }

    #[test]
    fn an_absent_mean_is_an_empty_cell() {
        let none = PromotionAverage { counted: 0, enrolled: 1, pending: 0, mean: None };
        let text = promotion_average("L3", &none).to_text(Output::Csv).unwrap();
        assert_eq!(text, "average,exact,counted,enrolled,pending\n,,0,1,0\n");
    }

    #[test]
    fn the_json_of_a_list_is_the_contract() {
        let mark = |id: u64, label: &str, value: &str, coefficient: &str| json!({ "id": id, "label": label, "value": value, "coefficient": coefficient, "version": 1 });
        let marks = [mark(7, "exam", "12", "2"), mark(8, "quiz", "7/10", "0.5"), mark(9, "quiz", "ATT", "1")];
        let expected = json!({ "students": [
            { "number": "17", "name": "Student 17", "average": "12.40", "marks": marks },
            { "number": "18", "name": "Student 18", "average": null, "marks": [] },
        ] });
        assert_eq!(sheet(&two_students()).json, expected);
    }

    #[test]
    fn a_list_has_a_row_a_mark_in_csv() {
        let expected = "\
number,name,average,id,label,value,coefficient,version
17,Student 17,12.40,7,exam,12,2,1
17,Student 17,12.40,8,quiz,7/10,0.5,1
17,Student 17,12.40,9,quiz,ATT,1,1
18,Student 18,,,,,,
";
        assert_eq!(sheet(&two_students()).to_text(Output::Csv).unwrap(), expected);
    }

    #[test]
    fn a_list_has_a_column_a_label_for_people() {
        let expected = "\
┌────────┬────────────┬───────────────────┬───────┬───────────┐
│ number ┆ name       ┆           average ┆  exam ┆      quiz │
╞════════╪════════════╪═══════════════════╪═══════╪═══════════╡
│ 17     ┆ Student 17 ┆ 12.40 provisional ┆ 12 ×2 ┆ 7/10 ×0.5 │
│        ┆            ┆                   ┆       ┆    ATT ×1 │
│ 18     ┆ Student 18 ┆                 - ┆       ┆           │
└────────┴────────────┴───────────────────┴───────┴───────────┘
2 students, 1 with a mean
";
        assert_eq!(sheet(&two_students()).to_text(Output::Table).unwrap(), expected);
    }

    #[test]
    fn one_students_list_names_them_once() {
        let expected = "\
┌────┬───────┬───────┬─────────────┬─────────┐
│ id ┆ label ┆ value ┆ coefficient ┆ version │
╞════╪═══════╪═══════╪═════════════╪═════════╡
│  7 ┆ exam  ┆    12 ┆           2 ┆       1 │
│  8 ┆ quiz  ┆  7/10 ┆         0.5 ┆       1 │
│  9 ┆ quiz  ┆   ATT ┆           1 ┆       1 │
└────┴───────┴───────┴─────────────┴─────────┘
17, Student 17: 12.40 provisional
";
        let [with_marks, without] = two_students();
        assert_eq!(marks_of(&with_marks).to_text(Output::Table).unwrap(), expected);
        let Shown::Table(grid, foot) = marks_of(&without).table else { panic!("no table") };
        assert_eq!((grid.rows.len(), foot.as_str()), (0, "18, Student 18: -"));
    }

    #[test]
    fn a_list_with_more_labels_than_fit_has_a_row_a_mark() {
        #[track_caller]
        fn check(labels: usize, columns: usize) {
            let labels: Vec<String> = (0..labels).map(|label| format!("l{label}")).collect();
            let marks: Vec<_> = labels.iter().map(|label| (1, label.as_str(), "12", "1")).collect();
            let Shown::Table(grid, _) = sheet(&[student("17", None, 0, &marks)]).table else { panic!("no table") };
            assert_eq!(grid.columns.len(), columns);
        }
        check(LABELS_MAX, 3 + LABELS_MAX);
        check(LABELS_MAX + 1, MARKS.len());
    }
}

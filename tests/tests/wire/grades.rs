//! Bodies of the grades services against vectors that were written by hand from `docs/protocol.md`: both ways, and each
//! rule that a value has is kept by the decoder.

use std::{fmt::Debug, fs};

use grades_api::{
    GradesError, RowError, RowFault,
    model::{Coefficient, Mark, MarkEntry, MarkId, Mean, StudentAverage, StudentMarks},
};
use rpc_core::{
    Limits,
    tlv::{Buffer, DecodeBody, DecodeError, DecodeErrorKind, DecodeOwned, Encode, EncodeBody, Reader, Writer},
};
use tests::hex;

use crate::samples;

/// Room for any of the vectors.
const BYTES_MAX: usize = 4_096;

fn vector(name: &str) -> Vec<u8> {
    let path = format!("{}/vectors/grades_{name}.hex", env!("CARGO_MANIFEST_DIR"));
    hex(&fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}")))
}

fn written(write: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
    let mut bytes = Buffer::new();
    let mut writer = Writer::new(&mut bytes, BYTES_MAX);
    write(&mut writer);
    writer.finish().unwrap();
    bytes.into()
}

fn reader(bytes: &[u8]) -> Reader<'_> {
    Reader::new(bytes, Limits::new().decode())
}

/// The body of a reply, whose field 1 is the value or the method's own error (Wire §6).
fn decoded<T: DecodeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    let mut input = reader(bytes);
    let tag = input.tag()?.unwrap();
    assert_eq!(tag.number, 1);
    let value = T::decode(tag.kind, &mut input)?;
    input.finish()?;
    Ok(value)
}

fn check_request<'a, Q: EncodeBody + DecodeBody<'a> + Debug>(request: Q, bytes: &'a [u8]) {
    assert_eq!(written(|out| request.encode_body(out)), bytes, "{request:?}");
    let read = Q::decode_body(&mut reader(bytes)).unwrap();
    assert_eq!(format!("{read:?}"), format!("{request:?}"));
}

fn check_reply<T: Encode + DecodeOwned + PartialEq + Debug>(value: T, bytes: &[u8]) {
    assert_eq!(written(|out| value.encode(1, out)), bytes, "{value:?}");
    assert_eq!(decoded::<T>(bytes), Ok(value));
}

fn check_refused<T: DecodeOwned + PartialEq + Debug>(bytes: &str, expected: DecodeErrorKind) {
    assert_eq!(decoded::<T>(&hex(bytes)).map_err(|error| error.kind), Err(expected), "{bytes}");
}

fn mark(text: &str) -> Mark {
    text.parse().unwrap()
}

fn coefficient(text: &str) -> Coefficient {
    text.parse().unwrap()
}

#[test]
fn a_login_crosses_the_wire_as_written_down() {
    check_request(samples::login(), &vector("login_request"));
    check_reply(samples::signed_in(), &vector("login_reply"));
}

#[test]
fn a_mark_crosses_the_wire_as_written_down() {
    check_request(samples::add_mark(), &vector("add_mark_request"));
    check_reply(MarkId(7), &vector("add_mark_reply"));
}

#[test]
fn the_marks_of_a_test_cross_the_wire_as_written_down() {
    check_request(samples::add_marks(), &vector("add_marks_request"));
    check_reply(vec![MarkId(7), MarkId(8)], &vector("add_marks_reply"));
}

#[test]
fn a_list_of_students_crosses_the_wire_as_written_down() {
    let entry = |id, version, weight, text, label: &str| MarkEntry {
        id: MarkId(id),
        version,
        coefficient: coefficient(weight),
        mark: mark(text),
        label: label.into(),
    };
    let ada = StudentMarks {
        number: "GP-0001".into(),
        name: "Ada".into(),
        average: StudentAverage {
            counted: 3,
            pending: 0,
            mean: Some(Mean { hundredths: 1_143, exact: Some("80/7".into()) }),
        },
        marks: vec![entry(1, 1, "2", "12", "G1"), entry(2, 1, "1", "8.5", "G2"), entry(3, 2, "0.5", "15", "G3")],
    };
    let bob = StudentMarks {
        number: "GP-0002".into(),
        name: "Bob".into(),
        average: StudentAverage { counted: 0, pending: 1, mean: None },
        marks: vec![entry(4, 1, "1", "ATT", "G1")],
    };
    check_reply(vec![ada, bob], &vector("students_reply"));
}

#[test]
fn an_error_with_data_crosses_the_wire_as_written_down() {
    check_reply(GradesError::BadRow { row: 6, reason: RowError::Twice }, &vector("bad_row_error"));
    let fault = |row, reason, number: &str| RowFault { row, reason, number: number.into() };
    let faults = vec![fault(0, RowError::AlreadyMarked, "17"), fault(6, RowError::UnknownStudent, "99")];
    check_reply(GradesError::BadRows { faults }, &vector("bad_rows_error"));
    check_reply(GradesError::Forbidden, &hex("09 02000000"));
}

#[test]
fn an_error_that_this_build_does_not_know_keeps_its_number() {
    check_reply(GradesError::Other(77), &hex("09 4d000000"));
    check_reply(RowError::Other(78), &hex("09 4e000000"));
}

#[test]
fn a_mark_that_breaks_a_rule_does_not_decode() {
    check_reply(mark("20"), &hex("0d 0c000000 0800 11 400d0300 19 d0070000"));
    check_refused::<Mark>("0d 0c000000 0800 11 410d0300 19 d0070000", DecodeErrorKind::Invalid); // above its scale
    check_refused::<Mark>("0d 0c000000 0800 11 00000000 19 00000000", DecodeErrorKind::Invalid); // no scale
    check_refused::<Mark>("0d 0c000000 0800 11 00000000 19 a1860100", DecodeErrorKind::Invalid); // a scale of 1,000.01
    check_refused::<Mark>("0d 0c000000 0804 11 00000000 19 00000000", DecodeErrorKind::Invalid); // an unknown code
    check_refused::<Mark>("0d 0c000000 0801 11 01000000 19 00000000", DecodeErrorKind::Invalid); // absent, with a value
    check_refused::<Mark>("0d 07000000 0800 11 00000000", DecodeErrorKind::MissingField);
}

#[test]
fn a_mark_in_a_table_is_held_to_the_same_rules() {
    let column = |value: &str| format!("0e 10000000 01000000 0800 11 {value} 19 d0070000");
    check_reply(vec![mark("20")], &hex(&column("400d0300")));
    check_refused::<Vec<Mark>>(&column("410d0300"), DecodeErrorKind::Invalid);
}

#[test]
fn a_coefficient_that_breaks_its_rule_does_not_decode() {
    check_reply(coefficient("1000"), &hex("09 a0860100"));
    check_refused::<Coefficient>("09 a1860100", DecodeErrorKind::Invalid);
}

#[test]
fn a_secret_is_hidden_from_the_debug_of_a_request() {
    let shown = format!("{:?}", samples::login());
    assert!(shown.contains("ada") && !shown.contains("herons"), "{shown}");
}

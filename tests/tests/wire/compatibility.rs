//! Old and new builds of one type read each other, in both directions, as fields and as rows of a table: fields are added,
//! removed, reordered, widened, made optional; variants gain fields.

use rpc_core::{
    Message,
    tlv::{DecodeErrorKind, DecodeOwned, Encode},
};
use tests::hex;

use crate::codec::{decode, encode};

/// The first build.
#[derive(Clone, Debug, PartialEq, Message)]
struct V1 {
    #[tag(1)]
    name: String,
    #[tag(2)]
    count: u32,
    #[tag(3)]
    note: Option<String>,
}

/// Fields were added, the others reordered, and one grew.
#[derive(Clone, Debug, PartialEq, Message)]
struct V2 {
    #[tag(4)]
    tags: Vec<String>,
    #[tag(2)]
    count: u64,
    #[tag(5)]
    parent: Option<Box<V1>>,
    #[tag(6, default)]
    weight: i16,
    #[tag(3)]
    note: Option<String>,
    #[tag(1)]
    name: String,
}

/// An optional field was retired, one was added in the middle of the fixed ones, and one became optional.
#[derive(Clone, Debug, PartialEq, Message)]
#[message(retired(3, 5))]
struct V3 {
    #[tag(1)]
    name: Option<String>,
    #[tag(2)]
    count: u64,
    #[tag(4)]
    tags: Vec<String>,
    #[tag(6, default)]
    weight: i32,
    #[tag(7, default)]
    rank: u8,
}

/// What one build writes, another reads: alone, in a list, and in a list in a list.
fn check<W, R>(written: &W, read: &R)
where
    W: Encode + Clone,
    R: DecodeOwned + PartialEq + Clone + std::fmt::Debug,
{
    assert_eq!(decode::<R>(&encode(written)).as_ref(), Ok(read));
    let rows = |count| (vec![written.clone(); count], vec![read.clone(); count]);
    for (written, read) in [rows(1), rows(9)] {
        assert_eq!(decode::<Vec<R>>(&encode(&written)), Ok(read.clone()));
        assert_eq!(
            decode::<Vec<Vec<R>>>(&encode(&[written.clone(), Vec::new(), written])),
            Ok(vec![read.clone(), vec![], read])
        );
    }
}

fn v1() -> V1 {
    V1 { name: "L3".to_owned(), count: 7, note: Some("new".to_owned()) }
}

fn v2() -> V2 {
    let tags = vec!["a".to_owned(), String::new()];
    V2 { tags, count: 7, parent: Some(Box::new(v1())), weight: -1, note: v1().note, name: v1().name }
}

fn v3() -> V3 {
    V3 { name: Some("L3".to_owned()), count: 7, tags: v2().tags, weight: -1, rank: 3 }
}

#[test]
fn any_build_reads_what_it_writes_itself() {
    check(&v1(), &v1());
    check(&v2(), &v2());
    check(&v3(), &v3());
}

#[test]
fn a_new_build_reads_an_old_one() {
    check(&v1(), &V2 { tags: Vec::new(), parent: None, weight: 0, ..v2() });
    check(&v1(), &V3 { tags: Vec::new(), weight: 0, rank: 0, ..v3() });
    check(&v2(), &V3 { rank: 0, ..v3() });
}

#[test]
fn an_old_build_reads_a_new_one_where_its_own_fields_still_fit() {
    #[derive(Clone, Debug, PartialEq, Message)]
    struct V1Wide {
        #[tag(1)]
        name: String,
        #[tag(2)]
        count: u64,
        #[tag(3)]
        note: Option<String>,
    }
    let old = V1Wide { name: v1().name, count: 7, note: v1().note };
    check(&v2(), &old);
    check(&v3(), &V1Wide { note: None, ..old });
    check(&v3(), &V2 { parent: None, note: None, ..v2() });
}

#[test]
fn a_field_that_grew_can_not_be_read_by_an_old_build() {
    for error in [decode::<V1>(&encode(&v2())).unwrap_err(), decode::<Vec<V1>>(&encode(&[v2()])).map(drop).unwrap_err()]
    {
        assert_eq!((error.kind, error.field), (DecodeErrorKind::WrongKind, 1));
    }
}

#[test]
fn a_missing_field_is_named() {
    #[derive(Debug, PartialEq, Message)]
    struct Asks {
        #[tag(9)]
        value: u8,
    }
    use rpc_core::tlv::{DecodeBody, Reader};
    let error = Asks::decode_body(&mut Reader::new(&[], crate::codec::limits())).unwrap_err();
    assert_eq!((error.kind, error.field), (DecodeErrorKind::MissingField, 9));
    for body in [encode(&v1()), encode(&[v1()])] {
        let error = decode::<Asks>(&body).map(drop).or(decode::<Vec<Asks>>(&body).map(drop)).unwrap_err();
        assert!(matches!(error.kind, DecodeErrorKind::MissingField | DecodeErrorKind::WrongKind));
    }
    assert_eq!(decode::<Vec<Asks>>(&encode(&[v1()])).unwrap_err().kind, DecodeErrorKind::MissingField);
}

/// A narrower kind of the same signedness is widened, in a field and in a column; anything else is refused.
#[test]
fn numbers_widen_and_never_narrow() {
    check(&(7_u8,), &(7_u16,));
    check(&(7_u8,), &(7_u32,));
    check(&(7_u8,), &(7_u128,));
    check(&(7_u32,), &(7_u64,));
    check(&(7_u64,), &(7_u128,));
    check(&(-7_i8,), &(-7_i16,));
    check(&(-7_i8,), &(-7_i32,));
    check(&(-7_i32,), &(-7_i64,));
    check(&(-7_i64,), &(-7_i128,));
    check(&(0.5_f32,), &(0.5_f64,));
    for wider in [encode(&7_u64), encode(&7_u128)] {
        assert_eq!(decode::<u32>(&wider).unwrap_err().kind, DecodeErrorKind::WrongKind);
    }
    assert_eq!(decode::<u16>(&encode(&0x1_0000_u32)).unwrap_err().kind, DecodeErrorKind::OutOfRange);
    assert_eq!(decode::<i16>(&encode(&-0x8001_i32)).unwrap_err().kind, DecodeErrorKind::OutOfRange);
    assert_eq!(decode::<bool>(&encode(&2_u8)).unwrap_err().kind, DecodeErrorKind::OutOfRange);
    assert_eq!(decode::<f32>(&encode(&1_u8)).unwrap_err().kind, DecodeErrorKind::WrongKind);
}

#[test]
fn a_value_may_become_optional_and_stop_being_it() {
    check(&(7_u32,), &(Some(7_u64),));
    check(&(Some(7_u32),), &(7_u64,));
    check(&("a".to_owned(),), &(Some("a".to_owned()),));
    check(&(Some(vec![1_u8]),), &(vec![1_u8],));
    let missing = encode(&[(Some(7_u32),), (None,)]);
    assert_eq!(decode::<Vec<(u32,)>>(&missing).unwrap_err().kind, DecodeErrorKind::MissingField);
}

#[derive(Clone, Debug, PartialEq, Message)]
enum Old {
    #[tag(1)]
    Plain,
    #[tag(2)]
    Gains,
    #[tag(3)]
    Loses(u8),
    #[unknown]
    Other(u32),
}

#[derive(Clone, Debug, PartialEq, Message)]
enum New {
    #[tag(1)]
    Plain,
    #[tag(2)]
    Gains {
        #[tag(1)]
        limit: Option<u32>,
        #[tag(2, default)]
        hint: String,
    },
    #[tag(3)]
    Loses,
    #[tag(4)]
    Fresh(String),
}

/// An enum of which no build has had data yet.
#[derive(Clone, Debug, PartialEq, Message)]
enum Bare {
    #[tag(1)]
    Plain,
    #[tag(2)]
    Gains,
    #[unknown]
    Other(u32),
}

#[test]
fn variants_gain_and_lose_fields() {
    check(&Old::Plain, &New::Plain);
    check(&Old::Gains, &New::Gains { limit: None, hint: String::new() });
    check(&Old::Loses(7), &New::Loses);
    check(&New::Gains { limit: Some(1), hint: "wait".to_owned() }, &Old::Gains);
    check(&New::Gains { limit: Some(1), hint: "wait".to_owned() }, &Bare::Gains);
    check(&Bare::Gains, &New::Gains { limit: None, hint: String::new() });
    assert_eq!(decode::<Old>(&encode(&New::Loses)).unwrap_err().kind, DecodeErrorKind::MissingField);
}

#[test]
fn unknown_variants_are_kept_where_the_enum_says_so_and_refused_elsewhere() {
    check(&New::Fresh("x".to_owned()), &Old::Other(4));
    check(&New::Fresh("x".to_owned()), &Bare::Other(4));
    check(&Old::Other(4), &Bare::Other(4));
    check(&Bare::Other(0xffff_ffff), &Old::Other(0xffff_ffff));
    assert_eq!(decode::<New>(&encode(&Old::Other(9))).unwrap_err().kind, DecodeErrorKind::UnknownVariant);
    assert_eq!(decode::<Vec<New>>(&encode(&[Bare::Other(9)])).unwrap_err().kind, DecodeErrorKind::UnknownVariant);
}

/// Fields in any order, unknown ones of every kind between them, and one twice: the last wins.
#[test]
fn a_reader_takes_any_order() {
    let body = hex("0d 3c 00 00 00
         1c 03 6e 65 77           # field 3 note
         38 00  39 00 00 00 00  3a 00 00 00 00 00 00 00 00
         3b 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
         0c 02 4c 33              # field 1 name
         11 01 00 00 00           # field 2 count, which comes again
         3e 00 00 00 00  3f 09 00 00 00 00
         11 07 00 00 00");
    let body = [&[0x0d][..], &u32::try_from(body.len() - 5).unwrap().to_le_bytes(), &body[5..]].concat();
    assert_eq!(decode::<V1>(&body), Ok(v1()));
}

#[test]
fn a_reader_takes_columns_in_any_order() {
    let columns = hex("1f 01 0a 00 00 00  01  1c 03 00 00 00 03 6e 65 77
         38 00  3c 01 00 00 00 01 61  3d 01 00 00 00 01 00 00 00 61  3e 04 00 00 00 00 00 00 00  3f 09 00 00 00 00
         0c 02 00 00 00 02 4c 33
         11 01 00 00 00
         11 07 00 00 00");
    let bytes = u32::try_from(columns.len() + 4).unwrap().to_le_bytes();
    let body = [&[0x0e][..], &bytes, &[1, 0, 0, 0], &columns].concat();
    assert_eq!(decode::<Vec<V1>>(&body), Ok(vec![v1()]));
}

/// A rule that the type states with `check` holds of every decoded value, wherever it stands.
#[test]
fn a_value_that_breaks_its_rule_is_refused_wherever_it_stands() {
    #[derive(Clone, Debug, PartialEq, Message)]
    #[message(check = Even::holds)]
    struct Even(u32);
    #[derive(Clone, Debug, PartialEq, Message)]
    #[message(check = Span::holds)]
    struct Span {
        #[tag(1)]
        from: u32,
        #[tag(2)]
        to: u32,
    }
    impl Even {
        const fn holds(&self) -> bool {
            self.0.is_multiple_of(2)
        }
    }
    impl Span {
        const fn holds(&self) -> bool {
            self.from <= self.to
        }
    }
    check(&Even(2), &Even(2));
    check(&Span { from: 1, to: 2 }, &Span { from: 1, to: 2 });
    let (odd, backwards) = (Even(1), Span { from: 2, to: 1 });
    for error in [
        decode::<Even>(&encode(&odd)).map(drop),
        decode::<Vec<Even>>(&encode(std::slice::from_ref(&odd))).map(drop),
        decode::<[Even; 1]>(&encode(std::slice::from_ref(&odd))).map(drop),
        decode::<Vec<Option<Even>>>(&encode(&[Some(odd)])).map(drop),
        decode::<Span>(&encode(&backwards)).map(drop),
        decode::<Vec<Span>>(&encode(&[backwards])).map(drop),
    ] {
        assert_eq!(error.unwrap_err().kind, DecodeErrorKind::Invalid);
    }
}

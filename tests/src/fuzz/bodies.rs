//! Bodies: walked over, decoded as each type, written again. Decoding takes no more memory than its limit allows, counted
//! by the allocator and not by what the decoder believes.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Debug,
};

use grades_api::{
    AccountsClient, AccountsError, GradesClient, GradesError,
    accounts::{
        AccountsAccounts, AccountsAttachTeacher, AccountsBindStudent, AccountsChangePassword, AccountsCreateAccount,
        AccountsDetachTeacher, AccountsEndSession, AccountsLogin, AccountsLogout, AccountsResetPassword,
        AccountsSessions, AccountsSetDisabled, AccountsSetRole, AccountsWhoami,
    },
    grades::{
        GradesAddMark, GradesAddMarks, GradesAddStudent, GradesCorrectMark, GradesCreatePromotion, GradesImport,
        GradesMarkHistory, GradesPromotionAverage, GradesPromotions, GradesRemoveStudent, GradesStudent,
        GradesStudentAverage, GradesStudents,
    },
    model::{
        Account, ImportReport, MarkChange, MarkEntry, Promotion, PromotionAverage, SessionSummary, Sheet, SignedIn,
        StudentMarks, Whoami,
    },
};
use rpc_core::{
    Limits, Opcode, Request,
    tlv::{Buffer, DecodeLimits, DecodeOwned, Encode, EncodeBody, Reader, Writer, decode_value, encode_value},
};

use super::choices;
use crate::peak_of;

/// Small, so that an input of a few hundred bytes can ask for more.
const HEAP_BYTES_MAX: usize = 16 << 10;

fn limits() -> DecodeLimits {
    DecodeLimits { heap_bytes_max: HEAP_BYTES_MAX, ..Limits::new().decode() }
}

/// Room for what is written again: the encoding of a value is no longer than its memory, but for tags.
const WRITTEN_BYTES_MAX: usize = 1 << 20;

/// Decodes within the limit of memory.
fn bounded<T, E>(decode: impl FnOnce() -> Result<T, E>) -> Option<T> {
    let (decoded, peak) = peak_of(decode);
    assert!(peak <= HEAP_BYTES_MAX, "decoding took {peak} bytes where {HEAP_BYTES_MAX} are allowed");
    decoded.ok()
}

fn written(write: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
    let mut bytes = Buffer::new();
    let mut out = Writer::new(&mut bytes, WRITTEN_BYTES_MAX);
    write(&mut out);
    out.finish().expect("what was decoded can be written");
    bytes.into()
}

/// A message can be passed over field by field to its end, or it is none; no byte of memory is needed for it.
pub(super) fn tlv_skip(bytes: &[u8]) {
    let ((), peak) = peak_of(|| {
        let mut reader = Reader::new(bytes, DecodeLimits { unknown_fields_max: u16::MAX, ..limits() });
        while let Ok(Some(tag)) = reader.tag() {
            if reader.skip(tag.kind).is_err() {
                return;
            }
        }
    });
    assert_eq!(peak, 0, "to pass over a field costs memory");
}

/// A value decodes or does not; one that does is the same after it was written and read again, and is then written in the
/// same bytes. By their `Debug`: NaN is not equal to itself.
fn value<T: Encode + DecodeOwned + Debug>(bytes: &[u8]) {
    fn decoded<T: DecodeOwned>(bytes: &[u8], limits: DecodeLimits) -> Option<T> {
        bounded(|| {
            let mut reader = Reader::new(bytes, limits);
            let value = decode_value::<T>(&mut reader)?;
            reader.finish().map(|()| value)
        })
    }
    let Some(value) = decoded::<T>(bytes, limits()) else { return };
    let once = written(|out| encode_value(out, &value));
    let again = decoded::<T>(&once, limits()).expect("what we wrote decodes");
    assert_eq!(format!("{again:?}"), format!("{value:?}"));
    assert_eq!(written(|out| encode_value(out, &again)).len(), once.len());
}

/// Every form on the wire: the types of the services' replies and errors, and of fields that none of them has.
const VALUES: &[fn(&[u8])] = &[
    value::<SignedIn>,
    value::<Whoami>,
    value::<Vec<SessionSummary>>,
    value::<Vec<Account>>,
    value::<AccountsError>,
    value::<GradesError>,
    value::<Vec<Promotion>>,
    value::<Vec<StudentMarks>>,
    value::<StudentMarks>,
    value::<MarkEntry>,
    value::<Vec<MarkChange>>,
    value::<PromotionAverage>,
    value::<ImportReport>,
    value::<Sheet>,
    value::<Vec<Option<String>>>,
    value::<Vec<Vec<Vec<u8>>>>,
    value::<Vec<(u64, Option<String>, [u8; 16])>>,
    value::<BTreeMap<String, Vec<u64>>>,
    value::<BTreeMap<u8, Option<bool>>>,
    value::<Vec<(u16, i8, f32)>>,
    value::<Option<Box<(i16, f64)>>>,
    value::<[u8; 5]>,
    value::<Vec<i128>>,
    value::<Vec<bool>>,
];

pub(super) fn values(bytes: &[u8]) {
    let ([which], body) = choices(bytes);
    VALUES[usize::from(which) % VALUES.len()](body);
    // A map without an order is only decoded: written again it may be in another one.
    let _map = bounded(|| {
        let mut reader = Reader::new(body, limits());
        decode_value::<HashMap<u16, String>>(&mut reader)
    });
}

/// A request decodes or does not; one that does says the same after it was written and read again.
fn request<'a, Q: Request<'a> + EncodeBody>(bytes: &'a [u8]) -> Option<Vec<u8>> {
    let decode = |reader: &mut Reader<'a>| Q::decode_body(reader);
    let request = bounded(|| {
        let mut reader = Reader::new(bytes, limits());
        let request = decode(&mut reader)?;
        reader.finish().map(|()| request)
    })?;
    Some(written(|out| request.encode_body(out)))
}

/// Decodes `bytes` as the request of one method, writes it, and does the same with what was written.
macro_rules! requests {
    ($client:ty, $bytes:ident: $($request:ty),*) => {{
        let ([which], body) = choices($bytes);
        let methods: &[(Opcode, fn(&[u8]) -> Option<Vec<u8>>)] =
            &[$((<$request as Request<'_>>::METHOD.opcode, |bytes| request::<$request>(bytes)),)*];
        assert!(
            methods.iter().map(|(opcode, _)| *opcode).eq(<$client>::SERVICE.methods.iter().map(|method| method.opcode)),
            "a method is missing here"
        );
        let (_, request) = methods[usize::from(which) % methods.len()];
        let Some(once) = request(body) else { return };
        assert_eq!(request(&once).as_ref(), Some(&once), "what we wrote decodes to the same");
    }};
}

pub(super) fn accounts_requests(bytes: &[u8]) {
    requests!(
        AccountsClient, bytes: AccountsLogin<'_>, AccountsLogout, AccountsWhoami, AccountsChangePassword,
        AccountsSessions<'_>, AccountsEndSession, AccountsCreateAccount, AccountsAccounts, AccountsSetDisabled<'_>,
        AccountsSetRole<'_>, AccountsResetPassword<'_>, AccountsAttachTeacher<'_>, AccountsDetachTeacher<'_>,
        AccountsBindStudent<'_>
    );
}

pub(super) fn grades_requests(bytes: &[u8]) {
    requests!(
        GradesClient, bytes: GradesCreatePromotion<'_>, GradesPromotions, GradesAddStudent<'_>,
        GradesRemoveStudent<'_>, GradesAddMark<'_>, GradesCorrectMark<'_>, GradesMarkHistory,
        GradesStudentAverage<'_>, GradesPromotionAverage<'_>, GradesStudent<'_>, GradesStudents<'_>, GradesImport<'_>,
        GradesAddMarks<'_>
    );
}

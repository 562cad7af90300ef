//! Which codecs work on which samples.

use crate::{
    codec::{bincode, bitcode, minicbor, ours, plain, postcard, prost, rkyv},
    newer, protobuf,
    row::Row,
    sample::{self, CallView, PromotionView, StudentView},
    walk::Walk,
};

/// The samples by name, each with its rows.
pub(crate) fn all() -> Vec<(&'static str, Vec<Row>)> {
    vec![("call", call()), ("student", student()), ("promotion", promotion())]
}

fn call() -> Vec<Row> {
    let value = sample::call();
    let newer = newer::Call::from(&value);
    vec![
        prost::row(protobuf::Call::from(&value), &protobuf::NewerCall::from(&value)),
        ours::row(value.clone(), &newer, |bytes| ours::decode::<CallView<'_>>(bytes).walk()),
        minicbor::row(value.clone(), &newer, |bytes| minicbor::decode::<CallView<'_>>(bytes).walk()),
        postcard::row(value.clone(), |bytes| postcard::decode::<CallView<'_>>(bytes).walk()),
        bincode::row(value.clone(), |bytes| bincode::decode::<CallView<'_>>(bytes).walk()),
        bincode::fixed_row(value.clone(), |bytes| bincode::decode_fixed::<CallView<'_>>(bytes).walk()),
        bitcode::row(value.clone(), |bytes| bitcode::decode::<CallView<'_>>(bytes).walk()),
        rkyv::row(value.clone()),
        plain::row(value),
    ]
}

fn student() -> Vec<Row> {
    let value = sample::student(7);
    let newer = newer::Student::from(&value);
    vec![
        prost::row(protobuf::Student::from(&value), &protobuf::NewerStudent::from(&value)),
        ours::row(value.clone(), &newer, |bytes| ours::decode::<StudentView<'_>>(bytes).walk()),
        minicbor::row(value.clone(), &newer, |bytes| minicbor::decode::<StudentView<'_>>(bytes).walk()),
        postcard::row(value.clone(), |bytes| postcard::decode::<StudentView<'_>>(bytes).walk()),
        bincode::row(value.clone(), |bytes| bincode::decode::<StudentView<'_>>(bytes).walk()),
        bincode::fixed_row(value.clone(), |bytes| bincode::decode_fixed::<StudentView<'_>>(bytes).walk()),
        bitcode::row(value.clone(), |bytes| bitcode::decode::<StudentView<'_>>(bytes).walk()),
        rkyv::row(value.clone()),
        plain::row(value),
    ]
}

fn promotion() -> Vec<Row> {
    let value = sample::promotion();
    let newer = newer::Promotion::from(&value);
    vec![
        prost::row(protobuf::Promotion::from(&value), &protobuf::NewerPromotion::from(&value)),
        ours::row(value.clone(), &newer, |bytes| ours::decode::<PromotionView<'_>>(bytes).walk()),
        minicbor::row(value.clone(), &newer, |bytes| minicbor::decode::<PromotionView<'_>>(bytes).walk()),
        postcard::row(value.clone(), |bytes| postcard::decode::<PromotionView<'_>>(bytes).walk()),
        bincode::row(value.clone(), |bytes| bincode::decode::<PromotionView<'_>>(bytes).walk()),
        bincode::fixed_row(value.clone(), |bytes| bincode::decode_fixed::<PromotionView<'_>>(bytes).walk()),
        bitcode::row(value.clone(), |bytes| bitcode::decode::<PromotionView<'_>>(bytes).walk()),
        rkyv::row(value.clone()),
        plain::row(value),
    ]
}

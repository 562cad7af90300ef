//! What the attribute and the derives say to a mistake. One file a mistake, named after it; beside it, word for word, what the compiler
//! prints. After a change that is meant, run this with `TRYBUILD=overwrite` and read the difference.
//!
//! It stands here and not with the other tests because it builds all dependencies of its crate once more.

#[test]
fn every_mistake_in_a_service_is_named_where_it_stands_with_what_to_write() {
    trybuild::TestCases::new().compile_fail("tests/ui/service/*.rs");
}

#[test]
fn every_mistake_in_a_message_is_named_where_it_stands_with_what_to_write() {
    trybuild::TestCases::new().compile_fail("tests/ui/message/*.rs");
}

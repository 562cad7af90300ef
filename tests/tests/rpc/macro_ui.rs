//! What the attribute says to a mistake. One file a mistake, named after it; beside it, word for word, what the compiler
//! prints. After a change that is meant, run this with `TRYBUILD=overwrite` and read the difference.

#[test]
fn every_mistake_in_a_service_is_named_where_it_stands_with_what_to_write() {
    trybuild::TestCases::new().compile_fail("ui/service/*.rs");
}

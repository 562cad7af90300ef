/// A mark as it stands in a list.
#[derive(Message)]
#[message(retired(4), check = Entry::is_valid)]
pub struct Entry<'a> {
    #[tag(3)]
    pub label: &'a str,
    #[tag(1)]
    pub id: MarkId,
    #[tag(2, default)]
    pub version: u32,
}

/// Names a mark.
#[derive(Message)]
pub struct MarkId(pub u64);

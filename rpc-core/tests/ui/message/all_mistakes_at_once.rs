use rpc_core::Message;

#[derive(Message)]
#[message(retired(2), secrete)]
struct Student<T> {
    #[tag(0)]
    name: String,
    #[tag(2)]
    number: Option<Option<T>>,
    #[tag(3, default)]
    note: Option<String>,
    marks: Vec<u32>,
}

// A type with mistakes makes no further ones where it is used.
fn use_it(out: &mut rpc_core::tlv::Writer<'_>, student: &Student<u32>) {
    use rpc_core::tlv::EncodeBody;
    student.encode_body(out);
}

fn main() {}

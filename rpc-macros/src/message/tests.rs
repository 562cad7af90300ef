//! The expansion of each kind of message, compared with text that is checked in: read it to see what the derives write.
//! After a change that is meant, run the tests with `UPDATE_SNAPSHOTS=1` and look at the difference.

use std::{env, fs, path::Path};

use syn::{DeriveInput, File, Item, parse_quote};

use super::{derive_app_error, derive_message};

#[test]
fn structs_expand_as_written_down() {
    check("structs");
}

#[test]
fn enums_expand_as_written_down() {
    check("enums");
}

/// Expands `snapshots/NAME.in.rs` and compares it with `snapshots/NAME.out.rs`.
fn check(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/snapshots");
    let input: File = syn::parse_str(&fs::read_to_string(folder.join(format!("{name}.in.rs"))).unwrap()).unwrap();
    let expanded = prettyplease::unparse(&expanded(input));
    let expected = folder.join(format!("{name}.out.rs"));
    if env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(&expected, &expanded).unwrap();
    }
    let expected = fs::read_to_string(expected).unwrap();
    for (line, (found, expected)) in (1..).zip(expanded.lines().zip(expected.lines())) {
        assert_eq!(found, expected, "the expansion of {name} has changed in line {line}");
    }
    assert_eq!(expanded.lines().count(), expected.lines().count(), "the expansion of {name} has another length");
}

/// The impls of all types of a file, in its order.
fn expanded(mut file: File) -> File {
    let items = std::mem::take(&mut file.items);
    for item in items {
        let (is_error, input): (bool, DeriveInput) = match item {
            Item::Struct(item) => (false, parse_quote!(#item)),
            Item::Enum(item) => {
                (item.attrs.iter().any(|attr| *attr == parse_quote!(#[derive(AppError)])), parse_quote!(#item))
            }
            _ => panic!("only types can be messages"),
        };
        let impls = if is_error { derive_app_error(&input) } else { derive_message(&input) };
        let impls: File = syn::parse2(impls).unwrap();
        file.items.extend(impls.items);
    }
    file
}

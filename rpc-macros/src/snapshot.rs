//! Expansions, compared with text that is checked in: read it to see what the attribute writes. After a change that is
//! meant, run the tests with `UPDATE_SNAPSHOTS=1` and look at the difference.

use std::{env, fs, path::Path};

use syn::{File, Item, Meta};

use crate::expand;

#[test]
fn a_service_with_access_rules_expands_as_written_down() {
    check("library");
}

#[test]
fn an_open_service_expands_as_written_down() {
    check("echo");
}

/// Expands `snapshots/NAME.in.rs` and compares it with `snapshots/NAME.out.rs`.
fn check(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/snapshots");
    let input = fs::read_to_string(folder.join(format!("{name}.in.rs"))).unwrap();
    let expanded = prettyplease::unparse(&expanded(&input));
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

/// The file with its one `#[rpc_core::service(…)]` expanded, as the compiler would.
fn expanded(input: &str) -> File {
    let mut file = syn::parse_file(input).unwrap();
    let Some(Item::Trait(item)) = file.items.pop() else { panic!("the last item is no trait") };
    let mut item = item;
    let at = item.attrs.iter().position(|attribute| attribute.path().segments.last().unwrap().ident == "service");
    let Meta::List(attribute) = item.attrs.remove(at.unwrap()).meta else { panic!("the attribute has no arguments") };
    let expansion = expand::attribute(attribute.tokens, quote::quote!(#item));
    let expansion: File = syn::parse2(expansion).unwrap();
    file.items.extend(expansion.items);
    file
}

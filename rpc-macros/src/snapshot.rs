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

#[test]
fn the_seventh_layer_shows_what_its_trait_expands_to() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rpc-core/examples");
    let mut program = syn::parse_file(&fs::read_to_string(examples.join("layer7_rpc.rs")).unwrap()).unwrap();
    program.attrs.clear();
    program.items.retain(|item| matches!(item, Item::Trait(_)));
    compare("layer7_rpc", &expanded(program), &examples.join("layers/snapshots/marks.rs"));
}

/// Expands `snapshots/NAME.in.rs` and compares it with `snapshots/NAME.out.rs`.
fn check(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/snapshots");
    let input = fs::read_to_string(folder.join(format!("{name}.in.rs"))).unwrap();
    compare(name, &expanded(syn::parse_file(&input).unwrap()), &folder.join(format!("{name}.out.rs")));
}

fn compare(name: &str, expanded: &File, snapshot: &Path) {
    let expanded = prettyplease::unparse(expanded);
    if env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(snapshot, &expanded).unwrap();
    }
    let expected = fs::read_to_string(snapshot).unwrap();
    for (line, (found, expected)) in (1..).zip(expanded.lines().zip(expected.lines())) {
        assert_eq!(found, expected, "the expansion of {name} has changed in line {line}");
    }
    assert_eq!(expanded.lines().count(), expected.lines().count(), "the expansion of {name} has another length");
}

/// The file with its one `#[rpc_core::service(…)]` expanded, as the compiler would.
fn expanded(mut file: File) -> File {
    let Some(Item::Trait(item)) = file.items.pop() else { panic!("the last item is no trait") };
    let mut item = item;
    let at = item.attrs.iter().position(|attribute| attribute.path().segments.last().unwrap().ident == "service");
    let Meta::List(attribute) = item.attrs.remove(at.unwrap()).meta else { panic!("the attribute has no arguments") };
    let expansion = expand::attribute(attribute.tokens, quote::quote!(#item));
    let expansion: File = syn::parse2(expansion).unwrap();
    file.items.extend(expansion.items);
    file
}

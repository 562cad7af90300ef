//! Reading order within a crate: `lib.rs` lists its modules so that each uses only those above it. Tests may look further.

use crate::sources::{Source, code, read};

/// Uses that point down the list: the one type that all layers' errors meet in has to name them.
const EXCEPTIONS: [(&str, &str); 3] = [("error", "tlv"), ("error", "frame"), ("status", "error")];

/// The modules of a `lib.rs` in its order, each with the names that are re-exported beneath it.
fn modules(lib: &str) -> Vec<(String, Vec<String>)> {
    let code: String = lib.lines().filter(|line| !line.trim_start().starts_with(['/', '#'])).collect();
    let mut modules: Vec<(String, Vec<String>)> = Vec::new();
    for item in code.split(';').map(|item| item.trim().trim_start_matches("pub ").trim()) {
        if let Some(name) = item.strip_prefix("mod ") {
            modules.push((name.to_owned(), vec![name.to_owned()]));
        } else if let (Some(path), Some((_, names))) = (item.strip_prefix("use "), modules.last_mut()) {
            names.extend(words(path).map(str::to_owned));
        }
    }
    modules
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').filter(|word| !word.is_empty())
}

/// The first names of all paths that begin at the crate's root, of `crate::a::b` and `crate::{a::b, c}` alike.
fn rooted(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for rest in text.split("crate::").skip(1) {
        let Some(group) = rest.strip_prefix('{') else {
            names.extend(words(rest).next());
            continue;
        };
        let (mut depth, mut begin) = (0, 0);
        for (at, letter) in group.char_indices() {
            match letter {
                '{' => depth += 1,
                ',' | '}' if depth == 0 => {
                    names.extend(words(&group[begin..at]).next());
                    begin = at;
                    if letter == '}' {
                        break;
                    }
                }
                '}' => depth -= 1,
                _ => {}
            }
        }
    }
    names
}

/// A file without its comments and its tests.
fn program(source: &Source) -> String {
    let text = source.text.split("#[cfg(test)]\nmod tests").next().unwrap();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).map(|line| format!("{line}\n")).collect()
}

fn check(name: &str) {
    let modules = modules(&read(&format!("{name}/src/lib.rs")));
    assert!(modules.len() > 2, "{name}: {modules:?}");
    let folder = format!("{name}/src/");
    for source in code() {
        let Some(path) = source.path.strip_prefix(&folder).filter(|path| !path.contains("tests")) else { continue };
        let module = words(path).next().unwrap();
        let Some(own) = modules.iter().position(|(listed, _)| listed == module) else { continue };
        let text = program(&source);
        for used in rooted(&text) {
            let below = modules[own + 1..].iter().find(|(_, names)| names.iter().any(|name| name == used));
            if let Some((below, _)) = below {
                assert!(
                    EXCEPTIONS.contains(&(module, below)),
                    "{} uses {used} of {below}, which stands below",
                    source.path
                );
            }
        }
    }
}

#[test]
fn a_module_uses_only_those_that_its_lib_lists_above_it() {
    check("rpc-core");
    check("rpc-macros");
    check("grades-api");
    check("grades-server");
}

#[test]
fn paths_are_found_in_groups_and_alone() {
    assert_eq!(rooted("use crate::{a::{b, c}, d}; crate::e::f(crate::g)"), ["a", "d", "e", "g"]);
    assert_eq!(rooted("use crate::{\n    a,\n    b::c,\n};"), ["a", "b"]);
}

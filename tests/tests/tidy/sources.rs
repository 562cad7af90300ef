//! The text of the workspace: what a new user would get, so only what lies in the tree, not what a build made of it.

use std::{fs, path::Path};

/// A text file of the workspace.
#[derive(Debug)]
pub(crate) struct Source {
    /// The path from the top of the workspace, with `/` between its parts.
    pub(crate) path: String,
    /// What stands in it.
    pub(crate) text: String,
}

/// One file.
pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(top().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All files of the workspace with one of these extensions; at least one of each, or the search itself is broken.
pub(crate) fn all(extensions: &[&str]) -> Vec<Source> {
    let mut found = Vec::new();
    collect(top(), extensions, &mut found);
    for extension in extensions {
        assert!(found.iter().any(|source| source.path.ends_with(extension)), "no *.{extension} at all");
    }
    found
}

/// The Rust files that people wrote as code: neither expected expansions nor the mistakes of compile-fail tests.
pub(crate) fn code() -> Vec<Source> {
    let mut sources = all(&["rs"]);
    sources.retain(|source| !source.path.contains("/ui/") && !source.path.contains("/snapshots/"));
    sources
}

fn collect(folder: &Path, extensions: &[&str], found: &mut Vec<Source>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            if name != "target" && name != ".git" {
                collect(&path, extensions, found);
            }
        } else if path.extension().is_some_and(|extension| extensions.iter().any(|wanted| extension == *wanted)) {
            let path = path.strip_prefix(top()).unwrap().to_str().unwrap().to_owned();
            found.push(Source { text: read(&path), path });
        }
    }
}

pub(crate) fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

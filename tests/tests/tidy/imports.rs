//! Which way imports point: between the crates of the workspace, and out to crates with an opinion, each of which is named
//! in one module only so that it can be replaced there.

use std::{collections::BTreeSet, process::Command};

use crate::sources::{code, read};

/// What each crate may use of the others (docs/architecture.md).
const MAY_USE: [(&str, &[&str]); 5] = [
    ("rpc-macros", &[]),
    ("rpc-core", &["rpc-macros"]),
    ("grades-api", &["rpc-core"]),
    ("grades-server", &["grades-api", "rpc-core"]),
    ("grades-client", &["grades-api", "rpc-core", "grades-server"]),
];

/// Outside crates with an opinion, and the only places that may name them; a place is a file, or a folder that ends in `/`.
const NAMED_IN: &[(&str, &[&str])] = &[
    ("argon2", &["grades-server/src/auth/password.rs"]),
    (
        "rusqlite",
        &["grades-server/src/store/sqlite/", "tests/src/disk.rs", "tests/src/disk/", "tests/src/bin/service/store.rs"],
    ),
    ("tokio", &["grades-server/src/store/postgres/", "tests/peers/"]),
    ("tokio_postgres", &["grades-server/src/store/postgres/"]),
    ("tokio_rustls", &["grades-server/src/store/postgres/tls.rs"]),
    ("num_rational", &["grades-server/src/means/exact.rs"]),
    ("signal_hook", &["grades-server/src/main.rs"]),
    ("tracing_subscriber", &["grades-server/src/main.rs"]),
    ("comfy_table", &["grades-client/src/render.rs"]),
    ("console", &["grades-client/src/demo/pace.rs"]),
    ("csv", &["grades-client/src/import/csv_lines.rs", "grades-client/src/render.rs"]), // read there, written here
    ("indicatif", &["grades-client/src/commands/grades.rs"]),
    ("rpassword", &["grades-client/src/password_input.rs", "grades-server/src/cli/init.rs"]),
    ("rustix", &["rpc-core/src/transport/", "rpc-core/src/server/listener.rs", "tests/peers/rpc/src/rows/ttrpc.rs"]),
    (
        "rcgen",
        &[
            "grades-server/src/dev_cert.rs",
            "tests/tests/rpc/tls/certificates.rs",
            "tests/src/bin/layer_prices/identity.rs",
        ],
    ),
    (
        "rustls",
        &["rpc-core/src/transport/tls.rs", "rpc-core/src/transport/tls/", "grades-server/src/store/postgres/tls.rs"],
    ),
    ("socket2", &["tests/src/bin/hostile/", "tests/src/proxy.rs", "tests/src/raw_peer.rs"]),
    ("syn", &["rpc-macros/src/"]),
    ("quote", &["rpc-macros/src/"]),
    ("proc_macro", &["rpc-macros/src/lib.rs"]),
];

#[test]
fn crates_use_only_crates_below_them() {
    for (name, may_use) in MAY_USE {
        let manifest = read(&format!("{name}/Cargo.toml"));
        let dependencies = manifest.split("\n[").find(|part| part.starts_with("dependencies]")).unwrap_or_default();
        let ours = dependencies
            .lines()
            .filter_map(|line| line.split(['.', '=']).next())
            .map(str::trim)
            .filter(|dependency| dependency.starts_with("rpc-") || dependency.starts_with("grades-"));
        for dependency in ours {
            assert!(may_use.contains(&dependency), "{name} must not use {dependency}");
        }
    }
}

#[test]
fn a_dependency_that_nobody_names_is_taken_out() {
    let sources = code();
    let mut unused = Vec::new();
    for name in MAY_USE.map(|(name, _)| name).into_iter().chain(["tests"]) {
        let manifest = read(&format!("{name}/Cargo.toml"));
        let tables = manifest.split("\n[").filter(|part| part.split(']').next().unwrap().ends_with("dependencies"));
        for dependency in tables.flat_map(str::lines).skip(1).filter_map(|line| line.split(['.', ' ']).next()) {
            let outside = dependency.replace('-', "_");
            let own = |path: &str| path.starts_with(&format!("{name}/"));
            let used = sources.iter().any(|source| own(&source.path) && names(&source.text, &outside));
            let is_name = !dependency.is_empty() && !dependency.starts_with(['#', '[']) && !dependency.ends_with(']');
            if is_name && !used {
                unused.push(format!("{name}: {dependency}"));
            }
        }
    }
    assert!(unused.is_empty(), "take these dependencies out: {unused:#?}");
}

#[test]
fn only_the_demonstration_of_the_client_knows_the_server() {
    for source in code().iter().filter(|source| source.path.starts_with("grades-client/src/")) {
        let is_demo = source.path.contains("/demo.rs") || source.path.contains("/demo/");
        assert!(is_demo || !names(&source.text, "grades_server"), "{} names grades_server", source.path);
    }
}

#[test]
fn an_outside_crate_is_named_in_one_module_only() {
    for (outside, places) in NAMED_IN {
        let sources = code();
        let naming: Vec<&str> =
            sources.iter().filter(|source| names(&source.text, outside)).map(|source| source.path.as_str()).collect();
        assert!(!naming.is_empty(), "nobody names {outside}: take it out of this list, and out of Cargo.toml");
        for path in naming {
            let allowed =
                places.iter().any(|place| path == *place || (place.ends_with('/') && path.starts_with(place)));
            assert!(allowed, "{path} names {outside}, which only {places:?} may");
        }
    }
}

/// Whether code, not a comment, uses a path that begins with this crate.
fn names(text: &str, outside: &str) -> bool {
    let path = format!("{outside}::");
    text.lines().filter(|line| !line.trim_start().starts_with("//")).any(|line| {
        line.match_indices(&path)
            .any(|(at, _)| !line[..at].ends_with(|before: char| before.is_alphanumeric() || "_:".contains(before)))
    })
}

/// What users of the framework build: without features no more than `ttrpc`, the smallest of its blocking peers, takes (24).
#[test]
fn the_framework_stays_light_and_tls_is_only_there_if_it_is_asked_for() {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let packages = |more: &[&str]| {
        let tree = ["tree", "--locked", "-p", "rpc-core", "-e", "normal,build", "--prefix", "none", "--format", "{p}"];
        let output =
            Command::new(&cargo).args(tree).args(more).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect::<BTreeSet<_>>()
    };
    let (light, tls) = (packages(&[]), packages(&["--features", "tls"]));
    assert!(light.len() <= 24, "{} packages: {light:?}", light.len());
    assert!(!light.contains("rustls") && tls.contains("rustls"), "{light:?}");
    assert!(!tls.contains("aws-lc-rs") && !tls.contains("log"), "a feature of rustls is on: {tls:?}");
}

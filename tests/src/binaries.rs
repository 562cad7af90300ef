//! Finds the workspace's own programs. Cargo names a package's binaries to that package's tests only, so the harness asks
//! cargo to build them, once a process; cargo itself decides whether anything is out of date.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

/// The path of a program of the workspace: `grades`, `grades-server`.
///
/// # Panics
/// It can't be built, or cargo built no such program.
#[must_use]
pub fn binary(name: &str) -> PathBuf {
    existing(directory().join(name))
}

/// The path of one of the examples.
///
/// # Panics
/// It can't be built, or cargo built no such example.
#[must_use]
pub fn example(name: &str) -> PathBuf {
    existing(directory().join("examples").join(name))
}

fn existing(path: PathBuf) -> PathBuf {
    let path = path.with_extension(env::consts::EXE_EXTENSION);
    assert!(path.is_file(), "{} is missing although the workspace was built; is its name still right?", path.display());
    path
}

/// Where the programs are. `GRADES_BINARIES` names it where someone has just built them (`tests/run` has).
fn directory() -> &'static Path {
    static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
    DIRECTORY.get_or_init(|| env::var_os("GRADES_BINARIES").map_or_else(build, PathBuf::from))
}

/// Builds into the folder that this very executable was built into: `<target>/<profile>/deps/<test>`.
fn build() -> PathBuf {
    let this = env::current_exe().expect("the path of this test");
    let deps = this.ancestors().find(|path| path.ends_with("deps")).expect("a test lies under deps/");
    let directory = deps.parent().expect("deps/ lies in a profile's folder");
    let target = directory.parent().expect("a profile's folder lies in the target folder");
    let folder = directory.file_name().and_then(|name| name.to_str()).expect("a profile has a plain name");
    let profile = if folder == "debug" { "dev" } else { folder };
    let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--workspace", "--bins", "--examples", "--locked", "--profile", profile, "--target-dir"])
        .arg(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo starts");
    assert!(
        output.status.success(),
        "the programs under test don't build:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    directory.to_owned()
}

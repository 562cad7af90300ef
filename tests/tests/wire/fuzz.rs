//! The fuzz targets on stable Rust: every checked-in seed, and then mutations of the seeds that a fixed seed decides, so that
//! the checks say the same each time. `fuzz/run` looks for new inputs with a coverage-guided fuzzer.

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    time::{Duration, Instant},
};

use tests::{
    Random, counts_allocations,
    fuzz::{Shape, TARGETS, mutate, target},
    peak_of,
};

/// Inputs for each target beside its seeds. So many that all targets together take less than half a minute on one core
/// without optimisation. `FUZZ_SECONDS` goes on for so long, as all checks do.
const ROUNDS: usize = 30_000;

/// As `fuzz/run` sets it: what a longer input could show, a shorter one shows as well, and more often.
const BYTES_MAX: usize = 4_096;

/// What the mutations follow from; `SEED` sets another one.
const SEED: u64 = 0x5eed;

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fuzz").join(name)
}

fn files(folder: &PathBuf) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn seeds(name: &str) -> Vec<Vec<u8>> {
    files(&folder("seeds").join(name)).iter().map(|path| fs::read(path).unwrap()).collect()
}

fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is a number, not {text:?}")))
}

/// Runs `run` on [`ROUNDS`] mutations of `seeds`, and on as many as fit into `time`; the input on which it panicked, if
/// it did.
fn rounds(seeds: &[Vec<u8>], shape: Shape, time: Duration, run: impl Fn(&[u8])) -> Result<(), Vec<u8>> {
    let begun = Instant::now();
    let mut random = Random::new(from_environment("SEED").unwrap_or(SEED));
    for _ in (0..).take_while(|round| *round < ROUNDS || begun.elapsed() < time) {
        let seed = random.index(seeds.len());
        let input = mutate(shape, &seeds[seed], &mut random, BYTES_MAX);
        catch_unwind(AssertUnwindSafe(|| run(&input))).map_err(|_| input)?;
    }
    Ok(())
}

fn check(name: &str) {
    assert!(counts_allocations(), "the program's allocator does not count");
    let (target, seeds) = (target(name), seeds(name));
    for seed in &seeds {
        (target.run)(seed);
    }
    (target.run)(&[]);
    let seconds = from_environment("FUZZ_SECONDS").unwrap_or(0);
    let found = rounds(&seeds, target.shape, Duration::from_secs(seconds), target.run);
    if let Err(input) = found {
        let hex: String = input.iter().map(|byte| format!("{byte:02x}")).collect();
        panic!("{name} broke (SEED={SEED} unless set); keep this input in fuzz/seeds/{name}: {hex}");
    }
}

/// One test a target, so that they run side by side.
macro_rules! targets {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            check(stringify!($name));
        })*

        const TESTED: &[&str] = &[$(stringify!($name)),*];
    };
}

targets! {
    frames hello metadata tlv_skip values accounts_requests grades_requests replies client server password_hashes
    session_text dumps
}

#[test]
fn every_target_has_a_test_a_program_and_seeds() {
    let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    assert_eq!(names, TESTED);
    let programs = files(&folder("fuzz_targets"));
    assert_eq!(programs.len(), names.len());
    let manifest = fs::read_to_string(folder("Cargo.toml")).unwrap();
    for name in names {
        let program = fs::read_to_string(folder("fuzz_targets").join(name).with_extension("rs")).unwrap();
        assert!(program.contains(&format!("fuzz::target!(\"{name}\")")), "{name}");
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name}");
        assert!(seeds(name).len() >= 5, "{name} has too few seeds");
    }
}

/// 500: enough that every branch of every decoder is among them; 1 MB: a clone should not notice them.
#[test]
fn the_seeds_are_many_and_small() {
    let sizes: Vec<usize> = TARGETS.iter().flat_map(|target| seeds(target.name)).map(|seed| seed.len()).collect();
    assert!(sizes.len() >= 500, "{} seeds", sizes.len());
    assert!(sizes.iter().sum::<usize>() < 1_000_000, "{} bytes", sizes.iter().sum::<usize>());
    assert!(sizes.iter().all(|size| *size <= BYTES_MAX));
}

/// The negative control: decoders with one check left out, as they were written elsewhere, are found within the rounds.
#[test]
fn the_rounds_find_decoders_that_trust_a_peer() {
    fn trusts_a_length(body: &[u8]) {
        let Some((length, _)) = body.get(2..).and_then(|rest| rest.split_first_chunk()) else { return };
        let room = usize::try_from(u32::from_le_bytes(*length)).unwrap().min(1 << 26);
        let (_, peak) = peak_of(|| Vec::<u8>::with_capacity(room));
        assert!(peak <= 16 << 10, "a length that a peer declares was allocated");
    }
    fn trusts_a_text(body: &[u8]) {
        if let Some(text) = body.split(|byte| *byte == 0x24).nth(1) {
            let _text = str::from_utf8(text).unwrap();
        }
    }
    fn trusts_that_fields_come_in_order(body: &[u8]) {
        if body.len() > 2 && body[1] >> 3 > 1 {
            assert!(!body[2..].contains(&0x0c), "an earlier field came later");
        }
    }
    let seeds = seeds("grades_requests");
    for broken in [trusts_a_length, trusts_a_text, trusts_that_fields_come_in_order] {
        assert!(
            rounds(&seeds, target("grades_requests").shape, Duration::ZERO, broken).is_err(),
            "the fault was not found"
        );
    }
}

#[test]
fn a_peak_is_what_was_held_at_once_and_not_what_was_taken_in_all() {
    let (_, peak) = peak_of(|| {
        for _ in 0..10 {
            drop(std::hint::black_box(vec![1_u8; 10_000]));
        }
    });
    assert!((10_000..20_000).contains(&peak), "{peak}");
}

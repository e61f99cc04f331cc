//! The committed corpora, each file through its oracle, and then what a generator with a fixed seed makes
//! of them: what the fuzzer does, for a moment and the same each time.

use std::{fs, path::PathBuf};

use authloop_core::{generator::Generator, secret::Seed};
use authloop_oracles::ORACLES;

/// How many stories a generator tells each oracle.
const STORIES: usize = 60;

fn corpus(name: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../fuzz/corpus")
        .join(name);
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .expect(name)
        .map(|entry| entry.expect("a file").path())
        .collect();
    files.sort();
    files
        .into_iter()
        .map(|path| (path.clone(), fs::read(path).expect("readable")))
        .collect()
}

#[test]
fn every_corpus_is_replayed_and_belongs_to_an_oracle() {
    for (name, check) in ORACLES {
        let files = corpus(name);
        assert!(!files.is_empty(), "{name} has no corpus");
        for (path, bytes) in files {
            // A panic's place says what broke; this says by what.
            eprintln!("{}", path.display());
            check(&bytes);
        }
    }
    let folders = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus"));
    for folder in folders.expect("the corpora") {
        let name = folder.expect("a folder").file_name();
        assert!(
            ORACLES.iter().any(|(oracle, _)| *name == **oracle),
            "{name:?} has no oracle"
        );
    }
}

#[test]
fn every_oracle_has_its_fuzz_target() {
    for (name, _) in ORACLES {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz");
        // Where keys are agreed on, stand-ins for curve and cipher have a workspace of their own.
        let folder = [root.to_owned(), format!("{root}/scenarios")]
            .into_iter()
            .find(|folder| {
                fs::exists(format!("{folder}/fuzz_targets/{name}.rs")).expect("readable")
            })
            .expect(name);
        let target = fs::read_to_string(format!("{folder}/fuzz_targets/{name}.rs")).expect(name);
        assert!(
            target.contains(&format!("authloop_oracles::{name}::check")),
            "{name}"
        );
        let manifest = fs::read_to_string(format!("{folder}/Cargo.toml")).expect("there");
        assert!(
            manifest.contains(&format!("name = \"{name}\"")),
            "{name} isn't built"
        );
    }
}

#[test]
fn generated_stories_hold_too() {
    for (name, check) in ORACLES {
        let mut generator = Generator::new(Seed::new([0xF0; 32]));
        let corpus = corpus(name);
        for story in 0..STORIES {
            eprintln!("{name}, story {story}");
            check(&tell(&mut generator, &corpus));
        }
    }
}

/// Bytes alone, or a file of the corpus with places changed and another's end.
fn tell(generator: &mut Generator, corpus: &[(PathBuf, Vec<u8>)]) -> Vec<u8> {
    let mut number = |below: usize| {
        let random = u64::from_le_bytes(generator.bytes());
        usize::try_from(random % u64::try_from(below.max(1)).expect("small")).expect("small")
    };
    let (one, other) = (
        &corpus[number(corpus.len())].1,
        &corpus[number(corpus.len())].1,
    );
    match number(4) {
        0 => (0..number(400))
            .map(|_| u8::try_from(number(256)).expect("a byte"))
            .collect(),
        1 => [&one[..number(one.len())], &other[number(other.len())..]].concat(),
        _ => {
            let mut bytes = one.clone();
            for _ in 0..=number(6) {
                let place = number(bytes.len());
                if let Some(byte) = bytes.get_mut(place) {
                    *byte = u8::try_from(number(256)).expect("a byte");
                }
            }
            bytes
        }
    }
}

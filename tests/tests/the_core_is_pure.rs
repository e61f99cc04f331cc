//! The machines stay free of runtimes, clocks, randomness and sockets, down to the last dependency: by
//! what they depend on, by building without a standard library, and by what the linter refuses.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// What must never be among them, with everything whose name begins so.
const IMPURE: [&str; 26] = [
    "async-",
    "crossbeam",
    "env_",
    "fastrand",
    "futures",
    "getrandom",
    "h2",
    "hashbrown",
    "hyper",
    "instant",
    "log",
    "mio",
    "native-tls",
    "openssl",
    "polling",
    "rand_chacha",
    "rand_os",
    "reqwest",
    "rustix",
    "rustls",
    "smol",
    "socket2",
    "tokio",
    "tracing",
    "tungstenite",
    "windows",
];

#[test]
fn no_dependency_does_io_or_knows_the_time() {
    let found = dependencies("authloop-core");
    for expected in ["aes-gcm", "p256", "serde_json"] {
        assert!(found.contains(expected), "{expected}: {found:?}");
    }
    let impure: Vec<_> = found.iter().filter(|name| is_impure(name)).collect();
    assert!(impure.is_empty(), "{impure:?}");
}

#[test]
fn what_does_io_would_be_found() {
    let found = dependencies("authloop-tokio");
    for expected in ["tokio", "getrandom", "socket2", "futures-io"] {
        assert!(found.contains(expected), "{expected}: {found:?}");
        assert!(is_impure(expected), "{expected}");
    }
}

#[test]
fn the_driver_knows_no_runtime() {
    let found = dependencies("authloop-driver");
    // tokio's channels need no runtime; its sockets would bring mio. `socket2` only sets options.
    for runtime in ["mio", "async-std", "async-io", "smol"] {
        assert!(!found.contains(runtime), "{runtime}: {found:?}");
    }
}

fn is_impure(name: &str) -> bool {
    IMPURE.iter().any(|impure| name.starts_with(impure))
}

/// Returns the names of all packages that end up in a program on this platform.
fn dependencies(package: &str) -> BTreeSet<String> {
    let output = cargo()
        .args(["tree", "--offline", "--locked", "--edges", "normal"])
        .args(["--prefix", "none", "--format", "{p}"])
        .args(["--package", package])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", complaint(&output));
    let tree = String::from_utf8_lossy(&output.stdout);
    tree.lines()
        .filter_map(|line| line.split(' ').next())
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A program has one way to panic: its own, or the standard library's. So a package that brings its own
/// builds only as long as nothing below it links the standard library.
#[test]
fn it_builds_where_there_is_no_standard_library() {
    let project = Project::new(
        "bare",
        &format!(
            "authloop-core = {{ path = {:?} }}",
            workspace().join("core")
        ),
    );
    // From the versions that everything else is tested with.
    fs::copy(workspace().join("Cargo.lock"), project.join("Cargo.lock")).expect("a lock file");
    project.write(&bare("extern crate authloop_core as _;"));
    let built = project.run("check");
    assert!(built.status.success(), "{}", complaint(&built));

    project.write(&bare("extern crate authloop_core as _; extern crate std;"));
    let refused = complaint(&project.run("check"));
    assert!(refused.contains("duplicate lang item"), "{refused}");
}

/// A package without the standard library.
fn bare(with: &str) -> String {
    format!(
        "#![no_std]\n{with}\n#[panic_handler]\n\
         fn panic(_: &core::panic::PanicInfo<'_>) -> ! {{ loop {{}} }}\n"
    )
}

#[test]
fn the_linter_refuses_clocks_randomness_threads_and_unordered_maps() {
    let banned = [
        "std::time::Instant::now()",
        "std::time::SystemTime::now()",
        "std::thread::sleep(core::time::Duration::ZERO)",
        "std::thread::spawn(|| {})",
        "std::env::var(\"HOME\")",
        "std::collections::HashMap::<u8, u8>::new()",
        "std::collections::HashSet::<u8>::new()",
        "std::hash::RandomState::new()",
        "std::net::TcpStream::connect((\"127.0.0.1\", 1))",
        "std::net::UdpSocket::bind((\"127.0.0.1\", 0))",
        "std::fs::File::open(\"x\")",
    ];
    let rules = fs::read_to_string(workspace().join("core/clippy.toml")).expect("the core's rules");
    assert_eq!(
        rules.matches("path = ").count(),
        banned.len(),
        "each is tried"
    );
    let project = Project::new("banned", "");
    fs::write(project.join("clippy.toml"), rules).expect("a folder of its own");
    let tries = banned.map(|expression| format!("    let _ = {expression};\n"));
    project.write(&format!("pub fn all() {{\n{}}}\n", tries.concat()));
    let told = complaint(&project.run("clippy"));
    for (line, expression) in (2..).zip(banned) {
        let place = format!("src/lib.rs:{line}:");
        assert!(told.contains(&place), "{expression} passed: {told}");
    }
    let refusals = told.matches("use of a disallowed").count();
    assert!(refusals >= banned.len(), "{told}");
}

/// A package outside the workspace.
struct Project(PathBuf);

impl Project {
    /// Makes one. It stays from run to run, so that what it depends on is built once.
    fn new(name: &str, dependencies: &str) -> Self {
        let project = Self(workspace().join("target/purity").join(name));
        fs::create_dir_all(project.join("src")).expect("a folder of its own");
        let manifest = format!(
            "[workspace]\n[package]\nname = \"{name}\"\nedition = \"2024\"\n[dependencies]\n{dependencies}\n"
        );
        fs::write(project.join("Cargo.toml"), manifest).expect("a folder of its own");
        project
    }

    fn join(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }

    fn write(&self, code: &str) {
        fs::write(self.join("src/lib.rs"), code).expect("a folder of its own");
    }

    fn run(&self, command: &str) -> Output {
        cargo()
            .args([command, "--offline", "--quiet"])
            .current_dir(&self.0)
            .env("CARGO_TARGET_DIR", self.join("target"))
            .env("RUSTFLAGS", "")
            .output()
            .expect("cargo runs")
    }
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the tests are in a workspace")
}

fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

//! The machines stay free of runtimes, clocks, randomness and sockets, down to the last dependency.

use std::{collections::BTreeSet, env, process::Command};

/// What must never be among them, with everything whose name begins so.
const IMPURE: [&str; 24] = [
    "async-",
    "crossbeam",
    "env_",
    "fastrand",
    "futures",
    "getrandom",
    "h2",
    "hyper",
    "instant",
    "log",
    "mio",
    "native-tls",
    "openssl",
    "polling",
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
    // tokio's channels need no runtime; its sockets would bring mio.
    for runtime in ["mio", "socket2", "async-std", "async-io", "smol"] {
        assert!(!found.contains(runtime), "{runtime}: {found:?}");
    }
}

fn is_impure(name: &str) -> bool {
    IMPURE.iter().any(|impure| name.starts_with(impure))
}

/// Returns the names of all packages that end up in a program on this platform.
fn dependencies(package: &str) -> BTreeSet<String> {
    let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["tree", "--offline", "--locked", "--edges", "normal"])
        .args(["--prefix", "none", "--format", "{p}"])
        .args(["--package", package])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    let tree = String::from_utf8_lossy(&output.stdout);
    tree.lines()
        .filter_map(|line| line.split(' ').next())
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

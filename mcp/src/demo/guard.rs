//! A child process that can't outlive us.
//!
//! Decides how helpers such as Chromium are started and how they die, with all their children and
//! their temporary files: when the guard is dropped, and also when this process is killed without
//! a chance to clean up. It never signals a process that it didn't start.
//!
//! On Unix a shell in a process group of its own runs the program and waits for its standard input
//! to end, which happens whichever way this process ends; then it kills that group, itself included.
//! It lets go of the program's standard output: that ends when the program does.

use std::{
    ffi::OsStr,
    io,
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

use tempfile::TempDir;

/// A running program; dropped, it is killed with its children and reaped, and its folder deleted.
#[derive(Debug)]
pub struct Guarded {
    child: Child,
    folder: TempDir,
}

impl Guarded {
    /// Starts `program`; what it prints goes nowhere.
    ///
    /// `arguments` gets the path of an empty folder of the program's own, which also is its `TMPDIR`.
    pub fn spawn<A: AsRef<OsStr>>(
        program: impl AsRef<OsStr>,
        arguments: impl FnOnce(&Path) -> Vec<A>,
    ) -> io::Result<Self> {
        let folder = folder()?;
        let child = command(program.as_ref(), &arguments(folder.path()), folder.path()).spawn()?;
        Ok(Self { child, folder })
    }

    /// Starts `program` and hands out its standard output: keep reading it, or the program blocks.
    ///
    /// `arguments` is as for [`Guarded::spawn`].
    pub fn spawn_piped<A: AsRef<OsStr>>(
        program: impl AsRef<OsStr>,
        arguments: impl FnOnce(&Path) -> Vec<A>,
    ) -> io::Result<(Self, ChildStdout)> {
        let folder = folder()?;
        let mut child = command(program.as_ref(), &arguments(folder.path()), folder.path())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take();
        let guarded = Self { child, folder };
        Ok((guarded, stdout.ok_or(io::ErrorKind::BrokenPipe)?))
    }

    /// Returns the program's own folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        if cfg!(not(unix)) {
            // No shell that would see its input end. An error means that it is gone already.
            let _gone = self.child.kill();
        }
        let _status = self.child.wait();
    }
}

fn folder() -> io::Result<TempDir> {
    tempfile::Builder::new().prefix("authloop-").tempdir()
}

fn command<A: AsRef<OsStr>>(program: &OsStr, arguments: &[A], folder: &Path) -> Command {
    let mut command = in_a_group(program, folder);
    command
        .args(arguments)
        .env("TMPDIR", folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

#[cfg(unix)]
fn in_a_group(program: &OsStr, folder: &Path) -> Command {
    use std::os::unix::process::CommandExt as _;

    const SCRIPT: &str = r#"
        "$@" &
        exec >/dev/null
        cat
        kill -KILL $!
        # Its children die a moment later, and until then may put files back.
        for attempt in 1 2 3 4 5 6 7 8 9 10; do
            rm -rf -- "$0" && sleep 0.1 && [ ! -e "$0" ] && break
        done
        kill -KILL 0
    "#;
    let mut shell = Command::new("/bin/sh");
    shell
        .process_group(0)
        .args(["-c", SCRIPT])
        .arg(folder)
        .arg(program);
    shell
}

#[cfg(not(unix))]
fn in_a_group(program: &OsStr, _folder: &Path) -> Command {
    Command::new(program)
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::{BufRead as _, BufReader, Read as _};

    use super::*;

    #[test]
    fn the_output_ends_when_the_program_does() {
        let (_guarded, mut output) =
            Guarded::spawn_piped("sh", |_| vec!["-c", "echo enough"]).expect("a shell starts");
        let mut text = String::new();
        output.read_to_string(&mut text).expect("readable");
        assert_eq!(text, "enough\n");
    }

    #[test]
    fn dropping_the_guard_kills_children_of_children_and_deletes_their_files() {
        let (guarded, output) = Guarded::spawn_piped("sh", |_| {
            vec![
                "-c",
                "touch $TMPDIR/left; sleep 600 & echo ready; sleep 600",
            ]
        })
        .expect("a shell starts");
        let folder = guarded.folder().to_owned();
        let mut output = BufReader::new(output);
        let mut line = String::new();
        output.read_line(&mut line).expect("readable");
        assert_eq!(line, "ready\n");
        assert!(folder.join("left").exists());

        drop(guarded);

        // Every process of the group held the pipe's other end: its end means that all are gone.
        let mut rest = String::new();
        output.read_to_string(&mut rest).expect("readable");
        assert_eq!(rest, "");
        assert!(!folder.exists());
    }
}

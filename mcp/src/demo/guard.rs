//! A child process that can't outlive us.
//!
//! Decides how helpers such as Chromium are started and how they die with all their children:
//! when the guard is dropped, and also when this process is killed without a chance to clean up.
//! It never signals a process that it didn't start.
//!
//! On Unix a shell in a process group of its own runs the program and waits for its standard input
//! to end, which happens whichever way this process ends; then it kills that group, itself included.

use std::{
    ffi::OsStr,
    io,
    process::{Child, ChildStdout, Command, Stdio},
};

/// A running program; dropped, it is killed with its children and reaped.
#[derive(Debug)]
pub struct Guarded {
    child: Child,
}

impl Guarded {
    /// Starts `program`; what it prints goes nowhere.
    pub fn spawn(
        program: impl AsRef<OsStr>,
        arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
    ) -> io::Result<Self> {
        let child = quiet(program.as_ref(), arguments).spawn()?;
        Ok(Self { child })
    }

    /// Starts `program` and hands out its standard output: keep reading it, or the program blocks.
    pub fn spawn_piped(
        program: impl AsRef<OsStr>,
        arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
    ) -> io::Result<(Self, ChildStdout)> {
        let mut child = quiet(program.as_ref(), arguments)
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take();
        let guarded = Self { child };
        // Dropping the guard on the way out reaps the child.
        Ok((guarded, stdout.ok_or(io::ErrorKind::BrokenPipe)?))
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

fn quiet(program: &OsStr, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
    let mut command = command(program);
    command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

#[cfg(unix)]
fn command(program: &OsStr) -> Command {
    use std::os::unix::process::CommandExt as _;

    let mut shell = Command::new("/bin/sh");
    shell
        .process_group(0)
        .args(["-c", r#""$@" & cat >/dev/null; kill -KILL 0"#, "sh"])
        .arg(program);
    shell
}

#[cfg(not(unix))]
fn command(program: &OsStr) -> Command {
    Command::new(program)
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::{BufRead as _, BufReader, Read as _};

    use super::*;

    #[test]
    fn dropping_the_guard_kills_children_of_children() {
        let (guarded, output) =
            Guarded::spawn_piped("sh", ["-c", "sleep 600 & echo ready; sleep 600"])
                .expect("a shell starts");
        let mut output = BufReader::new(output);
        let mut line = String::new();
        output.read_line(&mut line).expect("readable");
        assert_eq!(line, "ready\n");

        drop(guarded);

        // Every process of the group held the pipe's other end: its end means that all are gone.
        let mut rest = String::new();
        output.read_to_string(&mut rest).expect("readable");
        assert_eq!(rest, "");
    }
}

//! The PIN of a hand-off, and the command that tells it to the human.
//!
//! A PIN is worth something only if whoever reads the link doesn't read it, too. So it leaves this
//! process on the command's standard input and nowhere else: never as an argument, in a variable, in
//! a log, in an error or in a tool's answer. What the command prints is thrown away.

use std::{io::ErrorKind, process::Stdio, time::Duration};

use authloop_core::{
    generator::Generator,
    secret::{Pin, Seed},
};
use tokio::{
    io::AsyncWriteExt as _,
    process::{Child, Command},
    time::timeout,
};
use zeroize::Zeroizing;

/// How long the command may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// What tells the human a PIN: a program with its arguments, run without a shell.
///
/// No `Debug`: arguments can hold an account's token.
#[derive(Clone)]
pub struct PinCommand {
    program: String,
    arguments: Vec<String>,
}

/// A PIN that the human has to be told. No `Debug`: it is a secret.
pub struct PinNotice {
    pin: Pin,
    command: PinCommand,
}

/// Why the human doesn't know the PIN. Safe to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PinError {
    /// There are no random numbers to make it of.
    #[error("the operating system has no random numbers")]
    Randomness,
    /// The command can't be started.
    #[error("the command can't be started ({0})")]
    Start(ErrorKind),
    /// The command ended with another exit code than 0, or left before it was told the PIN.
    #[error("the command failed")]
    Failed,
    /// The command took too long.
    #[error("the command did not end within {} s", PATIENCE.as_secs())]
    TimedOut,
}

impl PinCommand {
    /// Splits a command line into words, as a shell does: quotes and backslashes, but no variables,
    /// pipes or patterns. `None` if a quote stays open or there is no program.
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = shlex::split(text)?.into_iter();
        let program = words.next().filter(|program| !program.is_empty())?;
        Some(Self {
            program,
            arguments: words.collect(),
        })
    }

    fn start(&self) -> std::io::Result<Child> {
        let mut command = Command::new(&self.program);
        // Our own settings, an API key among them, are none of its business.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("AUTHLOOP_") {
                command.env_remove(name);
            }
        }
        command
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
    }
}

impl PinNotice {
    /// Makes a PIN from the operating system's randomness.
    pub fn new(command: PinCommand) -> Result<Self, PinError> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *seed).map_err(|_| PinError::Randomness)?;
        let pin = Pin::generate(&mut Generator::new(Seed::new(*seed)));
        Ok(Self { pin, command })
    }

    /// Copies the PIN, for the agent that compares with it.
    pub fn pin(&self) -> Pin {
        self.pin.clone()
    }

    /// Runs the command and gives it the PIN and a line end; 20 s at most. Dropped, it is killed.
    pub async fn send(&self) -> Result<(), PinError> {
        let told = timeout(PATIENCE, self.tell()).await;
        let told = told.unwrap_or(Err(PinError::TimedOut));
        match told {
            Ok(()) => tracing::info!(target: "authloop::mcp", "the human was told the PIN"),
            Err(error) => {
                tracing::warn!(target: "authloop::mcp", %error, "the human was not told the PIN");
            }
        }
        told
    }

    async fn tell(&self) -> Result<(), PinError> {
        let start = self.command.start();
        let mut child = start.map_err(|error| PinError::Start(error.kind()))?;
        let mut line = Zeroizing::new(Vec::with_capacity(8));
        line.extend_from_slice(self.pin.expose().as_bytes());
        line.push(b'\n');
        let mut input = child.stdin.take().ok_or(PinError::Failed)?;
        let written = input.write_all(&line).await;
        drop(input);
        written.map_err(|_| PinError::Failed)?;
        let status = child.wait().await.map_err(|_| PinError::Failed)?;
        if status.success() {
            Ok(())
        } else {
            Err(PinError::Failed)
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::{fs, io::Read as _};

    use super::*;

    fn notice(script: &str) -> PinNotice {
        let line = shlex::try_join(["/bin/sh", "-c", script]).expect("no zero bytes");
        PinNotice::new(PinCommand::parse(&line).expect("a command")).expect("randomness")
    }

    #[tokio::test]
    async fn the_command_reads_six_digits_and_a_line_end_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let seen = folder.path().join("seen");
        let notice = notice(&format!("cat > {}", seen.display()));
        assert_eq!(notice.send().await, Ok(()));
        let seen = fs::read_to_string(seen).expect("it was written");
        assert_eq!(seen, format!("{}\n", notice.pin.expose()));
        assert!(
            notice
                .pin()
                .matches(&Pin::parse(seen.trim_end()).expect("6 digits"))
        );
    }

    #[tokio::test]
    async fn the_pin_is_never_in_an_argument_or_a_variable() {
        let folder = tempfile::tempdir().expect("a folder");
        let seen = folder.path().join("seen");
        let script = format!("{{ echo \"$0 $*\"; env; }} > {}; cat", seen.display());
        let notice = notice(&script);
        assert_eq!(notice.send().await, Ok(()));
        let seen = fs::read_to_string(seen).expect("it was written");
        assert!(seen.contains("PATH="), "it inherits what programs need");
        assert!(!seen.contains(notice.pin.expose()), "{seen}");
    }

    #[test]
    fn words_are_split_as_a_shell_does_and_nothing_is_expanded() {
        let command = PinCommand::parse(r#"say "to me" $HOME a\ b '|' *"#).expect("a command");
        assert_eq!(command.program, "say");
        assert_eq!(command.arguments, ["to me", "$HOME", "a b", "|", "*"]);
        for broken in ["", "  ", "'say", "''", "# say"] {
            assert!(PinCommand::parse(broken).is_none(), "{broken}");
        }
    }

    #[tokio::test]
    async fn a_command_that_fails_is_an_error() {
        assert_eq!(notice("cat; exit 3").send().await, Err(PinError::Failed));
        let missing = PinCommand::parse("/nowhere/notify").expect("a command");
        let missing = PinNotice::new(missing).expect("randomness");
        assert_eq!(
            missing.send().await,
            Err(PinError::Start(ErrorKind::NotFound))
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_command_that_does_not_end_is_given_up() {
        let notice = notice("exec sleep 600");
        assert_eq!(notice.send().await, Err(PinError::TimedOut));
    }

    #[tokio::test]
    async fn a_command_that_is_given_up_is_killed() {
        let folder = tempfile::tempdir().expect("a folder");
        let fifo = folder.path().join("fifo");
        let made = std::process::Command::new("mkfifo").arg(&fifo).status();
        assert!(made.expect("mkfifo is there").success());
        let notice = notice(&format!("exec 3> {}; exec sleep 600", fifo.display()));
        let (tell, runs) = tokio::sync::oneshot::channel();
        let reader = std::thread::spawn(move || {
            let mut held = fs::File::open(fifo).expect("a fifo");
            tell.send(()).expect("the test waits");
            // Ends when nobody holds the other end.
            held.read_to_end(&mut Vec::new()).expect("readable")
        });
        tokio::select! {
            told = notice.send() => assert_eq!(told, Ok(()), "it must still run"),
            running = runs => running.expect("it runs"),
        }
        assert_eq!(reader.join().expect("the reader is well"), 0);
    }

    #[test]
    fn an_error_never_holds_the_command_or_its_output() {
        for error in [
            PinError::Randomness,
            PinError::Start(ErrorKind::NotFound),
            PinError::Failed,
            PinError::TimedOut,
        ] {
            let text = error.to_string();
            assert!(!text.contains('/') && text.len() < 60, "{text}");
        }
    }
}

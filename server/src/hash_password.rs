//! `claviger-server hash-password`: the hash of a password for the file of credentials.

use std::io::{BufRead, Write as _};

use claviger_auth_credentials::{hash_password, hashed_password};
use rustix::termios::{LocalModes, OptionalActions, Termios, isatty, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::randomness::LibraryRandom;

/// Bytes that a password may have.
const MOST: usize = 4_096;

/// Reads a password, from a terminal unseen and twice or else as the first line of standard input, and gives its hash, or
/// what Hashed Password credentials of a user are compared with.
///
/// # Errors
/// There is none, or it cannot be hashed.
pub(crate) fn hash(hashed_for: Option<&str>) -> Result<String, Failure> {
    let password = match isatty(std::io::stdin()) {
        true => ask_twice()?,
        false => line(std::io::stdin().lock())?,
    };
    let hash = match hashed_for {
        Some(user) => hashed_password(user, &password),
        None => hash_password(&password, &mut LibraryRandom).map(|hash| hash.text().to_owned()),
    };
    Ok(hash.map_err(|error| Failure::usage(error.message().to_owned()))? + "\n")
}

fn ask_twice() -> Result<Zeroizing<String>, Failure> {
    let _silence = Silence::start();
    prompt("Password: ");
    let password = line(std::io::stdin().lock())?;
    prompt("\nThe same again: ");
    let again = line(std::io::stdin().lock())?;
    prompt("\n");
    if password == again { Ok(password) } else { Err(Failure::usage("the passwords differ")) }
}

/// Standard output has the hash and nothing else.
fn prompt(text: &str) {
    let mut terminal = std::io::stderr().lock();
    let _ = terminal.write_all(text.as_bytes()).and_then(|()| terminal.flush());
}

/// The first line of an input, without its end. What is too long is refused and not cut, or a password would be good that
/// nobody has chosen.
fn line(input: impl BufRead) -> Result<Zeroizing<String>, Failure> {
    // With its end, a line that is not too long has two bytes more.
    let most = MOST + 2;
    let mut line = Zeroizing::new(String::with_capacity(most));
    let mut input = input.take(most as u64);
    input.read_line(&mut line).map_err(|error| Failure::new(format!("cannot read the password: {error}")))?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.len() > MOST {
        return Err(Failure::usage(format!("a password has {MOST} bytes at most")));
    }
    Ok(Zeroizing::new(password.to_owned()))
}

/// A terminal that does not show what is typed, as long as this lives.
struct Silence(Option<Termios>);

impl Silence {
    fn start() -> Self {
        let before = tcgetattr(std::io::stdin()).ok();
        if let Some(mut quiet) = before.clone() {
            quiet.local_modes.remove(LocalModes::ECHO);
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Flush, &quiet);
        }
        Self(before)
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Flush, before);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_that_is_too_long_is_refused_and_not_cut() {
        for end in ["", "\n", "\r\n", "\nmore"] {
            let read = |length| line((("x".repeat(length)) + end).as_bytes());
            assert_eq!(read(MOST).map(|password| password.len()).ok(), Some(MOST), "{end:?}");
            assert!(read(MOST + 1).is_err() && read(2 * MOST).is_err(), "{end:?}");
        }
    }
}

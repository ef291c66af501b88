//! Whether a log is what was written: every line, in its order, and to its end.

use aws_lc_rs::digest::{Context, SHA256};
use serde_json::Value;

use super::chain::{Frame, Hash, Link};
use super::head::{Head, PublicKey};

/// What a log is held to.
#[derive(Clone, Debug, Default)]
pub(super) struct Terms {
    /// Whose heads count.
    pub(super) keys: Vec<PublicKey>,
    /// A head that was kept elsewhere: what it is about must be in the log.
    pub(super) head: Option<Head>,
    /// Whether the log may begin behind its first record.
    pub(super) partial: bool,
}

/// What is wrong with a log, and where that shows first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    /// Where.
    pub(super) place: String,
    /// What.
    pub(super) why: String,
}

/// What is known of a log that is whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Summary {
    /// The name of the log.
    pub(super) log: Option<String>,
    /// The number of the first line.
    pub(super) first: u64,
    /// The hash that the first line names.
    pub(super) before: Hash,
    /// The last line.
    pub(super) last: Link,
    /// Lines with heads.
    pub(super) heads: u64,
    /// Up to which line a head was signed.
    pub(super) signed: u64,
    /// Records that the server had to drop.
    pub(super) dropped: u64,
    /// What an operator should know.
    pub(super) notes: Vec<String>,
}

/// Reads the lines of a log one by one.
pub(super) struct Verifier {
    terms: Terms,
    summary: Summary,
    link: Option<Link>,
    torn: Option<Garbage>,
}

/// Bytes that belong to no line of the chain; a later line may tell of them.
struct Garbage {
    broken: Broken,
    lines: u64,
    is_ended: bool,
    /// All but the last newline.
    read: Context,
    bytes: u64,
}

impl Garbage {
    fn new(broken: Broken) -> Self {
        Self { broken, lines: 0, is_ended: false, read: Context::new(&SHA256), bytes: 0 }
    }

    fn add(&mut self, text: &[u8], is_ended: bool) {
        if self.is_ended {
            self.read.update(b"\n");
            self.bytes += 1;
        }
        self.read.update(text);
        self.bytes += text.len() as u64;
        self.is_ended = is_ended;
        self.lines += 1;
    }

    /// Whether it is what the server found: it ends the last line itself where that had no end.
    fn is(&self, bytes: u64, hash: Hash) -> bool {
        let mut with_newline = self.read.clone();
        with_newline.update(b"\n");
        (bytes == self.bytes && hash == Hash::finish(self.read.clone()))
            || (self.is_ended && bytes == self.bytes + 1 && hash == Hash::finish(with_newline))
    }
}

impl Verifier {
    pub(super) fn new(terms: Terms) -> Self {
        Self { terms, summary: Summary::default(), link: None, torn: None }
    }

    /// Reads a line, with its newline if it has one.
    ///
    /// # Errors
    /// The log is broken here or before.
    pub(super) fn read(&mut self, line: &[u8], place: impl Fn() -> String) -> Result<(), Broken> {
        let (text, is_ended) = match line.strip_suffix(b"\n") {
            Some(text) => (text, true),
            None => (line, false),
        };
        let before = match self.link {
            Some(link) => link,
            None => self.begin(text).map_err(|why| Broken { place: place(), why })?,
        };
        match before.followed_by(text).filter(|_| is_ended) {
            Some(link) => {
                let tells_of_torn = self.account_for_torn(text)?;
                self.see(text, before, tells_of_torn)
                    .and_then(|()| self.check_head(link))
                    .map_err(|why| Broken { place: place(), why: format!("line {} {why}", link.seq) })?;
                self.link = Some(link);
                self.summary.last = link;
            }
            None => {
                self.link = Some(before);
                let why = || what_is_wrong(text, is_ended, before);
                let torn =
                    self.torn.get_or_insert_with(|| Garbage::new(Broken { place: place(), why: why() }));
                torn.add(text, is_ended);
            }
        }
        Ok(())
    }

    /// Looks at the end.
    ///
    /// # Errors
    /// The log is broken, or does not go as far as it did.
    pub(super) fn finish(mut self) -> Result<Summary, Broken> {
        let end = |why: String| Broken { place: "the end of the log".to_owned(), why };
        if self.link.is_none() {
            return Err(end("there is nothing in it".to_owned()));
        }
        let last = self.summary.last;
        if let Some(torn) = self.torn.take() {
            if torn.lines > 1 || torn.is_ended {
                return Err(torn.broken);
            }
            self.summary.notes.push(format!(
                "{}: the last line is not complete: it is being written, or the server was killed",
                torn.broken.place
            ));
        }
        if let Some(head) = &self.terms.head {
            if last.seq < head.link.seq {
                return Err(end(format!(
                    "the log was cut off: it ends with line {}, and on {} a head was signed about line {}",
                    last.seq, head.time, head.link.seq
                )));
            }
            if head.link.seq < self.summary.first {
                let note =
                    "the head that was kept is about a line before these: they may go on behind their end";
                self.summary.notes.push(note.to_owned());
            }
        }
        Ok(self.summary)
    }

    /// The chain before the first line.
    fn begin(&mut self, text: &[u8]) -> Result<Link, String> {
        let frame = Frame::read(text).ok_or("is no line of an audit log")?;
        let before = Link { seq: frame.seq - 1, hash: frame.previous };
        match before.seq {
            0 if frame.event() != Some("begin") || before != Link::default() => {
                return Err("the log does not begin as a server begins one".to_owned());
            }
            0 => {}
            _ if !self.terms.partial => {
                return Err(format!(
                    "the log begins with line {}: those before are missing; --partial verifies what is there",
                    frame.seq
                ));
            }
            missing => {
                self.summary.notes.push(format!("lines 1 to {missing} are not among what was verified"))
            }
        }
        if let Some(head) = &self.terms.head {
            if !head.is_signed_by(&self.terms.keys) {
                return Err(format!("the head that was kept elsewhere {}", not_signed(head)));
            }
            self.summary.log = Some(head.log.clone());
        }
        self.summary.first = frame.seq;
        self.summary.before = frame.previous;
        Ok(before)
    }

    /// A line that follows tells of what is torn, if anything is. Says whether it does.
    fn account_for_torn(&mut self, text: &[u8]) -> Result<bool, Broken> {
        let Some(torn) = self.torn.take() else { return Ok(false) };
        let told = told_torn(text).filter(|(bytes, hash)| torn.is(*bytes, *hash));
        let Some((bytes, _)) = told else { return Err(torn.broken) };
        self.summary.notes.push(format!(
            "{}: {bytes} bytes of {} are torn, as after a crash; the server says so in the next line",
            torn.broken.place,
            if torn.lines == 1 { "one line".to_owned() } else { format!("{} lines", torn.lines) },
        ));
        Ok(true)
    }

    /// Looks at lines that are no records of items.
    fn see(&mut self, text: &[u8], before: Link, tells_of_torn: bool) -> Result<(), String> {
        let event = Frame::read(text).and_then(|frame| frame.event()).filter(|event| *event != "intent");
        let Some(event) = event else { return Ok(()) };
        let value: Value = serde_json::from_slice(text).map_err(|error| format!("is no JSON: {error}"))?;
        if let Some(log) = value.get("log").and_then(Value::as_str) {
            match &self.summary.log {
                None => self.summary.log = Some(log.to_owned()),
                Some(known) if known == log => {}
                Some(known) => return Err(format!("is of the log {log}, and not of {known}")),
            }
        }
        match event {
            "head" => self.see_head(&value, before)?,
            "dropped" => {
                let records = value.get("records").and_then(Value::as_u64).unwrap_or_default();
                self.summary.dropped += records;
                self.summary
                    .notes
                    .push(format!("line {}: {records} records were lost before it", before.seq + 1));
            }
            _ => {}
        }
        // They stand before a part of the log that begins here.
        let begins_a_part = self.terms.partial && before.seq + 1 == self.summary.first;
        if value.get("torn_bytes").is_some() && !tells_of_torn && !begins_a_part {
            return Err("tells of torn bytes that are not there any more".to_owned());
        }
        if let Some(head) = value.get("gone").and_then(Head::from_json) {
            self.see_gone(&head)?;
        }
        if let Some(head) = value.get("cut_off_before") {
            let seq = head.get("seq").and_then(Value::as_u64).unwrap_or_default();
            let log = head
                .get("log")
                .and_then(Value::as_str)
                .filter(|log| self.summary.log.as_deref() != Some(log));
            return Err(format!(
                "says that the log was cut off here: it ended with line {}, and a head had been signed about line \
                 {seq}{}",
                before.seq,
                log.map(|log| format!(" of the log {log}")).unwrap_or_default()
            ));
        }
        Ok(())
    }

    /// A log was written here before this one, and was not there any more. Whoever begins another one on purpose begins it
    /// with another key.
    fn see_gone(&mut self, head: &Head) -> Result<(), String> {
        let Head { log, link, time, .. } = head;
        let why = format!(
            "says that the log {log} was gone, of which a head about line {} was signed on {time}",
            link.seq
        );
        if head.is_signed_by(&self.terms.keys) {
            return Err(why);
        }
        self.summary.notes.push(format!("line {} {why}, with another key", self.summary.first));
        Ok(())
    }

    fn see_head(&mut self, value: &Value, before: Link) -> Result<(), String> {
        let head = Head::about(before, value).ok_or("is no head of an audit log")?;
        if !head.is_signed_by(&self.terms.keys) {
            return Err(format!("has a head that {}", not_signed(&head)));
        }
        self.summary.heads += 1;
        self.summary.signed = before.seq;
        Ok(())
    }

    /// Compares a line with the head that was kept elsewhere.
    fn check_head(&mut self, link: Link) -> Result<(), String> {
        let Some(head) = self.terms.head.as_ref().filter(|head| head.link.seq == link.seq) else {
            return Ok(());
        };
        if head.link.hash != link.hash {
            return Err(format!("is another one than that about which a head was signed on {}", head.time));
        }
        self.summary.signed = link.seq;
        Ok(())
    }
}

fn not_signed(head: &Head) -> String {
    format!("none of the public keys that were given has signed; it names the key {}", head.key)
}

/// What a line tells of torn bytes: how many, and their hash.
fn told_torn(text: &[u8]) -> Option<(u64, Hash)> {
    Frame::read(text)?.event()?;
    let value: Value = serde_json::from_slice(text).ok()?;
    let hash = Hash::from_hex(value.get("torn_sha256")?.as_str()?.as_bytes())?;
    Some((value.get("torn_bytes")?.as_u64()?, hash))
}

/// Why a line does not follow another one.
fn what_is_wrong(text: &[u8], is_ended: bool, before: Link) -> String {
    let due = before.seq + 1;
    match Frame::read(text) {
        None if is_ended => "is no line of an audit log".to_owned(),
        None => "is not complete".to_owned(),
        Some(Frame { seq, .. }) if seq > due => {
            format!("lines {due} to {} are missing before line {seq}", seq - 1)
        }
        Some(Frame { seq, .. }) if seq < due => {
            format!("line {seq} stands where line {due} is due: it was repeated or moved")
        }
        Some(_) if before.followed_by(text).is_some() => "is not complete".to_owned(),
        Some(_) => {
            format!("line {due} does not follow line {}: that one was changed, or this one", before.seq)
        }
    }
}

//! Looking for records near the end of a log, while it is written.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Take};
use std::path::{Path, PathBuf};

use claviger_plugin_sdk::audit::Detail;
use claviger_plugin_sdk::error::Error;
use claviger_plugin_sdk::store::{DocumentPage, ObjectStore};
use serde_json::Value;
use tokio::task::yield_now;

use super::arguments::time;
use super::chain::Frame;
use super::database::{KIND, log_of, name_of};
use super::head::Head;
use super::show::Wanted;
use super::{files, records};
use crate::failure::Failure;

/// How much of the end of a log is looked at: bytes of files, lines of the database.
const BYTES: u64 = 64 << 20;
const LINES: u64 = 20_000;
/// Documents that are read at a time. Some databases look at all that there are for each page.
const AT_ONCE: u64 = 64;
/// How often files are listed at most.
const LISTINGS: usize = 3;
/// Records that are given, unless another number is asked for, and at most.
const USUAL: usize = 100;
const MOST: usize = 1_000;
/// Bytes of records that are given.
const GIVEN: usize = 4 << 20;
/// Bytes after which is asked whether somebody still waits.
const TURN: usize = 256 << 10;

/// What somebody looks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Search {
    wanted: Wanted,
    /// How many of the newest records.
    last: usize,
}

impl Search {
    /// Reads a JSON object whose members are called like the options of `audit show`; without any, all records are wanted.
    ///
    /// # Errors
    /// Which member is not as it should be, and why.
    pub(crate) fn read(json: &[u8]) -> Result<Self, String> {
        let value = serde_json::from_slice(json).map_err(|error| format!("the body is no JSON: {error}"))?;
        let Value::Object(members) = value else { return Err("the body is no JSON object".to_owned()) };
        let mut search = Self { wanted: Wanted::default(), last: USUAL };
        for (name, value) in members {
            search.set(&name, &value).map_err(|why| format!("{name}: {why}"))?;
        }
        Ok(search)
    }

    /// What was asked for, as the record of the search tells.
    pub(crate) fn details(&self) -> Vec<Detail> {
        let Wanted { user, operation, object, peer, success, since, until } = &self.wanted;
        let result = success.map(|success| if success { "success" } else { "failure" }.to_owned());
        let last = Some(self.last.to_string());
        let all = [
            ("user", user),
            ("operation", operation),
            ("object", object),
            ("peer", peer),
            ("result", &result),
            ("since", since),
            ("until", until),
            ("last", &last),
        ];
        let detail = |(name, text): (&'static str, &Option<String>)| {
            Some(Detail { name: name.into(), text: text.clone()? })
        };
        all.into_iter().filter_map(detail).collect()
    }

    fn set(&mut self, name: &str, value: &Value) -> Result<(), String> {
        let Self { wanted, last } = self;
        let text = || value.as_str().map(str::to_owned).ok_or_else(|| "is no text".to_owned());
        match name {
            "user" => wanted.user = Some(text()?),
            "operation" => wanted.operation = Some(text()?),
            "object" => wanted.object = Some(text()?),
            "peer" => wanted.peer = Some(text()?),
            "since" => wanted.since = Some(time(&text()?)?),
            "until" => wanted.until = Some(time(&text()?)?),
            "result" => match value.as_str() {
                Some("success") => wanted.success = Some(true),
                Some("failure") => wanted.success = Some(false),
                _ => return Err("is neither success nor failure".to_owned()),
            },
            "last" => {
                let number = value.as_u64().and_then(|number| usize::try_from(number).ok());
                let fits = number.filter(|number| (1..=MOST).contains(number));
                *last = fits.ok_or_else(|| format!("is no number from 1 to {MOST}"))?;
            }
            _ => return Err("nothing of that name can be asked for".to_owned()),
        }
        Ok(())
    }
}

/// Looks through the end of the log that is written to this path, until nobody waits for it any more.
///
/// # Errors
/// It cannot be read.
pub(super) fn in_files(
    search: &Search,
    log: &Path,
    is_awaited: impl Fn() -> bool,
) -> Result<String, Failure> {
    let mut found = look_through(search, log, &is_awaited)?;
    // What is moved away meanwhile is in none of the files that were listed before.
    for _ in 1..LISTINGS {
        if found.is_missing_any {
            found = look_through(search, log, &is_awaited)?;
        }
    }
    Ok(found.into_json())
}

/// Looks through the files that are there.
fn look_through<'s>(
    search: &'s Search,
    log: &Path,
    is_awaited: &impl Fn() -> bool,
) -> Result<Found<'s>, Failure> {
    let mut found = Found::of(search);
    let (mut line, mut turn) = (Vec::new(), 0);
    for (path, mut lines) in newest(files::of_log(log)?)? {
        loop {
            line.clear();
            let read = lines.read_until(b'\n', &mut line).map_err(|error| problem(&path, &error))?;
            if read == 0 {
                break;
            }
            found.look(&line);
            turn += read;
            if turn > TURN {
                turn = 0;
                if !is_awaited() {
                    return Err(Failure::new("nobody waits for the search any more"));
                }
            }
        }
    }
    Ok(found)
}

/// The last whole lines of a file.
type End = BufReader<Take<File>>;

/// The ends of these files, of which the last is the newest: as many as belong to the last bytes that are looked at.
fn newest(files: Vec<PathBuf>) -> Result<Vec<(PathBuf, End)>, Failure> {
    let (mut left, mut ends) = (BYTES, Vec::new());
    for path in files.into_iter().rev() {
        if left == 0 {
            break;
        }
        let (lines, length) = end_of(&path, left).map_err(|error| problem(&path, &error))?;
        left = left.saturating_sub(length);
        ends.push((path, lines));
    }
    ends.reverse();
    Ok(ends)
}

/// The last whole lines of a file as it is now, of at most so many bytes, and how long it is.
fn end_of(path: &Path, most: u64) -> std::io::Result<(End, u64)> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let Some(skipped) = length.checked_sub(most).filter(|skipped| *skipped > 0) else {
        return Ok((BufReader::new(file.take(length)), length));
    };
    // From the byte before on, which ends a line if the next begins there.
    file.seek(SeekFrom::Start(skipped - 1))?;
    let mut lines = BufReader::new(file.take(most + 1));
    lines.skip_until(b'\n')?;
    Ok((lines, length))
}

fn problem(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("cannot read {}: {error}", path.display()))
}

/// Looks through the end of the log in the database that has this head.
///
/// # Errors
/// The database fails.
pub(super) async fn in_database(
    search: &Search,
    store: &dyn ObjectStore,
    head: &Head,
) -> Result<String, Error> {
    let mut found = Found::of(search);
    let mut after = name_of(&head.log, head.link.seq.saturating_sub(LINES));
    loop {
        let page = DocumentPage { after: Some(after), limit: AT_ONCE };
        let some = store.documents(KIND, &page).await?;
        let own = some.iter().take_while(|(name, _)| log_of(name) == Some(&*head.log));
        let mut last = None;
        for (name, document) in own {
            document.body.split(|byte| *byte == b'\n').for_each(|line| found.look(line));
            last = Some(name.clone());
            yield_now().await;
        }
        match last {
            Some(name) => after = name,
            None => return Ok(found.into_json()),
        }
    }
}

/// What was found so far.
struct Found<'s> {
    search: &'s Search,
    /// The number of the first line that was looked at.
    from: Option<u64>,
    /// That of the last one.
    to: u64,
    /// Whether lines are missing before one that was looked at.
    is_missing_any: bool,
    records: VecDeque<String>,
    /// The bytes of these.
    bytes: usize,
}

impl<'s> Found<'s> {
    fn of(search: &'s Search) -> Self {
        Self { search, from: None, to: 0, is_missing_any: false, records: VecDeque::new(), bytes: 0 }
    }

    fn look(&mut self, line: &[u8]) {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let Some(frame) = Frame::read(line) else { return };
        // A file that is moved away has two names for a moment.
        if frame.seq <= self.to {
            return;
        }
        // The last line may just be written.
        let Ok(value) = serde_json::from_slice(line) else { return };
        self.is_missing_any |= self.from.is_some() && frame.seq != self.to + 1;
        self.to = frame.seq;
        self.from.get_or_insert(frame.seq);
        for record in records::of(value).iter().filter(|record| self.search.wanted.takes(record)) {
            let text = record.to_string();
            self.bytes += text.len();
            self.records.push_back(text);
            while self.records.len() > self.search.last || (self.bytes > GIVEN && self.records.len() > 1) {
                self.bytes -= self.records.pop_front().map_or(0, |oldest| oldest.len());
            }
        }
    }

    fn into_json(self) -> String {
        let records: Vec<String> = self.records.into();
        format!("{{\"from\":{},\"records\":[{}]}}", self.from.unwrap_or_default(), records.join(","))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::Folder;
    use super::*;

    fn search(json: &Value) -> Result<Search, String> {
        Search::read(json.to_string().as_bytes())
    }

    #[test]
    fn a_search_says_what_is_wrong_with_it() {
        assert_eq!(search(&json!({})).unwrap(), Search { wanted: Wanted::default(), last: 100 });
        let wanted = Wanted { user: Some("ann".to_owned()), success: Some(false), ..Wanted::default() };
        let read = search(&json!({"user": "ann", "result": "failure", "last": 7}));
        assert_eq!(read.unwrap(), Search { wanted, last: 7 });
        for (wrong, why) in [
            (json!([]), "no JSON object"),
            (json!({"who": "ann"}), "who: nothing of that name"),
            (json!({"user": 7}), "user: is no text"),
            (json!({"since": "yesterday"}), "since: times are written as"),
            (json!({"result": "good"}), "result: is neither"),
            (json!({"last": 0}), "last: is no number from 1 to 1000"),
            (json!({"last": 1_001}), "last: is no number"),
        ] {
            let said = search(&wrong).unwrap_err();
            assert!(said.contains(why), "{said}");
        }
        assert!(Search::read(b"{").unwrap_err().contains("no JSON"));
    }

    #[test]
    fn the_newest_of_the_wanted_records_are_given_from_all_files_of_a_log() {
        let folder = Folder::new();
        let log = folder.rotating(Some(2_000));
        (0..20).for_each(|number| log.take(number));
        log.close();
        assert!(files::of_log(&folder.log()).unwrap().len() > 1);
        let found = |asked: Value| {
            let found = in_files(&search(&asked).unwrap(), &folder.log(), || true).unwrap();
            let found: Value = serde_json::from_str(&found).unwrap();
            let requests: Vec<_> =
                found["records"].as_array().unwrap().iter().map(|it| it["request"].clone()).collect();
            (found["from"].clone(), requests)
        };
        let all: Vec<Value> = (0..20).map(|number| number.to_string().into()).collect();
        assert_eq!(found(json!({"operation": "Get"})), (1.into(), all.clone()));
        assert_eq!(found(json!({"operation": "Get", "last": 3})).1, all[17..]);
        assert_eq!(found(json!({"user": "bob"})).1, [] as [Value; 0]);
    }

    #[test]
    fn only_whole_lines_of_the_end_of_a_file_are_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines");
        std::fs::write(&path, b"one\ntwo\nthree\n").unwrap();
        for (most, expected) in [(14, "one"), (13, "two"), (10, "two"), (9, "three"), (1, "")] {
            let (reader, length) = end_of(&path, most).unwrap();
            assert_eq!(
                (reader.lines().next().transpose().unwrap().unwrap_or_default(), length),
                (expected.to_owned(), 14),
                "{most}"
            );
        }
    }
}

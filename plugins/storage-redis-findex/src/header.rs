//! What a database says of itself: format, salt, and a value that proves the master password.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use claviger_plugin_sdk::{Error, Result};
use redis::{Script, cmd};
use zeroize::Zeroizing;

use crate::connection::{Connection, failed};
use crate::keys::{Keys, Mac, PasswordCost, SALT, random};
use crate::layout::Layout;
use crate::sealed::{self, Kind};

/// The format that this build writes: the only one so far.
pub(crate) const KNOWN: u64 = 1;
const FORMAT: &[u8] = b"1";
/// What the value says that proves the password.
const PROOF: &[u8] = b"claviger redis-findex";
/// Hexadecimal digits of the name of a generation.
const GENERATION: usize = 8;

/// The fields of the header.
pub(crate) type Fields = BTreeMap<String, Vec<u8>>;

/// Opens the database of a prefix with a password; makes it if there is none.
///
/// # Errors
/// Invalid Field: the password is not that of the database. Internal Server Error: a newer version wrote it, it is
/// damaged, or Redis fails.
pub(crate) async fn open(
    connection: &Connection,
    layout: &Layout,
    password: Zeroizing<String>,
    label: &str,
    cost: PasswordCost,
) -> Result<Keys> {
    let mut fields = read(connection, layout).await?;
    let is_new = fields.is_empty();
    let salt = if is_new { random::<SALT>()?.to_vec() } else { known_salt(&fields)? };
    let (keys, salt) = derive(password.clone(), salt, cost).await?;
    if is_new {
        if make(connection, layout, &keys, &salt, label).await? {
            return Ok(keys);
        }
        // Another server was quicker.
        fields = read(connection, layout).await?;
        let (keys, _) = derive(password, known_salt(&fields)?, cost).await?;
        return proven(keys, &fields);
    }
    proven(keys, &fields)
}

/// The keys of a database that is there; `None` if there is none.
///
/// # Errors
/// As those of [`open`].
pub(crate) async fn open_as_it_is(
    connection: &Connection,
    layout: &Layout,
    password: Zeroizing<String>,
    cost: PasswordCost,
) -> Result<Option<Keys>> {
    let fields = read(connection, layout).await?;
    if fields.is_empty() {
        return Ok(None);
    }
    let (keys, _) = derive(password, known_salt(&fields)?, cost).await?;
    proven(keys, &fields).map(Some)
}

/// The format of a database; `None` if there is none.
///
/// # Errors
/// The header is damaged.
pub(crate) fn version(fields: &Fields) -> Result<Option<u64>> {
    if fields.is_empty() {
        return Ok(None);
    }
    let format = fields.get("format").and_then(|format| std::str::from_utf8(format).ok()?.parse().ok());
    format.map(Some).ok_or_else(sealed::damaged)
}

/// Reads the header; empty if there is none.
///
/// # Errors
/// Redis fails.
pub(crate) async fn read(connection: &Connection, layout: &Layout) -> Result<Fields> {
    connection.query(cmd("HGETALL").arg(layout.header())).await
}

/// A name for a new generation of the index.
///
/// # Errors
/// The system gives no randomness.
pub(crate) fn new_generation() -> Result<String> {
    Ok(format!("{:08x}", u32::from_be_bytes(random()?)))
}

/// The state of the index at its beginning: generation and counter, in a form of one length.
pub(crate) fn first_state(generation: &str) -> String {
    format!("{generation}.{:016}", 0)
}

/// The state of the index after it was counted on once.
///
/// # Errors
/// It is no such state.
pub(crate) fn next_state(state: &[u8]) -> Result<Vec<u8>> {
    let state = std::str::from_utf8(state).map_err(|_| sealed::damaged())?;
    let (generation, counter) = state.split_once('.').ok_or_else(sealed::damaged)?;
    let counter: u64 = counter.parse().map_err(|_| sealed::damaged())?;
    Ok(format!("{generation}.{:016}", counter.saturating_add(1)).into_bytes())
}

/// The generation of a state of the index.
///
/// # Errors
/// It is no such state.
pub(crate) fn generation_of(state: &[u8]) -> Result<&str> {
    let generation = state.get(..GENERATION).and_then(|generation| std::str::from_utf8(generation).ok());
    generation.ok_or_else(sealed::damaged)
}

fn known_salt(fields: &Fields) -> Result<Vec<u8>> {
    match fields.get("format").map(Vec::as_slice) {
        Some(FORMAT) => fields.get("salt").cloned().ok_or_else(sealed::damaged),
        Some(_) => Err(Error::storage(
            "the Redis database was written by a newer version of the server: start that version, or restore a backup",
        )),
        None => Err(sealed::damaged()),
    }
}

async fn derive(password: Zeroizing<String>, salt: Vec<u8>, cost: PasswordCost) -> Result<(Keys, Vec<u8>)> {
    let derive = move || Keys::derive(password.as_bytes(), &salt, cost).map(|keys| (keys, salt));
    let derived = tokio::task::spawn_blocking(derive).await;
    derived.map_err(|cause| Error::storage("deriving the keys of the storage failed").because(cause))?
}

/// The keys, if they open what proves them.
fn proven(keys: Keys, fields: &Fields) -> Result<Keys> {
    let check = fields.get("check").cloned().ok_or_else(sealed::damaged)?;
    match sealed::open(&keys, Kind::Check, &Mac([0; 16]), check) {
        Ok(plain) if **plain == *PROOF => Ok(keys),
        _ => {
            Err(Error::invalid("--redis-master-password does not open the Redis database of --database-url"))
        }
    }
}

/// Makes the database; false if there is one by now.
async fn make(
    connection: &Connection,
    layout: &Layout,
    keys: &Keys,
    salt: &[u8],
    label: &str,
) -> Result<bool> {
    let generation = new_generation()?;
    let mut call = MAKE.prepare_invoke();
    call.key(layout.header()).key(layout.index()).key(layout.places());
    call.arg(FORMAT)
        .arg(salt)
        .arg(sealed::seal(keys, Kind::Check, &Mac([0; 16]), PROOF)?)
        .arg(keys.of_index(label, generation.as_bytes())?.proof.0.as_slice())
        .arg(first_state(&generation));
    match connection.script::<i64>(&call).await.map_err(failed)? {
        1 => Ok(true),
        0 => Ok(false),
        _ => Err(Error::storage(
            "the Redis database has objects and no header, without which nobody can decrypt them: restore it from a \
             backup, or give this server another --redis-key-prefix",
        )),
    }
}

static MAKE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
if redis.call('EXISTS', KEYS[1]) == 1 then
  if redis.call('HGET', KEYS[1], 'check') == ARGV[3] then return 1 end
  return 0
end
if redis.call('EXISTS', KEYS[3]) == 1 then return -1 end
redis.call('HSET', KEYS[1], 'format', ARGV[1], 'salt', ARGV[2], 'check', ARGV[3], 'label', ARGV[4])
redis.call('SET', KEYS[2], ARGV[5])
return 1
",
    )
});

//! Whether the user of the database may do in Redis all that the store does there: found at the start, and not when the
//! first key is written or the first list grows long.

use std::sync::LazyLock;

use claviger_plugin_sdk::{Error, Result};
use redis::{Cmd, RedisError, Script, ServerErrorKind, cmd};

use crate::connection::{Connection, failed, patiently};
use crate::keys::random;
use crate::layout::Layout;

/// Tries every command that the store uses, in a way that changes nothing.
///
/// # Errors
/// The user lacks the right to some of them; the message names those. Redis fails.
pub(crate) async fn check(connection: &Connection, layout: &Layout) -> Result<()> {
    let mut load: Cmd = cmd("SCRIPT");
    load.arg("LOAD").arg(PROBES);
    // Kept scripts are not loaded again, and so this right is needed first when Redis has forgotten one.
    let loaded = patiently(|| connection.once::<String>(&load)).await;
    loaded.map_err(|cause| refused(cause, "script|load", layout))?;
    let mut call = SCRIPT.prepare_invoke();
    // A name that nothing has.
    call.key(layout.token(&random()?));
    let tried = connection.script::<Vec<String>>(&call).await;
    let lacking = tried.map_err(|cause| refused(cause, "evalsha", layout))?;
    if lacking.is_empty() { Ok(()) } else { Err(lacks(&lacking.join(", "), layout)) }
}

fn refused(cause: RedisError, command: &str, layout: &Layout) -> Error {
    match cause.kind() {
        redis::ErrorKind::Server(ServerErrorKind::NoPerm) => lacks(command, layout).because(cause),
        _ => failed(cause),
    }
}

fn lacks(commands: &str, layout: &Layout) -> Error {
    let pattern = layout.everything();
    Error::storage(format!(
        "the user of --database-url may not do all in Redis that is needed: on the keys {pattern} it lacks {commands} \
         (ACL SETUSER gives rights; docs/operations/redis-findex.md has the list)"
    ))
}

static SCRIPT: LazyLock<Script> = LazyLock::new(|| Script::new(PROBES));

/// Each command on a key that is absent. Those that would make one are given what they refuse after the right was looked
/// at, or a condition that does not hold; what is left is removed at once.
const PROBES: &str = r"
local key = KEYS[1]
local lacking = {}
local function try(command, ...)
  local answer = redis.pcall(command, ...)
  local text = type(answer) == 'table' and answer.err
  if text and (string.find(text, 'NOPERM', 1, true) or string.find(text, 'ACL failure', 1, true)
      or string.find(text, 'can\'t run this command', 1, true)) then
    lacking[#lacking + 1] = string.lower(command)
    return false
  end
  return true
end
try('GET', key)
try('MGET', key)
try('GETRANGE', key, 0, 0)
try('EXISTS', key)
try('HGETALL', key)
try('HGET', key, 'x')
try('HMGET', key, 'x')
try('HKEYS', key)
try('HEXISTS', key, 'x')
try('HDEL', key, 'x')
try('ZREM', key, 'x')
try('ZCARD', key)
try('ZSCORE', key, 'x')
try('ZRANGEBYSCORE', key, 0, 0)
try('ZREVRANGEBYSCORE', key, 0, 0)
try('SREM', key, 'x')
try('SCARD', key)
try('EXPIRE', key, 1)
try('EXPIREAT', key, 1)
try('PEXPIRE', key, 1)
try('UNLINK', key)
try('SET', key, '', 'XX')
try('INCRBY', key, 'no number')
try('HSET', key, 'x', 'y', 'no value')
try('ZADD', key, 'XX', 0, 'x')
if try('DEL', key) then
  try('SADD', key, 'x')
  redis.call('DEL', key)
end
try('SMEMBERS', key)
try('SRANDMEMBER', key)
try('SCAN', 0)
return lacking
";

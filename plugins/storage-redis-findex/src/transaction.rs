//! Writing: all of it in one step, if everything that it was planned on is still there.
//!
//! One Lua script compares and writes, so that neither another server nor a crash comes between. A token that the
//! script leaves tells whether it has run: when the connection is lost in the middle, the same script is sent again and
//! does nothing if it was done.

use std::sync::LazyLock;

use claviger_plugin_sdk::{Error, Result};
use redis::Script;

use crate::connection::{Connection, failed, passes};
use crate::keys::{Mac, random};
use crate::layout::Layout;
use crate::sealed::Stamp;

/// Seconds for which Redis remembers that a transaction was made; longer than a request asks for it.
const REMEMBERED: u32 = 60;

/// Comparisons and writes.
pub(crate) struct Transaction {
    keys: Vec<Vec<u8>>,
    checks: Vec<Stamp>,
    /// Keys of the writes, which come behind those of the comparisons.
    written: Vec<Vec<u8>>,
    writes: Vec<Vec<u8>>,
}

impl Transaction {
    /// An empty transaction.
    pub(crate) fn new() -> Self {
        Self { keys: Vec::new(), checks: Vec::new(), written: Vec::new(), writes: Vec::new() }
    }

    /// Whether nothing is written.
    pub(crate) fn writes_nothing(&self) -> bool {
        self.written.is_empty()
    }

    /// The value begins with these bytes; with none it must be absent.
    pub(crate) fn check(&mut self, key: Vec<u8>, stamp: Stamp) {
        self.keys.push(key);
        self.checks.push(stamp);
    }

    /// Writes a value.
    pub(crate) fn set(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.write(key, "set", vec![value]);
    }

    /// Writes a value that Redis removes at a time, in seconds since 1970.
    pub(crate) fn set_until(&mut self, key: Vec<u8>, value: Vec<u8>, expires: i64) {
        self.write(key, "until", vec![value, expires.to_string().into_bytes()]);
    }

    /// Removes a value.
    pub(crate) fn delete(&mut self, key: Vec<u8>) {
        self.write(key, "delete", vec![]);
    }

    /// Gives an object its place in a sorted set.
    pub(crate) fn place(&mut self, key: Vec<u8>, place: i64, object: &Mac) {
        self.write(key, "place", vec![place.to_string().into_bytes(), object.0.to_vec()]);
    }

    /// Takes an object out of a sorted set.
    pub(crate) fn displace(&mut self, key: Vec<u8>, object: &Mac) {
        self.write(key, "displace", vec![object.0.to_vec()]);
    }

    /// Adds a member to a set.
    pub(crate) fn add(&mut self, key: Vec<u8>, member: &[u8]) {
        self.write(key, "add", vec![member.to_vec()]);
    }

    /// Takes a member out of a set.
    pub(crate) fn remove(&mut self, key: Vec<u8>, member: &[u8]) {
        self.write(key, "remove", vec![member.to_vec()]);
    }

    /// Sets a field of a hash.
    pub(crate) fn field(&mut self, key: Vec<u8>, field: &[u8], value: Vec<u8>) {
        self.write(key, "field", vec![field.to_vec(), value]);
    }

    /// Tells who builds the index anew, if anyone does, that an object is found by other keywords now.
    pub(crate) fn changed(&mut self, key: Vec<u8>, object: &Mac) {
        self.write(key, "changed", vec![object.0.to_vec()]);
    }

    /// Counts the index on: whoever has read or written it since, does so again.
    pub(crate) fn count_on(&mut self, key: Vec<u8>) {
        self.write(key, "count", vec![]);
    }

    fn write(&mut self, key: Vec<u8>, command: &str, arguments: Vec<Vec<u8>>) {
        self.written.push(key);
        self.writes.push(command.as_bytes().to_vec());
        self.writes.extend(arguments);
    }

    /// Runs it: whether everything was as it was read, and so is written now.
    ///
    /// # Errors
    /// Redis stays away or refuses; then it was written or not.
    pub(crate) async fn run(&self, connection: &Connection, layout: &Layout) -> Result<bool> {
        let token = layout.token(&random()?);
        let mut call = SCRIPT.prepare_invoke();
        call.key(&token).key(layout.header()).key(layout.snapshots());
        self.keys.iter().chain(&self.written).for_each(|key| {
            call.key(key.as_slice());
        });
        call.arg(REMEMBERED).arg(layout.before("")).arg(layout.places_before("")).arg(self.checks.len());
        self.checks.iter().chain(&self.writes).for_each(|argument| {
            call.arg(argument.as_slice());
        });
        match connection.script::<i64>(&call).await {
            Err(cause) if passes(&cause) => {
                let message = "the storage does not answer; the change may have been made or not";
                Err(Error::storage(message).because(cause))
            }
            made => made.map(|made| made == 1).map_err(failed),
        }
    }
}

static SCRIPT: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
if redis.call('EXISTS', KEYS[1]) == 1 then return 1 end
local k, a = 4, 5
for _ = 1, tonumber(ARGV[4]) do
  local expected = ARGV[a]
  if #expected == 0 then
    if redis.call('EXISTS', KEYS[k]) == 1 then return 0 end
  elseif redis.call('GETRANGE', KEYS[k], 0, #expected - 1) ~= expected then
    return 0
  end
  k = k + 1
  a = a + 1
end
-- Whoever reads a snapshot gets what is overwritten now.
local snapshots = {}
for _, id in ipairs(redis.call('SMEMBERS', KEYS[3])) do
  if redis.call('EXISTS', ARGV[2] .. id) == 1 then
    snapshots[#snapshots + 1] = id
  else
    redis.call('SREM', KEYS[3], id)
  end
end
local function keep(key)
  for _, id in ipairs(snapshots) do
    if redis.call('HEXISTS', ARGV[2] .. id, key) == 0 then
      redis.call('HSET', ARGV[2] .. id, key, redis.call('GET', key) or '')
    end
  end
end
local function keep_place(key, object)
  local place = redis.call('ZSCORE', key, object)
  if place then
    for _, id in ipairs(snapshots) do
      redis.call('ZADD', ARGV[3] .. id, 'NX', place, object)
      redis.call('EXPIRE', ARGV[3] .. id, 86400)
    end
  end
end
while ARGV[a] do
  local command, key = ARGV[a], KEYS[k]
  if command == 'set' then
    keep(key)
    redis.call('SET', key, ARGV[a + 1])
    a = a + 2
  elseif command == 'until' then
    keep(key)
    redis.call('SET', key, ARGV[a + 1])
    redis.call('EXPIREAT', key, ARGV[a + 2])
    a = a + 3
  elseif command == 'delete' then
    keep(key)
    redis.call('DEL', key)
    a = a + 1
  elseif command == 'place' then
    keep_place(key, ARGV[a + 2])
    redis.call('ZADD', key, ARGV[a + 1], ARGV[a + 2])
    a = a + 3
  elseif command == 'displace' then
    keep_place(key, ARGV[a + 1])
    redis.call('ZREM', key, ARGV[a + 1])
    a = a + 2
  elseif command == 'add' then
    redis.call('SADD', key, ARGV[a + 1])
    a = a + 2
  elseif command == 'remove' then
    redis.call('SREM', key, ARGV[a + 1])
    a = a + 2
  elseif command == 'field' then
    redis.call('HSET', key, ARGV[a + 1], ARGV[a + 2])
    a = a + 3
  elseif command == 'changed' then
    if redis.call('HEXISTS', KEYS[2], 'next') == 1 then redis.call('SADD', key, ARGV[a + 1]) end
    a = a + 2
  elseif command == 'count' then
    local state = redis.call('GET', key)
    local generation, counter = string.match(state, '^(%x+)%.(%d+)$')
    redis.call('SET', key, generation .. '.' .. string.format('%016.0f', tonumber(counter) + 1))
    a = a + 1
  else
    return redis.error_reply('no such command')
  end
  k = k + 1
end
redis.call('SET', KEYS[1], '', 'EX', ARGV[1])
return 1
",
    )
});

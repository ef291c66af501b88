//! Who builds the index anew: one server at a time, as long as it shows that it lives.

use std::sync::LazyLock;

use claviger_plugin_sdk::Result;
use redis::{Script, ScriptInvocation, cmd};

use crate::connection::{Connection, failed};
use crate::keys::{Mac, random};
use crate::layout::Layout;
use crate::sealed::Stamp;

/// Milliseconds after which another server takes over.
const LEASE: u32 = 20_000;

/// The right to build, for as long as nobody else has it.
pub(super) struct Builder<'b> {
    connection: &'b Connection,
    layout: &'b Layout,
    token: [u8; 16],
}

/// Whether the new generation is the current one.
pub(super) enum Finished {
    Yes,
    /// Objects have changed meanwhile: list them, and try again.
    MoreHaveChanged,
    /// Another server has taken over.
    Lost,
}

impl<'b> Builder<'b> {
    /// Takes the right, unless another server has it.
    ///
    /// # Errors
    /// Redis fails.
    pub(super) async fn take(connection: &'b Connection, layout: &'b Layout) -> Result<Option<Self>> {
        let token: [u8; 16] = random()?;
        let mut set = cmd("SET");
        set.arg(layout.builder()).arg(token.as_slice()).arg("NX").arg("PX").arg(LEASE);
        let taken: Option<String> = connection.query(&set).await?;
        Ok(taken.map(|_| Self { connection, layout, token }))
    }

    /// Begins a generation. From now on, whoever lists an object anew notes it. False if another server has taken over.
    ///
    /// # Errors
    /// Redis fails.
    pub(super) async fn begin(&self, next: &str, proof: &Mac) -> Result<bool> {
        let mut call = BEGIN.prepare_invoke();
        self.keys(&mut call);
        call.arg(self.token.as_slice()).arg(next).arg(proof.0.as_slice());
        Ok(self.run(&call).await? == 1)
    }

    /// What a transaction checks that is made only as long as nobody else has the right.
    pub(super) fn stamp(&self) -> Stamp {
        self.token.to_vec()
    }

    /// Notes that objects up to this place are listed; false if another server has taken over.
    ///
    /// # Errors
    /// Redis fails.
    pub(super) async fn note(&self, at: i64) -> Result<bool> {
        let mut call = NOTE.prepare_invoke();
        self.keys(&mut call);
        call.arg(self.token.as_slice()).arg(at).arg(LEASE);
        Ok(self.run(&call).await? == 1)
    }

    /// Makes the new generation the current one, if no object has changed since all were listed.
    ///
    /// # Errors
    /// Redis fails.
    pub(super) async fn finish(&self, current: &str, next: &str, proof: &Mac) -> Result<Finished> {
        let mut call = FINISH.prepare_invoke();
        self.keys(&mut call);
        call.arg(self.token.as_slice()).arg(current).arg(next).arg(proof.0.as_slice()).arg(LEASE);
        Ok(match self.run(&call).await? {
            1 => Finished::Yes,
            0 => Finished::MoreHaveChanged,
            _ => Finished::Lost,
        })
    }

    /// Gives the right up.
    ///
    /// # Errors
    /// Redis fails.
    pub(super) async fn end(self) -> Result<()> {
        let mut call = END.prepare_invoke();
        self.keys(&mut call);
        call.arg(self.token.as_slice());
        self.run(&call).await.map(|_| ())
    }

    fn keys(&self, call: &mut ScriptInvocation<'_>) {
        let layout = self.layout;
        call.key(layout.builder()).key(layout.header()).key(layout.index());
        call.key(layout.changed()).key(layout.abandoned());
    }

    async fn run(&self, call: &ScriptInvocation<'_>) -> Result<i64> {
        self.connection.script(call).await.map_err(failed)
    }
}

static BEGIN: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end
local begun = redis.call('HGET', KEYS[2], 'next')
if begun == ARGV[2] then return 1 end
if begun then redis.call('SADD', KEYS[5], begun) end
redis.call('DEL', KEYS[4])
redis.call('HSET', KEYS[2], 'next', ARGV[2], 'next-label', ARGV[3], 'at', '0')
return 1
",
    )
});

static NOTE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end
redis.call('HSET', KEYS[2], 'at', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
",
    )
});

static FINISH: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
local state = redis.call('GET', KEYS[3])
if string.sub(state, 1, #ARGV[3]) == ARGV[3] then return 1 end
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end
redis.call('PEXPIRE', KEYS[1], ARGV[5])
if redis.call('SCARD', KEYS[4]) > 0 then return 0 end
local _, counter = string.match(state, '^(%x+)%.(%d+)$')
redis.call('SADD', KEYS[5], ARGV[2])
redis.call('SET', KEYS[3], ARGV[3] .. '.' .. string.format('%016.0f', tonumber(counter) + 1))
redis.call('HSET', KEYS[2], 'label', ARGV[4])
redis.call('HDEL', KEYS[2], 'next', 'next-label', 'at')
return 1
",
    )
});

static END: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
",
    )
});

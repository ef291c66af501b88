//! The memory of Findex in Redis: one key for each word.

use std::fmt;
use std::sync::LazyLock;

use claviger_plugin_sdk::Error;
use cosmian_sse_memories::{ADDRESS_LENGTH, MemoryADT};
use redis::{Cmd, Script, cmd};

use super::entry::{WORD, Word};
use crate::connection::{Connection, failed};
use crate::layout::Layout;

/// An address of a word.
pub(super) type Address = cosmian_sse_memories::Address<ADDRESS_LENGTH>;

/// How many words one command reads.
const AT_ONCE: usize = 1000;

/// The words of one generation of the index.
#[derive(Clone)]
pub(super) struct RedisMemory {
    pub(super) connection: Connection,
    pub(super) layout: Layout,
    pub(super) generation: String,
}

impl RedisMemory {
    /// The key of a word.
    pub(super) fn key(&self, address: &Address) -> Vec<u8> {
        self.layout.word(&self.generation, address)
    }
}

impl MemoryADT for RedisMemory {
    type Address = Address;
    type Word = Word;
    type Error = MemoryError;

    async fn batch_read(&self, addresses: Vec<Address>) -> Result<Vec<Option<Word>>, MemoryError> {
        let mut words = Vec::with_capacity(addresses.len());
        for some in addresses.chunks(AT_ONCE) {
            let mut read: Cmd = cmd("MGET");
            some.iter().for_each(|address| {
                read.arg(self.key(address));
            });
            let found: Vec<Option<Vec<u8>>> = self.connection.query(&read).await?;
            for word in found {
                words.push(word.map(word_of).transpose()?);
            }
        }
        Ok(words)
    }

    async fn guarded_write(
        &self,
        (guard, expected): (Address, Option<Word>),
        bindings: Vec<(Address, Word)>,
    ) -> Result<Option<Word>, MemoryError> {
        let mut call = GUARDED_WRITE.prepare_invoke();
        call.key(self.key(&guard)).arg(expected.as_ref().map_or(&[][..], |word| word.as_slice()));
        for (address, word) in &bindings {
            call.key(self.key(address)).arg(word.as_slice());
        }
        // Written twice, an entry is in its list twice, which means the same.
        let found: Option<Vec<u8>> = self.connection.script(&call).await.map_err(failed)?;
        found.map(word_of).transpose()
    }
}

static GUARDED_WRITE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
local found = redis.call('GET', KEYS[1])
if (found or '') ~= ARGV[1] then return found end
for k = 2, #KEYS do redis.call('SET', KEYS[k], ARGV[k]) end
return found
",
    )
});

fn word_of(bytes: Vec<u8>) -> Result<Word, MemoryError> {
    let word = <[u8; WORD]>::try_from(bytes);
    word.map_err(|_| {
        MemoryError(Error::storage("the index in the storage is damaged: a word has another length"))
    })
}

/// Why a memory of Findex failed.
#[derive(Debug)]
pub(super) struct MemoryError(pub(super) Error);

impl From<Error> for MemoryError {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl fmt::Display for MemoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl std::error::Error for MemoryError {}

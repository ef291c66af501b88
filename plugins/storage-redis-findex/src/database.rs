//! An opened database: what all that reads and writes it shares.

use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::{Error, Result};
use redis::{Cmd, cmd};
use zeroize::Zeroizing;

use crate::connection::{Address, Connection};
use crate::index::FindexLists;
use crate::keys::{Keys, Mac, PasswordCost};
use crate::layout::{Layout, object_name};
use crate::object::{Object, Side, Whole};
use crate::sealed::{self, Kind, Stamp, stamp};
use crate::{durability, header, rights, rotation};

/// How many objects one command reads.
pub(crate) const AT_ONCE: usize = 200;

/// What opens a database.
pub(crate) struct Opening<'a> {
    pub(crate) address: Address<'a>,
    pub(crate) prefix: &'a str,
    pub(crate) password: Zeroizing<String>,
    pub(crate) label: &'a str,
    /// Whether everything in it is removed before.
    pub(crate) clear: bool,
    pub(crate) cost: PasswordCost,
}

/// An opened database.
pub(crate) struct Database {
    pub(crate) connection: Connection,
    pub(crate) layout: Layout,
    pub(crate) keys: Keys,
    pub(crate) lists: FindexLists,
}

/// An object as it was read, or its absence.
pub(crate) struct Fetched {
    pub(crate) whole: Option<Whole>,
    pub(crate) object_stamp: Stamp,
    pub(crate) side_stamp: Stamp,
}

impl Database {
    /// Opens the database; makes it if there is none, and builds its index anew if the label is another than before.
    ///
    /// # Errors
    /// Invalid Field: a setting is no good, or the password is not that of the database. Internal Server Error: Redis
    /// cannot be used.
    pub(crate) async fn open(opening: Opening<'_>) -> Result<Self> {
        let layout = Layout::new(opening.prefix)?;
        let connection = Connection::open(&opening.address).await?;
        durability::check(&connection).await?;
        rights::check(&connection, &layout).await?;
        if opening.clear {
            clear(&connection, &layout).await?;
        }
        let keys = header::open(&connection, &layout, opening.password, opening.label, opening.cost).await?;
        let lists = rotation::settle(&connection, &layout, &keys, opening.label).await?;
        Ok(Self { connection, layout, keys, lists })
    }

    /// Opens the database without changing anything in it; `None` if there is none.
    ///
    /// # Errors
    /// As those of [`Database::open`]; the label is another one than that of the index.
    pub(crate) async fn open_as_it_is(opening: Opening<'_>) -> Result<Option<Self>> {
        let layout = Layout::new(opening.prefix)?;
        let connection = Connection::open(&opening.address).await?;
        let keys = header::open_as_it_is(&connection, &layout, opening.password, opening.cost).await?;
        let Some(keys) = keys else { return Ok(None) };
        let lists = rotation::current(&connection, &layout, &keys, opening.label).await?;
        Ok(Some(Self { connection, layout, keys, lists }))
    }

    /// What stands for an identifier.
    pub(crate) fn object_name(&self, id: &ObjectId) -> Mac {
        object_name(&self.keys, id.as_str())
    }

    /// The state of the index: it changes whenever a list shrinks.
    ///
    /// # Errors
    /// The index was built anew under another label. Redis fails.
    pub(crate) async fn index_state(&self) -> Result<Stamp> {
        let state: Option<Vec<u8>> = self.connection.query(cmd("GET").arg(self.layout.index())).await?;
        self.checked_state(state)
    }

    /// The state of the index, if it is still that which this server knows the keys of.
    ///
    /// # Errors
    /// It was built anew under another label, or is gone.
    pub(crate) fn checked_state(&self, state: Option<Vec<u8>>) -> Result<Stamp> {
        let state = state
            .ok_or_else(|| Error::storage("the database was removed from its Redis: restart the server"))?;
        if header::generation_of(&state)? == self.lists.generation() {
            return Ok(state);
        }
        Err(Error::storage(
            "another server has built the index anew under another --redis-findex-label: restart this server with that label",
        ))
    }

    /// Reads objects; one for each name.
    ///
    /// # Errors
    /// Redis fails, or a value is damaged.
    pub(crate) async fn fetch(&self, names: &[Mac]) -> Result<Vec<Fetched>> {
        fetch(&self.connection, &self.layout, &self.keys, names).await
    }
}

/// Reads objects; one for each name.
///
/// # Errors
/// Redis fails, or a value is damaged.
pub(crate) async fn fetch(
    connection: &Connection,
    layout: &Layout,
    keys: &Keys,
    names: &[Mac],
) -> Result<Vec<Fetched>> {
    let mut fetched = Vec::with_capacity(names.len());
    for some in names.chunks(AT_ONCE) {
        let mut read: Cmd = cmd("MGET");
        some.iter().for_each(|name| {
            read.arg(layout.object(name)).arg(layout.side(name));
        });
        let values: Vec<Option<Vec<u8>>> = connection.query(&read).await?;
        let mut values = values.into_iter();
        for name in some {
            let (object, side) = (values.next().flatten(), values.next().flatten());
            fetched.push(open_object(keys, name, object, side)?);
        }
    }
    Ok(fetched)
}

/// Decrypts an object and what stands beside it.
///
/// # Errors
/// One of them is damaged.
pub(crate) fn open_object(
    keys: &Keys,
    name: &Mac,
    object: Option<Vec<u8>>,
    side: Option<Vec<u8>>,
) -> Result<Fetched> {
    let (object_stamp, side_stamp) = (stamp(object.as_ref()), stamp(side.as_ref()));
    let whole = match object {
        Some(object) => {
            let object = Object::decode(&sealed::open(keys, Kind::Object, name, object)?)?;
            let side = match side {
                Some(side) => Side::decode(&sealed::open(keys, Kind::Side, name, side)?)?,
                None => Side::default(),
            };
            Some(Whole { name: *name, object, side })
        }
        None => None,
    };
    Ok(Fetched { whole, object_stamp, side_stamp })
}

/// Removes everything that belongs to the database, and nothing else.
async fn clear(connection: &Connection, layout: &Layout) -> Result<()> {
    remove_matching(connection, &layout.everything()).await
}

/// Removes all keys of a pattern, some at a time.
///
/// # Errors
/// Redis fails.
pub(crate) async fn remove_matching(connection: &Connection, pattern: &str) -> Result<()> {
    let mut cursor = 0_u64;
    loop {
        let mut scan = cmd("SCAN");
        scan.arg(cursor).arg("MATCH").arg(pattern).arg("COUNT").arg(1000);
        let (next, keys): (u64, Vec<Vec<u8>>) = connection.query(&scan).await?;
        if !keys.is_empty() {
            connection.query::<i64>(cmd("UNLINK").arg(keys)).await?;
        }
        if next == 0 {
            return Ok(());
        }
        cursor = next;
    }
}

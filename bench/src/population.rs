//! Keys for Locate to choose from: each has a tag of its own and one that it shares with nine others.

use std::net::SocketAddr;

use xtask::Outcome;

use crate::connection::{Connection, Endpoint};
use crate::message::{Ask, WireForm};
use crate::ttlv;

const KEYS_A_MESSAGE: usize = 100;

/// The keys that a server holds for this purpose.
pub(crate) struct Population {
    size: usize,
}

impl Population {
    /// No keys yet.
    pub(crate) fn new() -> Self {
        Self { size: 0 }
    }

    /// How many keys there are.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// Creates keys until there are this many.
    ///
    /// # Errors
    /// The server refuses one.
    pub(crate) async fn grow(&mut self, endpoint: &Endpoint, form: WireForm, size: usize) -> Outcome {
        let mut connection = Connection::open(endpoint).await?;
        while self.size < size {
            let end = size.min(self.size + KEYS_A_MESSAGE);
            let tags: Vec<Vec<String>> =
                (self.size..end).map(|key| vec![own_tag(key), shared_tag(key)]).collect();
            let request = request(endpoint.address, form, &Ask::CreateMany { tags: &tags })?;
            ttlv::check(connection.exchange(&request).await?)?;
            self.size = end;
        }
        Ok(())
    }

    /// Tags that exactly so many keys have: 1 or 10.
    pub(crate) fn tags(&self, hits: usize) -> Vec<String> {
        match hits {
            1 => (0..self.size).map(own_tag).collect(),
            _ => (0..self.size - self.size % 10).step_by(10).map(shared_tag).collect(),
        }
    }
}

fn own_tag(key: usize) -> String {
    format!("own-{key}")
}

fn shared_tag(key: usize) -> String {
    format!("shared-{}", key / 10)
}

fn request(address: SocketAddr, form: WireForm, ask: &Ask<'_>) -> Outcome<Vec<u8>> {
    Ok(form.frame(address, &ask.body(form)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_tag_belongs_to_exactly_ten_keys() {
        let population = Population { size: 25 };
        assert_eq!(population.tags(10), ["shared-0", "shared-1"]);
        assert_eq!((0..25).filter(|&key| shared_tag(key) == "shared-1").count(), 10);
        assert_eq!(population.tags(1).len(), 25);
    }
}

//! Growth of resident memory over many requests.

use std::path::Path;
use std::sync::Arc;

use xtask::{Outcome, step};

use crate::connection::Connection;
use crate::database::Database;
use crate::load::send;
use crate::message::{Ask, Requests, WireForm, identifier};
use crate::population::Marks;
use crate::process::resident_kib;
use crate::scenario::By;
use crate::session::Subject;

const KEYS: usize = 10_000;
const CONNECTIONS: usize = 16;
const STEPS: u64 = 10;

/// What the memory may grow by after the warm-up.
const LIMIT: f64 = 0.05;

/// Sends this many requests, Encrypt, Get and Locate in turn, and prints how the memory grows.
///
/// # Errors
/// A request fails, or the memory grows by more than 5 %.
pub(crate) async fn run(binary: &Path, requests: u64) -> Outcome {
    let mut subject = Subject::start(binary, false, &Database::sqlite(), Marks::Tags)?;
    step::announce(&format!("{KEYS} keys, then {requests} requests on {CONNECTIONS} connections"));
    subject.populate(KEYS).await?;
    let endpoint = subject.endpoint(WireForm::Rest)?;
    let mix = Arc::new(mix(&subject).await?);
    let share = requests / STEPS;
    send(&endpoint, &mix, CONNECTIONS, share).await?;
    let warm = resident_kib(subject.server.pid())?;
    println!("after a warm-up of {share}: {warm} KiB");
    for step in 1..=STEPS {
        send(&endpoint, &mix, CONNECTIONS, share).await?;
        println!("after {:>9} more: {} KiB", step * share, resident_kib(subject.server.pid())?);
    }
    let growth = resident_kib(subject.server.pid())? as f64 / warm as f64 - 1.0;
    println!("growth: {:.1} %", growth * 100.0);
    if growth > LIMIT { Err("the memory grows by more than 5 %".into()) } else { Ok(()) }
}

async fn mix(subject: &Subject) -> Outcome<Requests> {
    let endpoint = subject.endpoint(WireForm::Rest)?;
    let create = WireForm::Rest.frame(endpoint.address, &Ask::Create { tags: &[] }.body(WireForm::Rest)?);
    let key = identifier(WireForm::Rest, Connection::open(&endpoint).await?.exchange(&create).await?)?;
    let tags = subject.population.conditions(By::Tag, 1);
    let asks = tags.iter().flat_map(|tag| {
        let encrypt = Ask::Encrypt { key: &key, data: &[0x5A; 64], times: 1 };
        [encrypt, Ask::Get { key: &key }, Ask::Locate { by: tag }]
    });
    Requests::new(WireForm::Rest, endpoint.address, asks)
}

//! Running the server: from settings to listening sockets, and to a good end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use claviger_engine::Engine;
use claviger_engine::dynamic::LibraryOptions;
use claviger_engine::registry::Registry;
use claviger_engine::sealing::Sealing;
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::timer::Timer;
use tokio::net::TcpListener;
use tracing::{info, warn};

use crate::audit::AuditLogs;
use crate::bulk::BulkThreads;
use crate::failure::Failure;
use crate::listen::{Bound, Speaker, accept};
use crate::log;
use crate::plugin_options;
use crate::room::Room;
use crate::secret_memory::{self, CoreDumps};
use crate::shutdown::{Ending, Request, Shutdown, Signals};
use crate::start::{Server, number};
use crate::tls::Tls;

/// Runs the server until a signal ends it.
///
/// # Errors
/// It cannot start: a setting, a plugin, the storage, a certificate or an address is no good.
pub(crate) fn run(
    settings: &Settings,
    libraries: &[LibraryOptions],
    warnings: &[String],
    core_dumps: CoreDumps,
) -> Result<(), Failure> {
    let started = Instant::now();
    log::start(settings)?;
    core_dumps.settle(settings);
    let memory = secret_memory::lock(settings)?;
    for warning in warnings {
        warn!("{warning}");
    }
    let registry = plugin_options::registry(settings, libraries)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(format!("cannot start threads: {error}")))?;
    let (bulk, handshakes) = (BulkThreads::start()?, BulkThreads::start_for_handshakes()?);
    let room = Room::new(settings, bulk.bulk()?, handshakes.bulk()?)?;
    let result = runtime.block_on(serve(settings, Arc::new(registry), room, &memory, started));
    // What has not ended by now was given its time.
    runtime.shutdown_timeout(Duration::from_secs(1));
    result
}

async fn serve(
    settings: &Settings,
    registry: Arc<Registry>,
    room: Room,
    memory: &str,
    started: Instant,
) -> Result<(), Failure> {
    let mut signals = Signals::listen()?;
    let tls = Tls::from_settings(settings)?.map(Arc::new);
    let addresses = Addresses::take(settings, tls.is_some()).await?;
    create_root(settings)?;
    let server = Server::start(settings, registry, room).await?;
    let shutdown = Shutdown::new();
    addresses.listen(&server, tls.as_ref(), &shutdown)?;
    tokio::spawn(run_jobs(server.engine.clone(), shutdown.watch()));
    tokio::spawn(run_timers(server.engine.clone(), server.timers.clone(), shutdown.watch()));
    tokio::spawn(run_endpoints(server.engine.clone(), shutdown.watch()));
    tokio::spawn(settle_refusals(server.engine.clone(), shutdown.watch()));
    if let Some(sealing) = server.sealing.clone() {
        tokio::spawn(run_sealing(sealing, shutdown.watch()));
    }
    info!("{memory}");
    server.room.file_limit.log();
    let heads =
        server.own_store.clone().and_then(|store| server.audit.keep_heads_in(store)).map(tokio::spawn);
    info!(milliseconds = started.elapsed().as_millis() as u64, version = env!("CARGO_PKG_VERSION"), "ready");
    let watching = tls.clone().map(|tls| tokio::spawn(async move { tls.watch().await }));
    until_told_to_end(&mut signals, tls.as_ref(), &server.audit).await;
    if let Some(watching) = watching {
        watching.abort();
    }
    let audit = server.audit.clone();
    end(settings, shutdown).await?;
    // Writing and signing may take a moment, and nothing else is left to be done.
    let _ = tokio::task::spawn_blocking(move || audit.close()).await;
    if let Some(heads) = heads {
        // The last one is kept, too. It ends by itself, since nobody makes heads any more.
        let _ = heads.await;
    }
    Ok(())
}

/// Runs asynchronous requests until the server ends. Those that have begun by then may finish like any request.
async fn run_jobs(engine: Arc<Engine>, mut ending: Ending) {
    engine.run_jobs(ending.begins()).await;
}

/// Does what is to be done by itself until the server ends.
async fn run_timers(engine: Arc<Engine>, timers: Vec<Arc<dyn Timer>>, mut ending: Ending) {
    engine.run_timers(&timers, ending.begins()).await;
}

/// Tells clients what becomes of their objects until the server ends.
async fn run_endpoints(engine: Arc<Engine>, mut ending: Ending) {
    engine.run_endpoints(ending.begins()).await;
}

/// Has audit told of refused callers who have no records of their own, until the server ends.
async fn settle_refusals(engine: Arc<Engine>, mut ending: Ending) {
    loop {
        tokio::select! {
            biased;
            () = ending.begins() => return engine.settle_refusals(true),
            () = tokio::time::sleep(SETTLE_EVERY) => engine.settle_refusals(false),
        }
    }
}

/// How often refused callers are summed up.
const SETTLE_EVERY: Duration = Duration::from_secs(5);

/// Writes what the storage holds anew, where it is not sealed as the settings say, until the server ends.
async fn run_sealing(sealing: Sealing, mut ending: Ending) {
    sealing.run(ending.begins()).await;
}

/// The port that is registered for KMIP.
const TTLV_PORT: u16 = 5_696;

/// The addresses that the settings name, taken before anything is touched.
struct Addresses {
    http: Bound,
    ttlv: Option<Bound>,
}

impl Addresses {
    async fn take(settings: &Settings, has_tls: bool) -> Result<Self, Failure> {
        let hostname = settings.text("hostname").unwrap_or_default();
        let http = Bound::take(hostname, number(settings, "port")?).await?;
        let ttlv = match ttlv_port(settings, has_tls)? {
            Some(port) => Some(Bound::take(hostname, port).await?),
            None => None,
        };
        Ok(Self { http, ttlv })
    }

    fn listen(self, server: &Server, tls: Option<&Arc<Tls>>, shutdown: &Shutdown) -> Result<(), Failure> {
        let start = |listener, speaker| {
            tokio::spawn(accept(listener, speaker, server.room.clone(), shutdown.watch()));
        };
        let (http, address) = listening(self.http)?;
        info!(%address, "listening for {}", if tls.is_some() { "HTTPS" } else { "HTTP" });
        if server.unauthenticated && !address.ip().is_loopback() {
            warn_of_open_doors(address);
        }
        start(http, Speaker::Http(server.http.clone(), tls.cloned()));
        if let (Some(ttlv), Some(tls)) = (self.ttlv, tls) {
            let (ttlv, address) = listening(ttlv)?;
            info!(%address, "listening for TTLV over TLS");
            start(ttlv, Speaker::Ttlv(server.ttlv.clone(), tls.clone()));
        }
        Ok(())
    }
}

/// The port for TTLV, if it is served: never without TLS.
fn ttlv_port(settings: &Settings, has_tls: bool) -> Result<Option<u16>, Failure> {
    if !has_tls || !settings.switch("ttlv") {
        return Ok(None);
    }
    match settings.text("ttlv-port") {
        Some(_) => number(settings, "ttlv-port").map(Some),
        None => Ok(Some(TTLV_PORT)),
    }
}

fn listening(bound: Bound) -> Result<(TcpListener, SocketAddr), Failure> {
    let listener = bound.listen()?;
    let address = listener.local_addr().map_err(|error| Failure::new(format!("cannot listen: {error}")))?;
    Ok((listener, address))
}

fn warn_of_open_doors(address: SocketAddr) {
    warn!("****************************************************************************");
    warn!("NO AUTHENTICATION IS CONFIGURED, AND {address} IS REACHABLE FROM OTHER MACHINES:");
    warn!("everyone who reaches it may use, read and destroy every key. Configure a way");
    warn!("to authenticate, such as --authority-cert-file, or use --hostname 127.0.0.1.");
    warn!("****************************************************************************");
}

fn create_root(settings: &Settings) -> Result<(), Failure> {
    use std::os::unix::fs::DirBuilderExt as _;
    let root = settings.root();
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(root).map_err(|error| {
        Failure::new(format!(
            "cannot create the data folder {}: {error}; see --root-data-path",
            root.display()
        ))
    })
}

async fn until_told_to_end(signals: &mut Signals, tls: Option<&Arc<Tls>>, audit: &AuditLogs) {
    while signals.next().await == Request::Reload {
        if let Some(tls) = tls {
            tls.reload().await;
        }
        audit.reopen();
    }
}

async fn end(settings: &Settings, shutdown: Shutdown) -> Result<(), Failure> {
    let grace = Duration::from_secs(number(settings, "shutdown-grace")?);
    info!(seconds = grace.as_secs(), "ending: accepted requests may finish");
    match shutdown.end(grace).await {
        true => info!("ended"),
        false => warn!("ended with requests unfinished: their time was over"),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::configuration::table::SettingsTable;
    use crate::configuration::{Configuration, Sources};

    fn port(flags: &[(&'static str, &str)], has_tls: bool) -> Option<u16> {
        let flags: BTreeMap<_, _> = flags.iter().map(|(flag, value)| (*flag, (*value).to_owned())).collect();
        let sources = Sources { flags, ..Sources::default() };
        let table = SettingsTable::of(&[]).unwrap();
        let settings = Configuration::read(&table, &sources).unwrap().into_settings().unwrap();
        ttlv_port(&settings, has_tls).unwrap()
    }

    #[test]
    fn ttlv_has_its_registered_port_once_there_are_certificates() {
        assert_eq!(port(&[], false), None);
        assert_eq!(port(&[], true), Some(5_696));
        assert_eq!(port(&[("ttlv-port", "7000")], true), Some(7_000));
        assert_eq!(port(&[("ttlv", "false")], true), None);
        assert_eq!(port(&[("ttlv", "false"), ("ttlv-port", "7000")], true), None);
    }
}

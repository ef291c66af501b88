//! What a running server consists of, made from the settings.

use std::sync::Arc;
use std::time::Duration;

use claviger_engine::registry::Registry;
use claviger_engine::sealing::Sealing;
use claviger_engine::{
    Authenticators, Engine, EngineOptions, ImpliedRights, JobLimits, RequiredAudit, SystemClock, TicketLimits,
};
use claviger_kmip::codec::limits::Limits;
use claviger_plugin_sdk::audit::AuditSink;
use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::plugin::Catalogue as _;
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::store::{ObjectStore, StoreFactory, StoreSource, Subject};
use claviger_plugin_sdk::timer::Timer;

use crate::audit::{self, AuditLogs};
use crate::db::incomplete;
use crate::failure::Failure;
use crate::http::{AllowedOrigins, Http, PluginRoutes, REST, Readiness};
use crate::log;
use crate::metrics::Metrics;
use crate::plugin_options::list;
use crate::randomness::LibraryRandom;
use crate::rate::Rate;
use crate::room::Room;
use crate::socket::TtlvSocket;
use crate::tls::Tls;
use crate::{algorithm_policy, answering, sealing};

/// Everything behind the sockets.
pub(crate) struct Server {
    /// What runs the requests.
    pub(crate) engine: Arc<Engine>,
    /// What it does by itself.
    pub(crate) timers: Vec<Arc<dyn Timer>>,
    /// What HTTP connections share.
    pub(crate) http: Arc<Http>,
    /// What TTLV connections share.
    pub(crate) ttlv: Arc<TtlvSocket>,
    /// The seal of what the storage holds.
    pub(crate) sealing: Option<Sealing>,
    /// Room for clients.
    pub(crate) room: Arc<Room>,
    /// The audit logs.
    pub(crate) audit: Arc<AuditLogs>,
    /// The only store, if that is not for each group of users.
    pub(crate) own_store: Option<Arc<dyn ObjectStore>>,
    /// Whether anyone who reaches the server may use it.
    pub(crate) unauthenticated: bool,
}

impl Server {
    /// Opens the storage and puts everything together.
    ///
    /// # Errors
    /// A setting, the storage, an authenticator or a plugin's route is no good.
    pub(crate) async fn start(
        settings: &Settings,
        registry: Arc<Registry>,
        room: Room,
    ) -> Result<Self, Failure> {
        let room = Arc::new(room);
        let authenticators = authenticators(settings, &registry)?;
        let unauthenticated = authenticators.configured.is_empty();
        let plugin_routes = PluginRoutes::of(&registry)?;
        let allowed_origins = allowed_origins(settings)?;
        let limits = Limits { length: number(settings, "max-body-size")?, ..Limits::default() };
        let (store, sealing) = sealing::over(store(settings, &registry).await?, settings).await?;
        // Where each database belongs to somebody, the server has none of its own.
        let own_store = store.open(&ConnectionFacts::internal()).ok();
        let audit = AuditLogs::start(settings, own_store.clone()).await?;
        let operations = registry.operations();
        let names = operations.iter().filter_map(|(code, _)| registry.operation(*code));
        let metrics = Metrics::new(names.map(|operation| operation.name()), sealing.clone());
        let metrics = Arc::new(metrics);
        let options = EngineOptions {
            authenticators,
            implied_rights: implied_rights(settings),
            algorithm_policy: algorithm_policy::of(settings, &registry)?,
            limits: engine_limits(settings, &limits)?,
            clock: Arc::new(SystemClock),
            random: Arc::new(|| Box::new(LibraryRandom)),
            audit: audit_sinks(settings, &registry, audit::sink(&audit))?,
            required_audit: required_audit(settings)?,
            observer: Some(metrics.clone()),
        };
        let timers = timers(settings, &registry)?;
        let rest = registry.dialect(REST);
        let engine = Arc::new(Engine::new(registry, store, options));
        let clients = answering::configured(settings, limits)?;
        engine
            .configure_clients(clients)
            .map_err(|error| Failure::from_error("--client-endpoints", &error))?;
        let ttlv =
            TtlvSocket { engine: engine.clone(), limits, metrics: metrics.clone(), room: room.clone() };
        let http = Http {
            engine: engine.clone(),
            rest,
            plugin_routes,
            new_databases: Rate::hourly(number(settings, "new-databases-per-hour")?, Arc::new(SystemClock)),
            limits,
            allowed_origins,
            metrics,
            room: room.clone(),
            readiness: Readiness::default(),
            audit: audit.clone(),
        };
        Ok(Self {
            engine,
            timers,
            http: Arc::new(http),
            ttlv: Arc::new(ttlv),
            sealing,
            room,
            audit,
            own_store,
            unauthenticated,
        })
    }
}

/// An engine over the storage, for which everything is done by one user, whom nobody has to prove: whoever runs a command on
/// the database may do anything with it.
///
/// # Errors
/// A setting or the storage is no good.
pub(crate) async fn engine_for(
    settings: &Settings,
    registry: Arc<Registry>,
    user: &str,
) -> Result<Engine, Failure> {
    let limits = Limits { length: number(settings, "max-body-size")?, ..Limits::default() };
    let (store, _) = sealing::over(store(settings, &registry).await?, settings).await?;
    let audit = AuditLogs::start(settings, store.open(&ConnectionFacts::internal()).ok()).await?;
    let authenticators = Authenticators {
        configured: Vec::new(),
        require_all: true,
        default_user: user.to_owned(),
        force_default_user: false,
        operators: Vec::new(),
        creators: None,
    };
    let options = EngineOptions {
        authenticators,
        implied_rights: implied_rights(settings),
        algorithm_policy: algorithm_policy::of(settings, &registry)?,
        limits: engine_limits(settings, &limits)?,
        clock: Arc::new(SystemClock),
        random: Arc::new(|| Box::new(LibraryRandom)),
        audit: audit_sinks(settings, &registry, audit::sink(&audit))?,
        required_audit: required_audit(settings)?,
        observer: None,
    };
    Ok(Engine::new(registry, store, options))
}

/// An engine over a storage, for one who may ask what others may do, as the settings say it of them. He has the name that
/// no user can have.
///
/// # Errors
/// A setting is no good.
pub(crate) fn engine_to_explain(
    settings: &Settings,
    registry: Arc<Registry>,
    store: Arc<dyn StoreSource>,
) -> Result<Engine, Failure> {
    const NOBODY: &str = "*";
    let mut operators = operators(settings)?;
    operators.push(Subject::User(NOBODY.into()));
    let authenticators = Authenticators {
        configured: Vec::new(),
        require_all: true,
        default_user: NOBODY.to_owned(),
        force_default_user: false,
        operators,
        creators: creators(settings)?,
    };
    let options = EngineOptions {
        authenticators,
        implied_rights: implied_rights(settings),
        algorithm_policy: algorithm_policy::of(settings, &registry)?,
        limits: engine_limits(settings, &Limits::default())?,
        clock: Arc::new(SystemClock),
        random: Arc::new(|| Box::new(LibraryRandom)),
        audit: Vec::new(),
        required_audit: RequiredAudit::Nothing,
        observer: None,
    };
    Ok(Engine::new(registry, store, options))
}

/// The engine's bounds. What may come in may go out again, with what a cipher adds.
fn engine_limits(settings: &Settings, message: &Limits) -> Result<claviger_engine::Limits, Failure> {
    let limits = claviger_engine::Limits::default();
    let jobs = JobLimits {
        in_all: number(settings, "jobs-in-all")?,
        per_user: number(settings, "jobs-per-user")?,
        results_kept: Duration::from_secs(number(settings, "jobs-results-kept")?),
        ..limits.jobs
    };
    Ok(claviger_engine::Limits {
        batch_items: number(settings, "max-batch-items")?,
        message_time: Duration::from_secs(number(settings, "max-message-time")?),
        heavy_queue_per_user: number(settings, "heavy-work-per-user")?,
        response_bytes: limits.response_bytes.max(message.length.saturating_mul(2)),
        jobs,
        notices_kept: Duration::from_secs(number(settings, "notices-kept")?),
        tickets: TicketLimits {
            per_user: number(settings, "tickets-per-user")?,
            lease: Duration::from_secs(number(settings, "tickets-lease")?),
            longest_lease: Duration::from_secs(number(settings, "tickets-longest-lease")?),
        },
        failures_per_minute: number(settings, "auth-failures-per-minute")?,
        ..limits
    })
}

/// Finds what would keep a server with these settings from starting, short of storage, addresses and files to write.
///
/// # Errors
/// As those of a start.
pub(crate) fn check(settings: &Settings, registry: &Registry) -> Result<(), Failure> {
    log::filter(settings)?;
    Tls::from_settings(settings)?;
    authenticators(settings, registry)?;
    timers(settings, registry)?;
    answering::configured(settings, Limits::default())?;
    PluginRoutes::of(registry)?;
    allowed_origins(settings)?;
    algorithm_policy::of(settings, registry)?;
    store_factory(settings, registry)?;
    sealing::options(settings)?;
    required_audit(settings)?;
    Ok(())
}

fn allowed_origins(settings: &Settings) -> Result<AllowedOrigins, Failure> {
    AllowedOrigins::new(list(settings, "cors-origin")).map_err(|origin| {
        Failure::usage(format!("--cors-origin takes origins such as https://a.example, not `{origin}`"))
    })
}

/// A number that the configuration has checked.
///
/// # Errors
/// It is absent, or larger than this machine counts.
pub(crate) fn number<N: TryFrom<i64>>(settings: &Settings, flag: &str) -> Result<N, Failure> {
    let number = settings.number(flag).map_err(|error| Failure::from_error("configuration", &error))?;
    let number = number.and_then(|number| N::try_from(number).ok());
    number.ok_or_else(|| Failure::usage(format!("--{flag} needs a number that this machine can count to")))
}

/// What opens the storage that the settings name.
///
/// # Errors
/// It is not in this build.
pub(crate) fn store_factory(
    settings: &Settings,
    registry: &Registry,
) -> Result<&'static dyn StoreFactory, Failure> {
    let name = settings.text("database-type").unwrap_or_default();
    registry.store_factory(name).ok_or_else(|| {
        let known = registry.store_names().join(", ");
        Failure::usage(format!("--database-type `{name}` is not in this build; known are: {known}"))
    })
}

async fn store(settings: &Settings, registry: &Registry) -> Result<Arc<dyn StoreSource>, Failure> {
    let name = store_factory(settings, registry)?.name();
    let clear = settings.switch("clear-database");
    if clear {
        tracing::warn!(database = name, "all data is deleted, as --clear-database says");
    }
    let stores = open_storage(settings, registry, clear).await?;
    let whole = incomplete::refuse(&*stores).await;
    whole.map_err(|error| Failure::from_error(&format!("database {name}"), &error))?;
    Ok(stores)
}

/// Opens the storage that the settings name, as a server does; with `clear`, everything in it is deleted.
///
/// # Errors
/// It cannot be opened.
pub(crate) async fn open_storage(
    settings: &Settings,
    registry: &Registry,
    clear: bool,
) -> Result<Arc<dyn StoreSource>, Failure> {
    let factory = store_factory(settings, registry)?;
    let started = factory.start(settings, clear).await;
    started.map_err(|error| Failure::from_error(&format!("database {}", factory.name()), &error))
}

fn implied_rights(settings: &Settings) -> ImpliedRights {
    match settings.text("implied-rights") {
        Some("get-implies-use") => ImpliedRights::GetImpliesUse,
        _ => ImpliedRights::Exact,
    }
}

fn timers(settings: &Settings, registry: &Registry) -> Result<Vec<Arc<dyn Timer>>, Failure> {
    let mut timers = Vec::new();
    for factory in registry.timer_factories() {
        let started = factory.start(settings);
        timers.extend(
            started.map_err(|error| Failure::from_error(&format!("timer {}", factory.name()), &error))?,
        );
    }
    Ok(timers)
}

fn authenticators(settings: &Settings, registry: &Registry) -> Result<Authenticators, Failure> {
    let mut configured = Vec::new();
    for factory in registry.authenticator_factories() {
        let name = factory.name();
        let started = factory.start(settings);
        let started =
            started.map_err(|error| Failure::from_error(&format!("authentication by {name}"), &error))?;
        configured.extend(started.map(|authenticator| (name.to_owned(), authenticator)));
    }
    Ok(Authenticators {
        configured,
        require_all: settings.text("auth-require") != Some("any"),
        default_user: default_user(settings)?,
        force_default_user: settings.switch("force-default-username"),
        operators: operators(settings)?,
        creators: creators(settings)?,
    })
}

/// The server's own logs first, then the sinks of plugins.
fn audit_sinks(
    settings: &Settings,
    registry: &Registry,
    own: Option<Arc<dyn AuditSink>>,
) -> Result<Vec<Arc<dyn AuditSink>>, Failure> {
    let mut sinks: Vec<Arc<dyn AuditSink>> = own.into_iter().collect();
    for factory in registry.audit_sink_factories() {
        let started = factory.start(settings);
        sinks.extend(
            started.map_err(|error| Failure::from_error(&format!("audit by {}", factory.name()), &error))?,
        );
    }
    Ok(sinks)
}

/// The user for requests that prove nobody.
fn default_user(settings: &Settings) -> Result<String, Failure> {
    let name = settings.text("default-username").unwrap_or_default();
    match Subject::named(name) {
        Some(Subject::User(_)) => Ok(name.to_owned()),
        _ => Err(Failure::usage(format!("--default-username takes the name of a user, not `{name}`"))),
    }
}

/// What is not done without audit.
///
/// # Errors
/// Something is, and there is no audit at all.
fn required_audit(settings: &Settings) -> Result<RequiredAudit, Failure> {
    let required = match settings.text("audit-required") {
        Some("writes") => RequiredAudit::Writes,
        Some("material") => RequiredAudit::WritesAndMaterial,
        _ => RequiredAudit::Nothing,
    };
    if required != RequiredAudit::Nothing && !AuditLogs::are_wanted(settings) {
        return Err(Failure::usage(
            "--audit-required needs an audit log: --audit-file is `none`, and --audit-database is not given",
        ));
    }
    Ok(required)
}

/// The operators: users by name, groups as `group:NAME`.
fn operators(settings: &Settings) -> Result<Vec<Subject>, Failure> {
    let operators = subjects(settings, "operators")?;
    match operators.contains(&Subject::Everyone) {
        true => Err(Failure::usage("--operators names users and groups, not everyone")),
        false => Ok(operators),
    }
}

/// Who may make objects; `None` is everyone.
fn creators(settings: &Settings) -> Result<Option<Vec<Subject>>, Failure> {
    settings.text("creators").map(|_| subjects(settings, "creators")).transpose()
}

/// Users by name, groups as `group:NAME`, `*` for everyone.
pub(crate) fn subjects(settings: &Settings, flag: &str) -> Result<Vec<Subject>, Failure> {
    let subject = |item: &str| {
        Subject::named(item)
            .ok_or_else(|| Failure::usage(format!("--{flag}: `{item}` is no user, group:NAME or *")))
    };
    list(settings, flag).map(subject).collect()
}

#[cfg(test)]
mod tests {
    use claviger_engine::registry::RegistryOptions;
    use claviger_plugin_sdk::audit::{AuditRecord, AuditSinkFactory, AuditedRequest};
    use claviger_plugin_sdk::plugin::{API_VERSION, Entry, EntryKind, Manifest};
    use claviger_plugin_sdk::{BoxFuture, Error};

    use super::*;

    /// Is off, on, or cannot start, as the settings say.
    struct Sink;

    impl AuditSink for Sink {
        fn record(&self, _: &AuditedRequest<'_>, _: &[AuditRecord]) {}

        fn intend(&self, _: &AuditedRequest<'_>, _: &AuditRecord) -> BoxFuture<'_, Result<(), Error>> {
            Box::pin(async { Ok(()) })
        }
    }

    impl AuditSinkFactory for Sink {
        fn name(&self) -> &'static str {
            "sink"
        }

        fn start(&self, settings: &Settings) -> Result<Option<Arc<dyn AuditSink>>, Error> {
            match settings.text("sink") {
                None => Ok(None),
                Some("good") => Ok(Some(Arc::new(Self))),
                Some(_) => Err(Error::invalid("--sink is no good")),
            }
        }
    }

    static MANIFEST: Manifest = Manifest {
        name: "sinks",
        version: "1.0.0",
        api: API_VERSION,
        licence: "Apache-2.0",
        summary: "",
        settings: &[],
        vocabulary: &[],
        attributes: &[],
    };

    fn sinks(setting: Option<&str>) -> Result<usize, String> {
        let entries = [EntryKind::Manifest(&MANIFEST), EntryKind::AuditSink(&Sink)];
        let entries = entries.map(|kind| Entry::new(MANIFEST.name, kind)).into();
        let registry = Registry::build(entries, &RegistryOptions::default()).unwrap();
        let settings = Settings::new("/".into(), setting.map(|value| ("sink", value.to_owned())));
        audit_sinks(&settings, &registry, None)
            .map(|sinks| sinks.len())
            .map_err(|failure| failure.to_string())
    }

    #[test]
    fn a_plugins_audit_sink_is_told_when_it_is_configured_and_stops_the_start_when_it_is_no_good() {
        assert_eq!(sinks(None), Ok(0));
        assert_eq!(sinks(Some("good")), Ok(1));
        assert_eq!(sinks(Some("bad")), Err("audit by sink: --sink is no good".to_owned()));
    }
}

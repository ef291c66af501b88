//! One run of the benchmark, from the build to the report.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use xtask::certificates::Certificates;
use xtask::running_server::{RunningServer, ServerStart};
use xtask::{Outcome, step, workspace};

use crate::bare_handler::BareHandler;
use crate::connection::{Connection, Endpoint, Framing, client_tls};
use crate::database::Database;
use crate::load::{Measurement, measure};
use crate::message::{Ask, Requests, WireForm, hits, identifier};
use crate::options::CommandLine;
use crate::owners::Owners;
use crate::population::{Marks, Population};
use crate::process::resident_kib;
use crate::report::{Report, Row};
use crate::scenario::{By, LOCATES, SCENARIOS, Scenario, Work};
use crate::{attack, audit, crypto, soak};

/// Restarts that the start-up time is the median of.
const RESTARTS: usize = 5;

/// Measures what the command line asks for.
pub(crate) fn run(options: &CommandLine) -> Outcome {
    let binary = match &options.server {
        Some(binary) => binary.clone(),
        None => {
            let build = ["build", "--release", "--quiet", "--package", "claviger-server"];
            step::run("build the release server", &mut step::cargo(build))?;
            workspace::server_binary("release")
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    if let Some(requests) = options.soak {
        return runtime.block_on(soak::run(&binary, requests));
    }
    if options.attack {
        return runtime.block_on(attack::run(&binary, options));
    }
    #[cfg(feature = "covercrypt")]
    if options.covercrypt {
        return runtime.block_on(crate::covercrypt::run(&binary, options));
    }
    if options.crypto {
        return runtime.block_on(crypto::run(&binary, options));
    }
    if options.audit {
        return runtime.block_on(audit::run(&binary, options));
    }
    let database = Database::of(options)?;
    let report = Report { store: database.kind().to_owned(), ..Report::default() };
    let mut session = Session { options, binary, database, report, bare: BareHandler::start()? };
    if options.locate {
        runtime.block_on(session.measure_locate())?;
    } else {
        runtime.block_on(session.measure_all(false))?;
        runtime.block_on(session.measure_all(true))?;
    }
    session.report.print();
    match &options.json {
        Some(file) => session.report.write_json(file),
        None => Ok(()),
    }
}

struct Session<'a> {
    options: &'a CommandLine,
    binary: PathBuf,
    database: Database,
    report: Report,
    bare: BareHandler,
}

/// A server under load, with everything that a client of it needs.
pub(crate) struct Subject {
    pub(crate) server: RunningServer,
    pub(crate) population: Population,
    owners: Option<Owners>,
    certificates: Option<Certificates>,
    folder: TempDir,
}

impl Session<'_> {
    /// Measures all scenarios with or without TLS.
    async fn measure_all(&mut self, over_tls: bool) -> Outcome {
        let mut chosen = self.chosen(SCENARIOS);
        chosen.retain(|each| each.over_tls() == over_tls);
        if chosen.is_empty() {
            return Ok(());
        }
        let mut subject = Subject::start(&self.binary, over_tls, &self.database, Marks::Tags)?;
        let (growing, steady): (Vec<&Scenario>, Vec<&Scenario>) =
            chosen.into_iter().partition(|scenario| scenario.depends_on_keys());
        self.measure_scenarios(&subject, &steady).await?;
        if growing.is_empty() {
            return Ok(());
        }
        for keys in self.options.keys() {
            step::announce(&format!("{keys} keys"));
            subject.populate(keys).await?;
            self.measure_scenarios(&subject, &growing).await?;
            if keys == 10_000 && !over_tls {
                subject = self.measure_start(subject).await?;
            }
        }
        Ok(())
    }

    /// Measures Locate in all its ways.
    async fn measure_locate(&mut self) -> Outcome {
        let chosen = self.chosen(LOCATES);
        let mut subject = Subject::start(&self.binary, true, &self.database, Marks::All)?;
        subject.add_owners().await?;
        for keys in self.options.keys() {
            step::announce(&format!("{keys} keys on {}", self.database.kind()));
            let begin = Instant::now();
            subject.populate(keys).await?;
            eprintln!("   created in {:.0?}", begin.elapsed());
            self.measure_scenarios(&subject, &chosen).await?;
        }
        Ok(())
    }

    /// Those of the scenarios that are asked for.
    fn chosen(&self, scenarios: &'static [Scenario]) -> Vec<&'static Scenario> {
        let only = self.options.only.as_deref().unwrap_or_default();
        scenarios.iter().filter(|each| each.name.contains(only)).collect()
    }

    async fn measure_scenarios(&mut self, subject: &Subject, scenarios: &[&Scenario]) -> Outcome {
        for connections in self.options.connections() {
            let unit = self.measure_unit(connections).await?;
            for scenario in scenarios {
                let endpoints = subject.endpoints(scenario)?;
                let pid = subject.server.pid();
                let found = async {
                    let requests = Arc::new(subject.requests(scenario, &endpoints).await?);
                    measure(pid, &endpoints, &requests, connections, self.options.duration()).await
                };
                let measurement = found.await.map_err(|error| {
                    format!(
                        "{} on {}: {error}\n{}",
                        scenario.name,
                        scenario.form.name(),
                        subject.server.end_of_log()
                    )
                })?;
                let keys = scenario.depends_on_keys().then_some(subject.population.size());
                let resident_kib = resident_kib(pid)?;
                let row = Row { scenario: **scenario, connections, keys, measurement, unit, resident_kib };
                eprintln!("   {}", row.text());
                self.report.rows.push(row);
            }
        }
        Ok(())
    }

    /// The unit U at this number of connections.
    async fn measure_unit(&mut self, connections: usize) -> Outcome<Duration> {
        let endpoint = Endpoint { address: self.bare.address(), framing: Framing::Http, tls: None };
        let requests = Arc::new(Requests::new(WireForm::Get, endpoint.address, [Ask::Version])?);
        let measurement =
            measure(self.bare.pid(), &[endpoint], &requests, connections, self.options.duration()).await?;
        let Measurement { processor, per_second, .. } = measurement;
        eprintln!("   U at {connections} connections: {processor:.2?} a request, {per_second:.0} requests/s");
        Ok(processor)
    }

    /// Restarts the server on its keys, and measures the time to the first answer and the memory when idle.
    async fn measure_start(&mut self, mut subject: Subject) -> Outcome<Subject> {
        let mut times = Vec::new();
        for _ in 0..RESTARTS {
            subject = subject.restart(&self.binary, &self.database)?;
            let answered = Instant::now();
            let endpoint = subject.endpoint(WireForm::Get)?;
            let request = WireForm::Get.frame(endpoint.address, &[]);
            Connection::open(&endpoint).await?.exchange(&request).await?;
            times.push(subject.server.start_up() + answered.elapsed());
        }
        times.sort_unstable();
        self.report.start_up = times.get(RESTARTS / 2).copied();
        tokio::time::sleep(Duration::from_secs(1)).await;
        self.report.idle_kib = Some(resident_kib(subject.server.pid())?);
        Ok(subject)
    }
}

impl Subject {
    /// Starts a server with an empty store.
    pub(crate) fn start(binary: &Path, over_tls: bool, database: &Database, marks: Marks) -> Outcome<Self> {
        Self::start_with(binary, over_tls, (database, marks), &[])
    }

    /// The same, with these flags.
    pub(crate) fn start_with(
        binary: &Path,
        over_tls: bool,
        (database, marks): (&Database, Marks),
        more: &[(&str, &str)],
    ) -> Outcome<Self> {
        let folder = tempfile::tempdir()?;
        let certificates = over_tls.then(|| Certificates::make(folder.path())).transpose()?;
        let (data, mut flags) = (folder.path().join("data"), database.clearing_flags());
        flags.extend_from_slice(more);
        let server =
            ServerStart { binary, folder: &data, certificates: certificates.as_ref(), flags: &flags }
                .run()?;
        Ok(Self { server, population: Population::new(marks), owners: None, certificates, folder })
    }

    /// Ends the server and starts it again on the same store.
    fn restart(self, binary: &Path, database: &Database) -> Outcome<Self> {
        let Self { server, population, owners, certificates, folder } = self;
        drop(server);
        let (data, flags) = (folder.path().join("data"), database.flags());
        let server =
            ServerStart { binary, folder: &data, certificates: certificates.as_ref(), flags: &flags }
                .run()?;
        Ok(Self { server, population, owners, certificates, folder })
    }

    /// Where its data and certificates are.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where clients of this form connect.
    pub(crate) fn endpoint(&self, form: WireForm) -> Outcome<Endpoint> {
        let alice = |certificates| client_tls(certificates, "alice");
        let tls = self.certificates.as_ref().map(alice).transpose()?;
        match form {
            WireForm::TtlvSocket => Ok(Endpoint { address: self.socket()?, framing: Framing::Ttlv, tls }),
            _ => Ok(Endpoint { address: self.server.http(), framing: Framing::Http, tls }),
        }
    }

    /// Where the connections of a scenario go in turn.
    fn endpoints(&self, scenario: &Scenario) -> Outcome<Vec<Endpoint>> {
        match (scenario.work, &self.owners) {
            (Work::Locate { by: By::Owner, hits }, Some(owners)) => Ok(owners.endpoints(hits)),
            _ => Ok(vec![self.endpoint(scenario.form)?]),
        }
    }

    fn socket(&self) -> Outcome<SocketAddr> {
        Ok(self.server.ttlv().ok_or("the server has no TTLV socket")?)
    }

    /// Adds users who own some keys, older than all others.
    async fn add_owners(&mut self) -> Outcome {
        let certificates = self.certificates.as_ref().ok_or("users are known by certificates")?;
        self.owners = Some(Owners::make(certificates, self.socket()?).await?);
        Ok(())
    }

    /// Creates keys until there are this many.
    pub(crate) async fn populate(&mut self, keys: usize) -> Outcome {
        let form = if self.certificates.is_some() { WireForm::TtlvSocket } else { WireForm::TtlvHttp };
        let endpoint = self.endpoint(form)?;
        self.population.grow(&endpoint, form, keys).await
    }

    /// The requests of a scenario; makes the key that they use.
    pub(crate) async fn requests(&self, scenario: &Scenario, endpoints: &[Endpoint]) -> Outcome<Requests> {
        let endpoint = endpoints.first().ok_or("a scenario needs an endpoint")?;
        let (form, address) = (scenario.form, endpoint.address);
        match scenario.work {
            Work::Version => Requests::new(form, address, [Ask::Version]),
            Work::Create => Requests::new(form, address, [Ask::Create { tags: &["bench".to_owned()] }]),
            Work::Locate { by, hits } => {
                let conditions = self.population.conditions(by, hits);
                let requests = Requests::new(form, address, conditions.iter().map(|by| Ask::Locate { by }))?;
                if form != WireForm::Rest {
                    check_hits(form, endpoint, &requests, hits).await?;
                }
                Ok(requests)
            }
            Work::Get => {
                let key = self.new_key(form, endpoint).await?;
                Requests::new(form, address, [Ask::Get { key: &key }])
            }
            Work::Encrypt { bytes, times } => {
                let (key, data) = (self.new_key(form, endpoint).await?, vec![0x5A; bytes]);
                Requests::new(form, address, [Ask::Encrypt { key: &key, data: &data, times }])
            }
        }
    }

    async fn new_key(&self, form: WireForm, endpoint: &Endpoint) -> Outcome<String> {
        let request = form.frame(endpoint.address, &Ask::Create { tags: &[] }.body(form)?);
        let mut connection = Connection::open(endpoint).await?;
        identifier(form, connection.exchange(&request).await?)
    }
}

/// That a search finds what it is said to find.
async fn check_hits(form: WireForm, endpoint: &Endpoint, requests: &Requests, expected: usize) -> Outcome {
    let mut connection = Connection::open(endpoint).await?;
    match hits(form, connection.exchange(requests.first()).await?)? {
        found if found == expected => Ok(()),
        found => Err(format!("the search finds {found} keys instead of {expected}").into()),
    }
}

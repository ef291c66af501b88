//! HTTP: connections, the table of routes, and what stands behind each.

mod access_control;
mod activity;
mod answer;
mod body;
mod connection;
mod kmip;
mod new_database;
mod one_item;
mod plugin_routes;
mod rest;
mod router;
mod status;

use std::sync::Arc;

use ::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use ::http::{HeaderMap, HeaderValue, StatusCode};
use claviger_engine::{Caller, Engine};
use claviger_kmip::codec::limits::Limits;
use claviger_plugin_sdk::ErrorClass;
use claviger_plugin_sdk::dialect::Dialect;

pub(crate) use access_control::AllowedOrigins;
pub(crate) use connection::serve;
pub(crate) use new_database::NewDatabases;
pub(crate) use plugin_routes::PluginRoutes;

use crate::audit_file::AuditFile;
use crate::connection::Connection;
use crate::metrics::Metrics;
use crate::refusal;
use answer::Answer;

/// The dialect of `/kmip_2_1`.
pub(crate) const REST: &str = "rest";

/// What every HTTP connection shares.
pub(crate) struct Http {
    /// The engine.
    pub(crate) engine: Arc<Engine>,
    /// The dialect of the REST paths; without it they do not exist.
    pub(crate) rest: Option<&'static dyn Dialect>,
    /// The routes that plugins add.
    pub(crate) plugin_routes: PluginRoutes,
    /// How often somebody may have a database made.
    pub(crate) new_databases: NewDatabases,
    /// What a body may be.
    pub(crate) limits: Limits,
    /// Which web origins may call.
    pub(crate) allowed_origins: AllowedOrigins,
    /// Figures.
    pub(crate) metrics: Arc<Metrics>,
    /// The audit file, for the figures.
    pub(crate) audit: Option<Arc<AuditFile>>,
}

impl Http {
    /// Who calls; asked before a body is read.
    ///
    /// # Errors
    /// The answer: 401 without a body when nobody is accepted, with what is asked for.
    async fn caller(&self, connection: &Connection, headers: &HeaderMap) -> Result<Caller, Answer> {
        connection.caller_with(headers, &self.engine).await.map_err(|error| {
            if error.class() == ErrorClass::Server {
                tracing::error!(?error, "authentication does not work");
                return answer::empty(StatusCode::INTERNAL_SERVER_ERROR);
            }
            refusal::note(connection.facts(), &error, &self.metrics);
            self.unauthorized(headers)
        })
    }

    /// 401 without a body, with what is asked for.
    fn unauthorized(&self, headers: &HeaderMap) -> Answer {
        let mut answer = answer::empty(StatusCode::UNAUTHORIZED);
        let has_credential = headers.contains_key(AUTHORIZATION);
        for challenge in self.engine.challenges() {
            let text = if has_credential { challenge.wrong } else { challenge.absent };
            answer.headers_mut().append(WWW_AUTHENTICATE, HeaderValue::from_static(text));
        }
        answer
    }
}

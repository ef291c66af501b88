//! Who is calling.

mod bearer;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use claviger_kmip::tables::enumerations::OperationCode;

use crate::BoxFuture;
use crate::credentials::{CredentialContext, CredentialVerifier};
use crate::error::Result;
use crate::filter::Filter;
use crate::settings::Settings;
use crate::store::Subject;

pub use bearer::Bearer;

/// What is known of a connection and of the headers of a request, before its body is read.
#[derive(Clone)]
pub struct ConnectionFacts {
    /// How the request came.
    pub transport: Transport,
    /// From where.
    pub peer: Option<SocketAddr>,
    /// The verified certificate chain of the client in DER, its own certificate first; empty without one.
    pub certificates: Arc<[Vec<u8>]>,
    /// HTTP header fields that authenticators and stores read, names in lower case.
    pub headers: Vec<(String, String)>,
}

impl ConnectionFacts {
    /// A request that the server itself makes.
    pub fn internal() -> Self {
        Self { transport: Transport::Internal, peer: None, certificates: Arc::new([]), headers: Vec::new() }
    }

    /// The first value of a header field. `name` is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Header fields hold secrets, so only their names are shown.
impl fmt::Debug for ConnectionFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("ConnectionFacts")
            .field("transport", &self.transport)
            .field("peer", &self.peer)
            .field("certificates", &self.certificates.len())
            .field("headers", &headers)
            .finish()
    }
}

/// How a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// HTTP without TLS.
    Http,
    /// HTTP over TLS.
    Https,
    /// TTLV on a TLS socket.
    Socket,
    /// From the server itself.
    Internal,
}

impl Transport {
    const ALL: [Self; 4] = [Self::Http, Self::Https, Self::Socket, Self::Internal];

    /// Its name in audit records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Socket => "ttlv",
            Self::Internal => "internal",
        }
    }

    /// The one with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|transport| transport.name() == name)
    }
}

/// Someone whom an authenticator knows.
#[derive(Clone)]
pub struct Principal {
    /// The user's name.
    pub user: Arc<str>,
    /// The groups that the user belongs to.
    pub groups: Vec<Arc<str>>,
    /// The authenticator that proved it; `None` for the default user, when nothing is configured.
    pub proven_by: Option<Arc<str>>,
    /// Whether the configuration names the user or one of the groups as an operator, who cares for the server and for
    /// what people leave behind. The engine sets it.
    pub operator: bool,
    /// Whether the user may make objects. The engine sets it.
    pub creator: bool,
    /// The verified certificate chain of the connection in DER, the user's own certificate first, if that is the proof of
    /// the user. A plugin that is loaded at run time does not see it.
    pub certificates: Option<Arc<[Vec<u8>]>>,
    /// Whether the proof is good on certain connections alone. What it gets must not be good on others.
    pub bound: bool,
    /// What the proof narrows.
    pub restriction: Option<Arc<dyn Restriction>>,
    /// The user, the groups and everyone: all that may hold a grant for this principal.
    subjects: Arc<[Subject]>,
}

impl Principal {
    /// What proves a user who has shown a ticket of the engine's.
    pub const BY_TICKET: &'static str = "ticket";

    /// A user without groups and restriction.
    pub fn user(name: &str, proven_by: Option<&str>) -> Self {
        Self::new(name, &[], proven_by)
    }

    /// A user with groups.
    pub fn new(name: &str, groups: &[&str], proven_by: Option<&str>) -> Self {
        let user: Arc<str> = name.into();
        let groups: Vec<Arc<str>> = groups.iter().map(|group| Arc::from(*group)).collect();
        let subjects = std::iter::once(Subject::User(user.clone()))
            .chain(groups.iter().cloned().map(Subject::Group))
            .chain([Subject::Everyone])
            .collect();
        Self {
            user,
            groups,
            proven_by: proven_by.map(Arc::from),
            operator: false,
            creator: false,
            certificates: None,
            bound: false,
            restriction: None,
            subjects,
        }
    }

    /// The certificate in DER by which the connection proves the user, if one does.
    pub fn client_certificate(&self) -> Option<&[u8]> {
        self.certificates.as_deref()?.first().map(Vec::as_slice)
    }

    /// The subjects whose grants count for this principal, the user first.
    pub fn subjects(&self) -> &Arc<[Subject]> {
        &self.subjects
    }
}

impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Principal({:?}, by {:?})", self.user, self.proven_by)
    }
}

/// What an authenticator says.
#[derive(Debug)]
pub enum Authentication {
    /// The caller is this principal.
    Accepted(Principal),
    /// It is good, and does not tell who calls: it is evidence for this user, whom something else must prove. For
    /// credentials alone.
    Confirms(Arc<str>),
    /// There is nothing here that this authenticator reads: ask the next one.
    NotMine,
    /// There is, and it is wrong: the chain ends. The text is for the log.
    Rejected(String),
}

/// Tells who is calling, from the connection, its headers or the credentials of a message.
pub trait Authenticator: Send + Sync {
    /// Looks at the connection and the headers.
    fn connection<'a>(&'a self, facts: &'a ConnectionFacts) -> BoxFuture<'a, Authentication>;

    /// What checks the credentials of messages; `None` if it looks at connections alone.
    ///
    /// A connection that is not the business of an authenticator with a verifier is left to the messages on it.
    fn verifier(&self) -> Option<&dyn CredentialVerifier>;

    /// What it asks for of a client whom nobody accepts; `None` if it reads no `Authorization`.
    ///
    /// Authenticators that read it are asked before the others: who a request says it is from counts for more than whose
    /// connection it comes on.
    fn challenge(&self) -> Option<Challenge>;
}

/// What stands in `WWW-Authenticate` of an answer 401 (RFC 9110 section 11.6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// When the request has no `Authorization`, such as `Bearer realm="claviger"`.
    pub absent: &'static str,
    /// When what it has there is wrong.
    pub wrong: &'static str,
}

/// Makes an authenticator from the settings, if they configure it.
pub trait AuthenticatorFactory: Send + Sync {
    /// Its name.
    fn name(&self) -> &'static str;

    /// The authenticator; `None` when the settings do not configure it.
    ///
    /// # Errors
    /// They configure it wrongly.
    fn start(&self, settings: &Settings) -> Result<Option<Arc<dyn Authenticator>>>;
}

/// What a principal's proof narrows. It never widens.
pub trait Restriction: Send + Sync {
    /// Whether the operation is allowed at all.
    fn allows(&self, operation: OperationCode) -> bool;

    /// The objects on which the operation is allowed, those that it makes included.
    fn objects(&self, operation: OperationCode) -> Filter;

    /// Whether the operation is allowed where it touches no object at all, such as RNG Retrieve.
    fn without_objects(&self, operation: OperationCode) -> bool;

    /// Until when what it says of an operation stays as it is now, in seconds since 1970, the last one included; `None` if
    /// time changes nothing. What is done later for the principal is not done after that.
    fn holds_until(&self, operation: OperationCode) -> Option<i64>;

    /// Says whether the proof still holds for a message of so many items, and takes what it counts. Called once for each
    /// message, before anything of it runs; and again when an item shows to be several operations, with how many more
    /// these are: an item that is repeated for several objects, or bulk data.
    ///
    /// # Errors
    /// Authentication Not Successful: it was revoked, is over or used up. The store fails.
    fn begin<'a>(&'a self, cx: &'a mut CredentialContext<'_>, items: usize) -> BoxFuture<'a, Result<()>>;
}

/// Registers an authenticator factory at link time.
#[macro_export]
macro_rules! register_authenticator {
    ($factory:expr) => {
        $crate::inventory::submit! {
            $crate::plugin::Entry::new(
                env!("CARGO_PKG_NAME"),
                $crate::plugin::EntryKind::Authenticator(&$factory),
            )
        }
    };
}

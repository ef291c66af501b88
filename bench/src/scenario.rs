//! What is measured, and what it must reach.

use crate::message::WireForm;

/// One kind of request, on one form of the wire.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scenario {
    /// Its name in the report.
    pub(crate) name: &'static str,
    pub(crate) form: WireForm,
    pub(crate) work: Work,
    /// What the server's processor time for a request must stay within at 16 connections, in units of U.
    pub(crate) target: Option<f64>,
}

/// What the requests of a scenario ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    Version,
    Create,
    /// AES-GCM of so many bytes, so many times in one message.
    Encrypt {
        bytes: usize,
        times: usize,
    },
    Get,
    /// Locate by what so many keys have.
    Locate {
        by: By,
        hits: usize,
    },
}

/// What Locate searches by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // each is named after what it searches by
pub(crate) enum By {
    Tag,
    Name,
    /// Object Group, and Cryptographic Length.
    Attribute,
    /// Everything that the user has, who is another one then than the owner of all the rest.
    Owner,
}

/// All scenarios, in the order in which they are measured.
pub(crate) const SCENARIOS: &[Scenario] = &[
    scenario("GET /version", WireForm::Get, Work::Version, Some(1.2)),
    scenario(ENCRYPT_64, WireForm::Rest, SHORT, Some(2.5)),
    scenario(ENCRYPT_64, WireForm::TtlvHttp, SHORT, None),
    scenario(ENCRYPT_64, WireForm::TtlvSocket, SHORT, Some(1.8)),
    scenario(ENCRYPT_4096, WireForm::Rest, LONG, Some(4.0)),
    scenario(ENCRYPT_4096, WireForm::TtlvHttp, LONG, None),
    scenario(ENCRYPT_4096, WireForm::TtlvSocket, LONG, None),
    scenario(BATCH, WireForm::Rest, HUNDRED, Some(60.0)),
    scenario(BATCH, WireForm::TtlvHttp, HUNDRED, Some(30.0)),
    scenario(BATCH, WireForm::TtlvSocket, HUNDRED, Some(30.0)),
    scenario("Get", WireForm::Rest, Work::Get, None),
    scenario("Get", WireForm::TtlvHttp, Work::Get, None),
    scenario("Get", WireForm::TtlvSocket, Work::Get, None),
    scenario(LOCATE_1, WireForm::Rest, ONE_HIT, Some(8.0)),
    scenario(LOCATE_1, WireForm::TtlvHttp, ONE_HIT, Some(8.0)),
    scenario(LOCATE_1, WireForm::TtlvSocket, ONE_HIT, Some(8.0)),
    scenario(LOCATE_10, WireForm::Rest, TEN_HITS, Some(12.0)),
    scenario(LOCATE_10, WireForm::TtlvHttp, TEN_HITS, Some(12.0)),
    scenario(LOCATE_10, WireForm::TtlvSocket, TEN_HITS, Some(12.0)),
    scenario(CREATE, WireForm::Rest, Work::Create, Some(12.0)),
    scenario(CREATE, WireForm::TtlvHttp, Work::Create, Some(12.0)),
    scenario(CREATE, WireForm::TtlvSocket, Work::Create, Some(12.0)),
];

/// Locate in all its ways: `--locate`.
pub(crate) const LOCATES: &[Scenario] = &[
    locate("Locate by tag, 1 hit", By::Tag, 1),
    locate("Locate by tag, 10 hits", By::Tag, 10),
    locate("Locate by name, 1 hit", By::Name, 1),
    locate("Locate by name, 10 hits", By::Name, 10),
    locate("Locate by attribute, 1 hit", By::Attribute, 1),
    locate("Locate by attribute, 10 hits", By::Attribute, 10),
    locate("Locate by owner, 1 hit", By::Owner, 1),
    locate("Locate by owner, 10 hits", By::Owner, 10),
];

/// How much more one Locate may cost among the most keys than among the fewest.
pub(crate) const LOCATE_GROWTH: f64 = 1.2;

const ENCRYPT_64: &str = "Encrypt 64 B";
const ENCRYPT_4096: &str = "Encrypt 4 KiB";
const BATCH: &str = "100 x Encrypt 64 B";
const LOCATE_1: &str = "Locate, 1 hit";
const LOCATE_10: &str = "Locate, 10 hits";
const CREATE: &str = "Create AES-256";
const SHORT: Work = Work::Encrypt { bytes: 64, times: 1 };
const LONG: Work = Work::Encrypt { bytes: 4096, times: 1 };
const HUNDRED: Work = Work::Encrypt { bytes: 64, times: 100 };
const ONE_HIT: Work = Work::Locate { by: By::Tag, hits: 1 };
const TEN_HITS: Work = Work::Locate { by: By::Tag, hits: 10 };

impl Scenario {
    /// Whether the cost may depend on the number of keys in the store.
    pub(crate) fn depends_on_keys(&self) -> bool {
        matches!(self.work, Work::Locate { .. })
    }

    /// Whether it speaks to a server with TLS.
    pub(crate) fn over_tls(&self) -> bool {
        self.form == WireForm::TtlvSocket
    }
}

const fn scenario(name: &'static str, form: WireForm, work: Work, target: Option<f64>) -> Scenario {
    Scenario { name, form, work, target }
}

const fn locate(name: &'static str, by: By, hits: usize) -> Scenario {
    scenario(name, WireForm::TtlvSocket, Work::Locate { by, hits }, None)
}

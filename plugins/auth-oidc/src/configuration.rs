//! The settings of the plugin.

use std::time::Duration;

use claviger_plugin_sdk::settings::{Setting, SettingKind, Settings};
use claviger_plugin_sdk::{Error, Result};

use crate::algorithms::{ALL, Algorithms};
use crate::authorities::Authorities;
use crate::identity::{ClaimName, IdentityClaims};
use crate::key_source::KeySource;
use crate::refresh::RefreshOptions;
use crate::url::Url;

const ISSUERS: &str = "jwt-issuer-uri";
const KEYS: &str = "jwks-uri";
const AUDIENCES: &str = "jwt-audience";
const ALGORITHMS: &str = "jwt-algorithms";
const USER: &str = "jwt-user-claims";
const GROUPS: &str = "jwt-groups-claim";
const LEEWAY: &str = "jwt-leeway";
const REFRESH: &str = "jwks-refresh";
const CA_FILE: &str = "jwt-ca-file";
const ALLOW_HTTP: &str = "jwt-allow-http";

/// An audience that every token is for.
const ANYBODY: &str = "*";

const OIDC: Setting = Setting {
    flag: "",
    variable: "",
    variable_aliases: &[],
    section: "auth.oidc",
    kind: SettingKind::Text,
    default: None,
    help: "",
};

/// All settings.
pub(crate) const SETTINGS: &[Setting] = &[
    Setting {
        flag: ISSUERS,
        variable: "KMS_JWT_ISSUER_URI",
        help: "Issuers whose bearer tokens (JWT) are accepted on HTTP, exactly as tokens name them in iss, separated by \
               commas, such as https://id.example/realms/keys",
        ..OIDC
    },
    Setting {
        flag: KEYS,
        variable: "KMS_JWKS_URI",
        help: "Where the keys of the issuers are, one URL for each issuer, in their order, separated by commas; an empty one \
               and none at all mean where the issuer's .well-known/openid-configuration says, or else its \
               .well-known/jwks.json",
        ..OIDC
    },
    Setting {
        flag: AUDIENCES,
        variable: "KMS_JWT_AUDIENCE",
        variable_aliases: &["KMS_JST_AUDIENCE"],
        help: "For whom tokens must be (aud): one entry for all issuers, or one for each in their order, separated by commas; \
               an entry of several words separated by spaces allows any of them. When it is absent, and for an issuer \
               whose entry is *, tokens for anybody are accepted",
        ..OIDC
    },
    Setting {
        flag: ALGORITHMS,
        variable: "KMS_JWT_ALGORITHMS",
        default: Some(ALL),
        help: "Algorithms that may sign tokens, separated by commas; each key is good for its own alone",
        ..OIDC
    },
    Setting {
        flag: USER,
        variable: "KMS_JWT_USER_CLAIMS",
        default: Some("email,sub"),
        help: "Claims that name the user, separated by commas: the first that a token has counts. One that begins with a slash \
               is a JSON Pointer, such as /user/name",
        ..OIDC
    },
    Setting {
        flag: GROUPS,
        variable: "KMS_JWT_GROUPS_CLAIM",
        help: "Claim that names the groups of the user, such as groups or /realm_access/roles; no groups when absent",
        ..OIDC
    },
    Setting {
        flag: LEEWAY,
        variable: "KMS_JWT_LEEWAY",
        kind: SettingKind::Number(0, 600),
        default: Some("60"),
        help: "Seconds by which the clocks of issuers and server may differ",
        ..OIDC
    },
    Setting {
        flag: REFRESH,
        variable: "KMS_JWKS_REFRESH",
        kind: SettingKind::Number(5, 86_400),
        default: Some("600"),
        help: "Seconds after which the keys of an issuer are fetched again; a token whose key is not known, or has not made its \
               signature, fetches them at once",
        ..OIDC
    },
    Setting {
        flag: CA_FILE,
        variable: "KMS_JWT_CA_FILE",
        kind: SettingKind::Path,
        help: "PEM file with the certificates of who signs for the issuers' web servers; those of the system when absent",
        ..OIDC
    },
    Setting {
        flag: ALLOW_HTTP,
        variable: "KMS_JWT_ALLOW_HTTP",
        kind: SettingKind::Switch,
        default: Some("false"),
        help: "Fetch keys in the clear from other machines, too. Whoever can change them on their way can be any user",
        ..OIDC
    },
];

/// What the settings say.
pub(crate) struct Configuration {
    /// The issuers.
    pub(crate) issuers: Vec<IssuerSettings>,
    /// What holds for the tokens of all.
    pub(crate) rules: Rules,
    /// How keys are fetched.
    pub(crate) refresh: RefreshOptions,
}

/// What the settings say of one issuer.
pub(crate) struct IssuerSettings {
    pub(crate) name: String,
    pub(crate) audiences: Vec<String>,
    pub(crate) source: KeySource,
}

/// What tokens must be like, and what is read from them.
pub(crate) struct Rules {
    pub(crate) algorithms: Algorithms,
    /// Seconds by which clocks may differ.
    pub(crate) leeway: f64,
    pub(crate) identity: IdentityClaims,
}

impl Configuration {
    /// Reads the settings; `None` if they name no issuer.
    ///
    /// # Errors
    /// Invalid Field: they contradict each other, or a value is none. The certificates of authorities cannot be read.
    pub(crate) fn read(settings: &Settings) -> Result<Option<Self>> {
        let Some(names) = settings.text(ISSUERS) else {
            return match [KEYS, AUDIENCES].into_iter().find(|flag| settings.text(flag).is_some()) {
                Some(flag) => Err(Error::invalid(format!("--{flag} needs --{ISSUERS}"))),
                None => Ok(None),
            };
        };
        let issuers = issuers(settings, names)?;
        let refresh = RefreshOptions {
            every: Duration::from_secs(number(settings, REFRESH)?),
            authorities: authorities(settings, &issuers)?,
        };
        let rules = Rules {
            algorithms: Algorithms::read(ALGORITHMS, settings.text(ALGORITHMS).unwrap_or_default())?,
            leeway: number(settings, LEEWAY)? as f64,
            identity: identity(settings)?,
        };
        Ok(Some(Self { issuers, rules, refresh }))
    }
}

fn issuers(settings: &Settings, names: &str) -> Result<Vec<IssuerSettings>> {
    let names = items(names);
    let urls = settings.text(KEYS).map(items).unwrap_or_else(|| vec![""; names.len()]);
    if urls.len() != names.len() {
        let message =
            format!("--{KEYS} has {} entries and --{ISSUERS} {}: one for each", urls.len(), names.len());
        return Err(Error::invalid(message));
    }
    let audiences = audiences(settings, names.len())?;
    let mut issuers: Vec<IssuerSettings> = Vec::new();
    for ((name, url), audiences) in names.into_iter().zip(urls).zip(audiences) {
        if name.is_empty() || issuers.iter().any(|known| known.name == name) {
            return Err(Error::invalid(format!("--{ISSUERS} has an issuer without a name, or one twice")));
        }
        let source = source(settings, name, url)?;
        if audiences.is_empty() {
            tracing::warn!(
                issuer = name,
                "without an audience (--{AUDIENCES}) tokens of this issuer are accepted that are for others"
            );
        }
        issuers.push(IssuerSettings { name: name.to_owned(), audiences, source });
    }
    Ok(issuers)
}

fn source(settings: &Settings, name: &str, url: &str) -> Result<KeySource> {
    let allow_http = settings.switch(ALLOW_HTTP);
    match url {
        "" => KeySource::of_issuer(name, allow_http).map_err(|why| {
            Error::invalid(format!("--{ISSUERS}: `{name}` cannot be asked for its keys: {why}"))
        }),
        url => Url::read(url, allow_http)
            .map(KeySource::Configured)
            .map_err(|why| Error::invalid(format!("--{KEYS}: `{url}` cannot be used: {why}"))),
    }
}

/// The audiences of each of so many issuers; none for an issuer whose tokens may be for anybody.
fn audiences(settings: &Settings, issuers: usize) -> Result<Vec<Vec<String>>> {
    let Some(given) = settings.text(AUDIENCES) else { return Ok(vec![Vec::new(); issuers]) };
    let entries: Vec<_> = items(given).into_iter().map(entry).collect::<Result<_>>()?;
    match entries.as_slice() {
        [one] => Ok(vec![one.clone(); issuers]),
        all if all.len() == issuers => Ok(entries),
        all => Err(Error::invalid(format!(
            "--{AUDIENCES} has {} entries and --{ISSUERS} {issuers}: one for each, or one for all",
            all.len()
        ))),
    }
}

/// The audiences in one entry.
fn entry(entry: &str) -> Result<Vec<String>> {
    let words: Vec<&str> = entry.split_whitespace().collect();
    match words.as_slice() {
        // What was left empty by mistake must not let everybody's tokens in.
        [] => Err(Error::invalid(format!("--{AUDIENCES} has an empty entry; * stands for anybody"))),
        [ANYBODY] => Ok(Vec::new()),
        words if words.contains(&ANYBODY) => {
            Err(Error::invalid(format!("--{AUDIENCES}: * stands for anybody, alone in its entry")))
        }
        words => Ok(words.iter().map(|word| (*word).to_owned()).collect()),
    }
}

fn identity(settings: &Settings) -> Result<IdentityClaims> {
    let user = items(settings.text(USER).unwrap_or_default());
    if user.contains(&"") {
        return Err(Error::invalid(format!("--{USER} takes names of claims, such as email,sub")));
    }
    Ok(IdentityClaims {
        user: user.into_iter().map(|name| ClaimName(name.to_owned())).collect(),
        groups: settings.text(GROUPS).filter(|name| !name.is_empty()).map(|name| ClaimName(name.to_owned())),
    })
}

fn authorities(settings: &Settings, issuers: &[IssuerSettings]) -> Result<Authorities> {
    let authorities = Authorities(settings.path(CA_FILE));
    let any_tls = issuers.iter().any(|issuer| match &issuer.source {
        KeySource::Configured(url) | KeySource::Discovered { document: url, .. } => url.tls(),
    });
    if any_tls || authorities.0.is_some() {
        let unusable = format!("--{CA_FILE} names no file with certificates in PEM, or the system has none");
        authorities.tls().map_err(|why| Error::invalid(unusable).because(why))?;
    }
    Ok(authorities)
}

fn items(list: &str) -> Vec<&str> {
    list.split(',').map(str::trim).collect()
}

fn number(settings: &Settings, flag: &str) -> Result<u64> {
    let number = settings.number(flag)?.and_then(|number| u64::try_from(number).ok());
    number.ok_or_else(|| Error::invalid(format!("--{flag} takes a whole number")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "http://127.0.0.1:1/a";
    const TWO: &str = "http://127.0.0.1:1/a,http://127.0.0.1:2/b/";

    fn read(given: &[(&'static str, &str)]) -> Result<Option<Configuration>> {
        let defaults =
            SETTINGS.iter().filter_map(|setting| Some((setting.flag, setting.default?.to_owned())));
        let given = given.iter().map(|(flag, value)| (*flag, (*value).to_owned()));
        Configuration::read(&Settings::new("/".into(), defaults.chain(given)))
    }

    fn audiences_of(issuers: &str, audiences: &str) -> Vec<Vec<String>> {
        let read = read(&[(ISSUERS, issuers), (AUDIENCES, audiences)]).unwrap().unwrap();
        read.issuers.into_iter().map(|issuer| issuer.audiences).collect()
    }

    fn refusal(given: &[(&'static str, &str)]) -> String {
        read(given).err().unwrap().to_string()
    }

    #[test]
    fn without_an_issuer_it_is_off() {
        assert!(read(&[]).unwrap().is_none());
        assert!(refusal(&[(AUDIENCES, "kms")]).contains(ISSUERS));
        assert!(refusal(&[(KEYS, ONE)]).contains(ISSUERS));
    }

    #[test]
    fn audiences_are_for_all_issuers_or_for_each() {
        assert_eq!(audiences_of(TWO, "kms"), [["kms"], ["kms"]]);
        assert_eq!(audiences_of(TWO, "kms keys, other"), [vec!["kms", "keys"], vec!["other"]]);
        assert_eq!(audiences_of(TWO, "kms,*"), [vec!["kms".to_owned()], vec![]]);
        assert_eq!(audiences_of(TWO, "*"), [[""; 0]; 2]);
        let absent = read(&[(ISSUERS, TWO)]).unwrap().unwrap();
        assert!(absent.issuers.iter().all(|issuer| issuer.audiences.is_empty()));
        for empty in ["kms,", ",kms", "", " ", "kms, "] {
            assert!(refusal(&[(ISSUERS, TWO), (AUDIENCES, empty)]).contains("empty entry"), "{empty:?}");
        }
        assert!(refusal(&[(ISSUERS, TWO), (AUDIENCES, "kms *")]).contains("alone in its entry"));
        assert!(refusal(&[(ISSUERS, TWO), (AUDIENCES, "a,b,c")]).contains("one for each, or one for all"));
        assert!(refusal(&[(ISSUERS, ONE), (AUDIENCES, "a,b")]).contains("one for each, or one for all"));
    }

    #[test]
    fn keys_are_where_the_configuration_or_the_issuer_says() {
        let read =
            read(&[(ISSUERS, "accounts.example,http://127.0.0.1:2/b"), (KEYS, "http://127.0.0.1:1/keys,")]);
        let issuers = read.unwrap().unwrap().issuers;
        assert!(matches!(&issuers[0].source, KeySource::Configured(url) if url.path() == "/keys"));
        assert!(matches!(&issuers[1].source, KeySource::Discovered { .. }));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        assert!(refusal(&[(ISSUERS, "http://id.example")]).contains("https"));
        assert!(refusal(&[(ISSUERS, "accounts.example")]).contains("accounts.example"));
        assert!(refusal(&[(ISSUERS, ONE), (KEYS, "http://id.example/keys")]).contains(KEYS));
        assert!(refusal(&[(ISSUERS, TWO), (KEYS, ONE)]).contains("one for each"));
        assert!(refusal(&[(ISSUERS, "http://127.0.0.1:1/a,http://127.0.0.1:1/a")]).contains("twice"));
        assert!(refusal(&[(ISSUERS, "http://127.0.0.1:1/a,")]).contains("without a name"));
        assert!(refusal(&[(ISSUERS, ONE), (ALGORITHMS, "HS256")]).contains("HS256"));
        assert!(refusal(&[(ISSUERS, ONE), (USER, "email,")]).contains(USER));
        assert!(refusal(&[(ISSUERS, ONE), (CA_FILE, "/nowhere/ca.pem")]).contains(CA_FILE));
    }
}

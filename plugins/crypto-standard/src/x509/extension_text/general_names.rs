//! General names: `DNS:example.org`, `IP:192.0.2.1`.

use std::net::IpAddr;

use claviger_plugin_sdk::error::Result;
use der::Decode;
use der::asn1::{Any, Ia5String, OctetString, Utf8StringRef};
use x509_cert::ext::pkix::name::{GeneralName, OtherName};
use x509_cert::name::Name;

use super::super::name;
use super::{Item, Text, refused};

impl Text<'_> {
    /// The name that an element of a value says.
    pub(super) fn general_name(&self, item: &Item<'_>) -> Result<GeneralName> {
        Ok(match item.name {
            "DNS" => GeneralName::DnsName(ia5("DNS", item.value)?),
            "email" => GeneralName::Rfc822Name(ia5("email", item.value)?),
            "URI" => GeneralName::UniformResourceIdentifier(ia5("URI", item.value)?),
            "IP" => GeneralName::IpAddress(ip_address(item.value)?),
            "RID" => GeneralName::RegisteredId(self.oid(item.value)?),
            "dirName" => GeneralName::DirectoryName(self.directory_name(item.value)?),
            "otherName" => GeneralName::OtherName(self.other_name(item.value)?),
            other => return Err(refused(other, "is no kind of name")),
        })
    }

    /// The name whose parts stand in a section.
    fn directory_name(&self, section: &str) -> Result<Name> {
        let parts: Vec<(&str, &str)> = self
            .settings
            .section(section)?
            .iter()
            // OpenSSL tells parts of one kind apart by digits and a full stop before their names.
            .map(|(name, value)| {
                (name.split_once('.').map_or(name.as_str(), |(_, name)| name), value.as_str())
            })
            .map(|(name, value)| {
                (LONG_NAMES.iter().find(|(long, _)| *long == name).map_or(name, |(_, short)| short), value)
            })
            .collect();
        let encoded = name::of_texts(&parts)?;
        Name::from_der(&encoded).map_err(|error| refused("dirName", "is malformed").because(error))
    }

    /// `1.2.3.4;UTF8:text`.
    fn other_name(&self, value: &str) -> Result<OtherName> {
        let (oid, text) = value.split_once(';').unwrap_or((value, ""));
        let text = ["UTF8:", "UTF8String:"].iter().find_map(|prefix| text.strip_prefix(prefix));
        let text = text.ok_or_else(|| refused("otherName", "is an object identifier, ;UTF8: and a text"))?;
        let text = Utf8StringRef::new(text).and_then(|text| Any::encode_from(&text));
        Ok(OtherName {
            type_id: self.oid(oid)?,
            value: text.map_err(|error| refused("otherName", "is too long").because(error))?,
        })
    }
}

/// Text of ASCII characters.
pub(super) fn ia5(what: &str, text: &str) -> Result<Ia5String> {
    if text.is_empty() {
        return Err(refused(what, "is empty"));
    }
    Ia5String::new(text).map_err(|error| refused(what, "has characters beyond ASCII").because(error))
}

fn ip_address(text: &str) -> Result<OctetString> {
    let address: IpAddr = text.parse().map_err(|_| refused("IP", "is no address"))?;
    octets(&bytes_of(address))
}

/// An address and a mask: `192.168.0.0/255.255.0.0`.
pub(super) fn ip_range(text: &str) -> Result<OctetString> {
    let wrong = || refused("IP", "is an address, a slash and a mask");
    let (address, mask) = text.split_once('/').ok_or_else(wrong)?;
    let both: [IpAddr; 2] = [address.parse().map_err(|_| wrong())?, mask.parse().map_err(|_| wrong())?];
    match both {
        [address @ IpAddr::V4(_), mask @ IpAddr::V4(_)] | [address @ IpAddr::V6(_), mask @ IpAddr::V6(_)] => {
            octets(&[bytes_of(address), bytes_of(mask)].concat())
        }
        _ => Err(wrong()),
    }
}

fn bytes_of(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}

fn octets(bytes: &[u8]) -> Result<OctetString> {
    OctetString::new(bytes).map_err(|error| refused("IP", "is too long").because(error))
}

const LONG_NAMES: &[(&str, &str)] = &[
    ("commonName", "CN"),
    ("countryName", "C"),
    ("stateOrProvinceName", "ST"),
    ("localityName", "L"),
    ("organizationName", "O"),
    ("organizationalUnitName", "OU"),
    ("domainComponent", "DC"),
    ("userId", "UID"),
];

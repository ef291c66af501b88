//! Where revocation lists are found.

use claviger_plugin_sdk::error::Result;
use x509_cert::ext::pkix::crl::dp::{DistributionPoint, ReasonFlags, Reasons};
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};

use super::super::structure::encoded;
use super::{Item, Text, refused};

impl Text<'_> {
    /// The points of a value: names, and sections that describe one each.
    pub(super) fn distribution_points(&self, value: &str) -> Result<Vec<u8>> {
        let mut points = Vec::new();
        let mut names = Vec::new();
        for element in value.split(',').map(str::trim).filter(|element| !element.is_empty()) {
            if element.contains(':') || element.starts_with('@') {
                names.extend(
                    self.items(element)?
                        .iter()
                        .map(|item| self.point_item(item))
                        .collect::<Result<Vec<_>>>()?,
                );
            } else {
                points.push(self.distribution_point(element)?);
            }
        }
        points.extend(names.into_iter().map(|name| DistributionPoint {
            distribution_point: Some(DistributionPointName::FullName(vec![name])),
            reasons: None,
            crl_issuer: None,
        }));
        if points.is_empty() { Err(refused("crlDistributionPoints", "names none")) } else { encoded(&points) }
    }

    fn point_item(&self, item: &Item<'_>) -> Result<GeneralName> {
        match item.name {
            "fullname" => {
                self.full_names(item.value)?.into_iter().next().ok_or_else(|| refused("fullname", "is empty"))
            }
            _ => self.general_name(item),
        }
    }

    fn full_names(&self, value: &str) -> Result<Vec<GeneralName>> {
        self.items(value)?.iter().map(|item| self.general_name(item)).collect()
    }

    /// A point that stands in a section of its own.
    fn distribution_point(&self, section: &str) -> Result<DistributionPoint> {
        let mut point = DistributionPoint { distribution_point: None, reasons: None, crl_issuer: None };
        for (name, value) in self.settings.section(section)? {
            match name.as_str() {
                "fullname" => {
                    point.distribution_point = Some(DistributionPointName::FullName(self.full_names(value)?));
                }
                "CRLissuer" => point.crl_issuer = Some(self.full_names(value)?),
                "reasons" => point.reasons = Some(self.reasons(value)?),
                other => return Err(refused(other, "is not known in a distribution point")),
            }
        }
        Ok(point)
    }

    fn reasons(&self, value: &str) -> Result<ReasonFlags> {
        let mut reasons = ReasonFlags::default();
        for item in self.items(value)? {
            let reason = REASONS.iter().find(|(name, _)| *name == item.name);
            reasons |= reason.ok_or_else(|| refused("reasons", &format!("knows no {}", item.name)))?.1;
        }
        Ok(reasons)
    }
}

const REASONS: &[(&str, Reasons)] = &[
    ("unused", Reasons::Unused),
    ("keyCompromise", Reasons::KeyCompromise),
    ("CACompromise", Reasons::CaCompromise),
    ("affiliationChanged", Reasons::AffiliationChanged),
    ("superseded", Reasons::Superseded),
    ("cessationOfOperation", Reasons::CessationOfOperation),
    ("certificateHold", Reasons::CertificateHold),
    ("privilegeWithdrawn", Reasons::PrivilegeWithdrawn),
    ("AACompromise", Reasons::AaCompromise),
];

//! Automatic rotation (KMIP 2.1 sections 4.48, 4.51 and 4.54).

use std::sync::Arc;
use std::time::Duration;

use claviger_plugin_sdk::filter::Filter;
use claviger_plugin_sdk::kmip::attributes::kinds;
use claviger_plugin_sdk::kmip::payloads::{ReCertifyRequest, ReKeyKeyPairRequest, ReKeyRequest};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::register_timer;
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::timer::{Timer, TimerFactory};

/// Replaces objects whose Rotate Automatic is true when their Rotate Interval has passed, by Re-key, Re-key Key Pair or
/// Re-certify with the Rotate Offset. A public key is replaced together with its private key.
struct Rotation;

register_timer!(Rotation);

const NAME: &str = "rotation";

impl TimerFactory for Rotation {
    fn name(&self) -> &'static str {
        NAME
    }

    fn start(&self, _: &Settings) -> Result<Option<Arc<dyn Timer>>> {
        Ok(Some(Arc::new(Self)))
    }
}

impl Timer for Rotation {
    fn name(&self) -> &'static str {
        NAME
    }

    fn operations(&self) -> &'static [OperationCode] {
        &[OperationCode::RE_KEY, OperationCode::RE_KEY_KEY_PAIR, OperationCode::RE_CERTIFY]
    }

    fn every(&self) -> Duration {
        Duration::from_secs(60)
    }

    fn due(&self, now: DateTime) -> Filter {
        let types = vec![ObjectType::SYMMETRIC_KEY, ObjectType::PRIVATE_KEY, ObjectType::CERTIFICATE];
        // What may not be used any more needs no successor.
        let usable = StateSet::of(&[State::PRE_ACTIVE, State::ACTIVE]);
        Filter::All(vec![
            Filter::rotation_due(now),
            Filter::Type(types),
            Filter::State { any_of: usable, at: now },
        ])
    }

    fn request(&self, object: &Authorized) -> Option<(OperationCode, Value)> {
        let offset = object.attributes().one::<kinds::RotateOffset>();
        let id = Some(object.id().as_str().into());
        Some(match object.object_type() {
            ObjectType::SYMMETRIC_KEY => {
                let request = ReKeyRequest {
                    unique_identifier: id,
                    offset,
                    attributes: None,
                    protection_storage_masks: None,
                };
                (OperationCode::RE_KEY, request.into_value())
            }
            ObjectType::PRIVATE_KEY => {
                let request = ReKeyKeyPairRequest {
                    private_key_unique_identifier: id,
                    offset,
                    common_attributes: None,
                    private_key_attributes: None,
                    public_key_attributes: None,
                    common_protection_storage_masks: None,
                    private_protection_storage_masks: None,
                    public_protection_storage_masks: None,
                };
                (OperationCode::RE_KEY_KEY_PAIR, request.into_value())
            }
            ObjectType::CERTIFICATE => {
                let request = ReCertifyRequest {
                    unique_identifier: id,
                    certificate_request_unique_identifier: None,
                    certificate_request_type: None,
                    certificate_request_value: None,
                    offset,
                    attributes: None,
                    protection_storage_masks: None,
                };
                (OperationCode::RE_CERTIFY, request.into_value())
            }
            _ => return None,
        })
    }
}

//! The profiles that this server claims: those whose OASIS cases it passes, as far as the operations and object types
//! that they need are enabled.
//!
//! JSON and XML are forms in which the server takes messages; they need no operation of their own.

use claviger_plugin_sdk::kmip::payloads::{ProfileInformation, ProfileVersion};
use claviger_plugin_sdk::kmip::tables::enumerations::ProfileName as Name;
use claviger_plugin_sdk::plugin::Catalogue;
use claviger_plugin_sdk::prelude::*;

/// A profile under its names.
struct Profile {
    /// What it needs beside reading, finding and destroying objects.
    operations: &'static [OperationCode],
    /// What it is about, if it is about objects of a type.
    object_type: Option<ObjectType>,
    /// Its names until 1.4, which tell the version.
    until_1_4: &'static [(ProtocolVersion, Name)],
    /// Its name from 2.0 on, and the versions in which it counts; in 2.1 the version stands beside the name.
    since_2_0: Option<(Name, &'static [ProtocolVersion])>,
}

const V1_0: ProtocolVersion = ProtocolVersion::V1_0;
const V1_1: ProtocolVersion = ProtocolVersion::V1_1;
const V1_2: ProtocolVersion = ProtocolVersion::V1_2;
const V1_3: ProtocolVersion = ProtocolVersion::V1_3;
const V1_4: ProtocolVersion = ProtocolVersion::V1_4;
const V2_0: ProtocolVersion = ProtocolVersion::V2_0;
const V2_1: ProtocolVersion = ProtocolVersion::V2_1;

/// Each profile in the versions for which there are published cases that this server passes. A test of the server fails if
/// one of them is on the list of cases that may fail.
const PROFILES: &[Profile] = &[
    Profile {
        operations: &[OperationCode::CREATE, OperationCode::ACTIVATE, OperationCode::REVOKE],
        object_type: Some(ObjectType::SYMMETRIC_KEY),
        until_1_4: &[
            (V1_0, Name::SYMMETRIC_KEY_LIFECYCLE_SERVER_KMIP_V1_0),
            (V1_1, Name::SYMMETRIC_KEY_LIFECYCLE_SERVER_KMIP_V1_1),
            (V1_2, Name::SYMMETRIC_KEY_LIFECYCLE_SERVER_KMIP_V1_2),
            (V1_3, Name::SYMMETRIC_KEY_LIFECYCLE_SERVER_KMIP_V1_3),
            (V1_4, Name::SYMMETRIC_KEY_LIFECYCLE_SERVER_KMIP_V1_4),
        ],
        since_2_0: Some((Name::SYMMETRIC_KEY_LIFECYCLE_SERVER, &[V2_1])),
    },
    Profile {
        operations: &[OperationCode::CREATE_KEY_PAIR, OperationCode::ACTIVATE, OperationCode::REVOKE],
        object_type: Some(ObjectType::PRIVATE_KEY),
        until_1_4: &[
            (V1_0, Name::ASYMMETRIC_KEY_LIFECYCLE_SERVER_KMIP_V1_0),
            (V1_1, Name::ASYMMETRIC_KEY_LIFECYCLE_SERVER_KMIP_V1_1),
            (V1_2, Name::ASYMMETRIC_KEY_LIFECYCLE_SERVER_KMIP_V1_2),
            (V1_3, Name::ASYMMETRIC_KEY_LIFECYCLE_SERVER_KMIP_V1_3),
            (V1_4, Name::ASYMMETRIC_KEY_LIFECYCLE_SERVER_KMIP_V1_4),
        ],
        since_2_0: Some((Name::ASYMMETRIC_KEY_LIFECYCLE_SERVER, &[V2_0, V2_1])),
    },
    Profile {
        operations: &[OperationCode::CREATE, OperationCode::GET_ATTRIBUTE_LIST],
        object_type: Some(ObjectType::SYMMETRIC_KEY),
        until_1_4: &[
            (V1_0, Name::SYMMETRIC_KEY_FOUNDRY_SERVER_KMIP_V1_0),
            (V1_1, Name::SYMMETRIC_KEY_FOUNDRY_SERVER_KMIP_V1_1),
            (V1_2, Name::SYMMETRIC_KEY_FOUNDRY_SERVER_KMIP_V1_2),
            (V1_3, Name::SYMMETRIC_KEY_FOUNDRY_SERVER_KMIP_V1_3),
            (V1_4, Name::SYMMETRIC_KEY_FOUNDRY_SERVER_KMIP_V1_4),
        ],
        since_2_0: Some((Name::SYMMETRIC_KEY_FOUNDRY_SERVER, &[V2_0, V2_1])),
    },
    Profile {
        operations: &[OperationCode::REGISTER, OperationCode::ENCRYPT, OperationCode::DECRYPT],
        object_type: Some(ObjectType::SYMMETRIC_KEY),
        until_1_4: &[
            (V1_2, Name::BASIC_CRYPTOGRAPHIC_SERVER_KMIP_V1_2),
            (V1_3, Name::BASIC_CRYPTOGRAPHIC_SERVER_KMIP_V1_3),
            (V1_4, Name::BASIC_CRYPTOGRAPHIC_SERVER_KMIP_V1_4),
        ],
        since_2_0: Some((Name::BASIC_CRYPTOGRAPHIC_SERVER, &[V2_0, V2_1])),
    },
    Profile {
        operations: &[
            OperationCode::REGISTER,
            OperationCode::ENCRYPT,
            OperationCode::DECRYPT,
            OperationCode::SIGN,
            OperationCode::SIGNATURE_VERIFY,
            OperationCode::MAC,
            OperationCode::MAC_VERIFY,
            OperationCode::HASH,
        ],
        object_type: Some(ObjectType::PRIVATE_KEY),
        until_1_4: &[
            (V1_3, Name::ADVANCED_CRYPTOGRAPHIC_SERVER_KMIP_V1_3),
            (V1_4, Name::ADVANCED_CRYPTOGRAPHIC_SERVER_KMIP_V1_4),
        ],
        since_2_0: Some((Name::ADVANCED_CRYPTOGRAPHIC_SERVER, &[V2_0, V2_1])),
    },
    Profile {
        operations: &[OperationCode::RNG_RETRIEVE, OperationCode::RNG_SEED],
        object_type: None,
        until_1_4: &[
            (V1_3, Name::RNG_CRYPTOGRAPHIC_SERVER_KMIP_V1_3),
            (V1_4, Name::RNG_CRYPTOGRAPHIC_SERVER_KMIP_V1_4),
        ],
        since_2_0: Some((Name::RNG_CRYPTOGRAPHIC_SERVER, &[V2_0, V2_1])),
    },
    Profile {
        operations: &[OperationCode::CREATE, OperationCode::ADD_ATTRIBUTE],
        object_type: Some(ObjectType::SYMMETRIC_KEY),
        until_1_4: &[
            (V1_0, Name::TAPE_LIBRARY_SERVER_KMIP_V1_0),
            (V1_3, Name::TAPE_LIBRARY_SERVER_KMIP_V1_3),
            (V1_4, Name::TAPE_LIBRARY_SERVER_KMIP_V1_4),
        ],
        since_2_0: Some((Name::TAPE_LIBRARY_SERVER, &[V2_0, V2_1])),
    },
    Profile {
        operations: &[OperationCode::REGISTER],
        object_type: Some(ObjectType::OPAQUE_OBJECT),
        until_1_4: &[
            (V1_0, Name::OPAQUE_MANAGED_OBJECT_STORE_SERVER_KMIP_V1_0),
            (V1_1, Name::OPAQUE_MANAGED_OBJECT_STORE_SERVER_KMIP_V1_1),
            (V1_2, Name::OPAQUE_MANAGED_OBJECT_STORE_SERVER_KMIP_V1_2),
            (V1_3, Name::OPAQUE_MANAGED_OBJECT_STORE_SERVER_KMIP_V1_3),
            (V1_4, Name::OPAQUE_MANAGED_OBJECT_STORE_SERVER_KMIP_V1_4),
        ],
        since_2_0: Some((Name::OPAQUE_MANAGED_OBJECT_STORE_SERVER, &[V2_0, V2_1])),
    },
    Profile {
        operations: &[OperationCode::REGISTER],
        object_type: Some(ObjectType::SECRET_DATA),
        until_1_4: &[
            (V1_0, Name::STORAGE_ARRAY_WITH_SELF_ENCRYPTING_DRIVE_SERVER_KMIP_V1_0),
            (V1_3, Name::STORAGE_ARRAY_WITH_SELF_ENCRYPTING_DRIVE_SERVER_KMIP_V1_3),
            (V1_4, Name::STORAGE_ARRAY_WITH_SELF_ENCRYPTING_DRIVE_SERVER_KMIP_V1_4),
        ],
        since_2_0: Some((Name::STORAGE_ARRAY_WITH_SELF_ENCRYPTING_DRIVE_SERVER, &[V2_0, V2_1])),
    },
    Profile {
        operations: &[OperationCode::CREATE],
        object_type: Some(ObjectType::SYMMETRIC_KEY),
        until_1_4: &[
            (V1_3, Name::SUITE_B_MIN_LOS_128_SERVER_KMIP_V1_3),
            (V1_4, Name::SUITE_B_MIN_LOS_128_SERVER_KMIP_V1_4),
        ],
        since_2_0: None,
    },
    Profile {
        operations: &[],
        object_type: None,
        until_1_4: &[(V1_3, Name::JSON_SERVER_KMIP_V1_3), (V1_4, Name::JSON_SERVER_KMIP_V1_4)],
        since_2_0: Some((Name::JSON_SERVER, &[V2_1])),
    },
    Profile {
        operations: &[],
        object_type: None,
        until_1_4: &[(V1_3, Name::XML_SERVER_KMIP_V1_3), (V1_4, Name::XML_SERVER_KMIP_V1_4)],
        since_2_0: Some((Name::XML_SERVER, &[V2_1])),
    },
    Profile {
        operations: &[OperationCode::REGISTER, OperationCode::ENCRYPT, OperationCode::DECRYPT],
        object_type: Some(ObjectType::SYMMETRIC_KEY),
        until_1_4: &[],
        since_2_0: Some((Name::AES_XTS_SERVER, &[V2_0, V2_1])),
    },
    Profile {
        operations: &[OperationCode::CREATE],
        object_type: Some(ObjectType::SYMMETRIC_KEY),
        until_1_4: &[],
        since_2_0: Some((Name::QUANTUM_SAFE_SERVER, &[V2_0, V2_1])),
    },
    Profile {
        operations: &[OperationCode::PKCS_11],
        object_type: None,
        until_1_4: &[],
        since_2_0: Some((Name::PKCS_11_SERVER, &[V2_0, V2_1])),
    },
    Profile {
        operations: &[
            OperationCode::LOCATE,
            OperationCode::CHECK,
            OperationCode::GET,
            OperationCode::ADD_ATTRIBUTE,
            OperationCode::DESTROY,
            OperationCode::QUERY,
            OperationCode::DISCOVER_VERSIONS,
        ],
        object_type: None,
        until_1_4: &[],
        since_2_0: Some((Name::BASELINE_SERVER, &[V2_1])),
    },
];

/// The profiles, for a client of this version.
pub(crate) fn claimed(catalogue: &dyn Catalogue, version: ProtocolVersion) -> Vec<ProfileInformation> {
    let operations: Vec<OperationCode> = catalogue.operations().into_iter().map(|(code, _)| code).collect();
    let types = catalogue.object_types();
    PROFILES
        .iter()
        .filter(|profile| profile.operations.iter().all(|needed| operations.contains(needed)))
        .filter(|profile| profile.object_type.is_none_or(|object_type| types.contains(&object_type)))
        .flat_map(|profile| profile.information(version))
        .collect()
}

impl Profile {
    fn information(&self, version: ProtocolVersion) -> Vec<ProfileInformation> {
        if version < V2_0 {
            let known = self.until_1_4.iter().filter(|(since, _)| *since <= version);
            return known.map(|(_, name)| information(*name, None)).collect();
        }
        let named = self.since_2_0.filter(|(_, versions)| versions.contains(&version));
        let stated = ProfileVersion { major: version.major, minor: version.minor };
        named.map(|(name, _)| information(name, (version >= V2_1).then_some(stated))).into_iter().collect()
    }
}

fn information(profile_name: Name, profile_version: Option<ProfileVersion>) -> ProfileInformation {
    ProfileInformation { profile_name, profile_version, server_uri: None, server_port: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_of_1_x_name_their_version_and_those_of_2_1_state_it() {
        let is_tape =
            |profile: &&Profile| profile.since_2_0.is_some_and(|(name, _)| name == Name::TAPE_LIBRARY_SERVER);
        let tape = PROFILES.iter().find(is_tape).unwrap();
        let of_1_3 = [Name::TAPE_LIBRARY_SERVER_KMIP_V1_0, Name::TAPE_LIBRARY_SERVER_KMIP_V1_3];
        assert_eq!(tape.information(V1_3), of_1_3.map(|name| information(name, None)));
        assert_eq!(tape.information(V2_0), [information(Name::TAPE_LIBRARY_SERVER, None)]);
        let version = Some(ProfileVersion { major: 2, minor: 1 });
        assert_eq!(tape.information(V2_1), [information(Name::TAPE_LIBRARY_SERVER, version)]);
    }
}

//! The profiles that this server claims: those whose OASIS cases it passes, as far as the operations and object types
//! that they need are enabled.

use claviger_plugin_sdk::kmip::payloads::{ProfileInformation, ProfileVersion};
use claviger_plugin_sdk::kmip::tables::enumerations::ProfileName as Name;
use claviger_plugin_sdk::plugin::Catalogue;
use claviger_plugin_sdk::prelude::*;

/// A profile under its names.
struct Profile {
    /// What it needs beside reading, finding and destroying objects.
    operations: &'static [OperationCode],
    /// What it is about.
    object_type: ObjectType,
    /// Its names until 1.4, which tell the version.
    until_1_4: &'static [(ProtocolVersion, Name)],
    /// Its name from 2.0 on; in 2.1 its version stands beside it.
    since_2_0: Name,
}

const V1_0: ProtocolVersion = ProtocolVersion::V1_0;
const V1_1: ProtocolVersion = ProtocolVersion::V1_1;
const V1_2: ProtocolVersion = ProtocolVersion::V1_2;
const V1_3: ProtocolVersion = ProtocolVersion::V1_3;
const V1_4: ProtocolVersion = ProtocolVersion::V1_4;

const PROFILES: &[Profile] = &[
    Profile {
        operations: &[OperationCode::CREATE, OperationCode::ACTIVATE, OperationCode::REVOKE],
        object_type: ObjectType::SYMMETRIC_KEY,
        until_1_4: &[
            (V1_0, Name::SYMMETRIC_KEY_LIFECYCLE_SERVER_KMIP_V1_0),
            (V1_1, Name::SYMMETRIC_KEY_LIFECYCLE_SERVER_KMIP_V1_1),
            (V1_2, Name::SYMMETRIC_KEY_LIFECYCLE_SERVER_KMIP_V1_2),
            (V1_3, Name::SYMMETRIC_KEY_LIFECYCLE_SERVER_KMIP_V1_3),
            (V1_4, Name::SYMMETRIC_KEY_LIFECYCLE_SERVER_KMIP_V1_4),
        ],
        since_2_0: Name::SYMMETRIC_KEY_LIFECYCLE_SERVER,
    },
    Profile {
        operations: &[OperationCode::CREATE, OperationCode::GET_ATTRIBUTE_LIST],
        object_type: ObjectType::SYMMETRIC_KEY,
        until_1_4: &[
            (V1_0, Name::SYMMETRIC_KEY_FOUNDRY_SERVER_KMIP_V1_0),
            (V1_1, Name::SYMMETRIC_KEY_FOUNDRY_SERVER_KMIP_V1_1),
            (V1_2, Name::SYMMETRIC_KEY_FOUNDRY_SERVER_KMIP_V1_2),
            (V1_3, Name::SYMMETRIC_KEY_FOUNDRY_SERVER_KMIP_V1_3),
            (V1_4, Name::SYMMETRIC_KEY_FOUNDRY_SERVER_KMIP_V1_4),
        ],
        since_2_0: Name::SYMMETRIC_KEY_FOUNDRY_SERVER,
    },
    Profile {
        operations: &[OperationCode::REGISTER, OperationCode::ENCRYPT, OperationCode::DECRYPT],
        object_type: ObjectType::SYMMETRIC_KEY,
        until_1_4: &[
            (V1_2, Name::BASIC_CRYPTOGRAPHIC_SERVER_KMIP_V1_2),
            (V1_3, Name::BASIC_CRYPTOGRAPHIC_SERVER_KMIP_V1_3),
            (V1_4, Name::BASIC_CRYPTOGRAPHIC_SERVER_KMIP_V1_4),
        ],
        since_2_0: Name::BASIC_CRYPTOGRAPHIC_SERVER,
    },
    Profile {
        operations: &[OperationCode::CREATE, OperationCode::ADD_ATTRIBUTE],
        object_type: ObjectType::SYMMETRIC_KEY,
        until_1_4: &[
            (V1_3, Name::TAPE_LIBRARY_SERVER_KMIP_V1_3),
            (V1_4, Name::TAPE_LIBRARY_SERVER_KMIP_V1_4),
        ],
        since_2_0: Name::TAPE_LIBRARY_SERVER,
    },
    Profile {
        operations: &[OperationCode::REGISTER],
        object_type: ObjectType::OPAQUE_OBJECT,
        until_1_4: &[
            (V1_0, Name::OPAQUE_MANAGED_OBJECT_STORE_SERVER_KMIP_V1_0),
            (V1_3, Name::OPAQUE_MANAGED_OBJECT_STORE_SERVER_KMIP_V1_3),
            (V1_4, Name::OPAQUE_MANAGED_OBJECT_STORE_SERVER_KMIP_V1_4),
        ],
        since_2_0: Name::OPAQUE_MANAGED_OBJECT_STORE_SERVER,
    },
    Profile {
        operations: &[OperationCode::REGISTER],
        object_type: ObjectType::SECRET_DATA,
        until_1_4: &[(V1_4, Name::STORAGE_ARRAY_WITH_SELF_ENCRYPTING_DRIVE_SERVER_KMIP_V1_4)],
        since_2_0: Name::STORAGE_ARRAY_WITH_SELF_ENCRYPTING_DRIVE_SERVER,
    },
];

/// The profiles, for a client of this version.
pub(crate) fn claimed(catalogue: &dyn Catalogue, version: ProtocolVersion) -> Vec<ProfileInformation> {
    let operations: Vec<OperationCode> = catalogue.operations().into_iter().map(|(code, _)| code).collect();
    let types = catalogue.object_types();
    PROFILES
        .iter()
        .filter(|profile| profile.operations.iter().all(|needed| operations.contains(needed)))
        .filter(|profile| types.contains(&profile.object_type))
        .flat_map(|profile| profile.information(version))
        .collect()
}

impl Profile {
    fn information(&self, version: ProtocolVersion) -> Vec<ProfileInformation> {
        if version < ProtocolVersion::V2_0 {
            let known = self.until_1_4.iter().filter(|(since, _)| *since <= version);
            return known.map(|(_, name)| information(*name, None)).collect();
        }
        let stated = ProfileVersion { major: version.major, minor: version.minor };
        vec![information(self.since_2_0, (version >= ProtocolVersion::V2_1).then_some(stated))]
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
        let tape = PROFILES.iter().find(|profile| profile.since_2_0 == Name::TAPE_LIBRARY_SERVER).unwrap();
        assert_eq!(tape.information(V1_3), [information(Name::TAPE_LIBRARY_SERVER_KMIP_V1_3, None)]);
        assert_eq!(tape.information(ProtocolVersion::V2_0), [information(Name::TAPE_LIBRARY_SERVER, None)]);
        let version = Some(ProfileVersion { major: 2, minor: 1 });
        assert_eq!(
            tape.information(ProtocolVersion::V2_1),
            [information(Name::TAPE_LIBRARY_SERVER, version)]
        );
    }
}

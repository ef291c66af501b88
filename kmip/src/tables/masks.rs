// Written by `cargo xtask tables` from kmip/tables/*.tsv. Do not edit.

//! Every bit mask of KMIP 1.0 to 2.1 (KMIP 2.1 section 12).

use super::bit_mask;

bit_mask! {
    /// Cryptographic Usage Mask.
    CryptographicUsageMask, "CryptographicUsageMask" {
        /// Sign.
        SIGN = 0x00000001, "Sign";
        /// Verify.
        VERIFY = 0x00000002, "Verify";
        /// Encrypt.
        ENCRYPT = 0x00000004, "Encrypt";
        /// Decrypt.
        DECRYPT = 0x00000008, "Decrypt";
        /// Wrap Key.
        WRAP_KEY = 0x00000010, "WrapKey";
        /// Unwrap Key.
        UNWRAP_KEY = 0x00000020, "UnwrapKey";
        /// Export.
        EXPORT = 0x00000040, "Export";
        /// MAC Generate.
        MAC_GENERATE = 0x00000080, "MACGenerate";
        /// MAC Verify.
        MAC_VERIFY = 0x00000100, "MACVerify";
        /// Derive Key.
        DERIVE_KEY = 0x00000200, "DeriveKey";
        /// Content Commitment (Non Repudiation).
        CONTENT_COMMITMENT_NON_REPUDIATION = 0x00000400, "ContentCommitmentNonRepudiation";
        /// Key Agreement.
        KEY_AGREEMENT = 0x00000800, "KeyAgreement";
        /// Certificate Sign.
        CERTIFICATE_SIGN = 0x00001000, "CertificateSign";
        /// CRL Sign.
        CRL_SIGN = 0x00002000, "CRLSign";
        /// Generate Cryptogram.
        GENERATE_CRYPTOGRAM = 0x00004000, "GenerateCryptogram";
        /// Validate Cryptogram.
        VALIDATE_CRYPTOGRAM = 0x00008000, "ValidateCryptogram";
        /// Translate Encrypt.
        TRANSLATE_ENCRYPT = 0x00010000, "TranslateEncrypt";
        /// Translate Decrypt.
        TRANSLATE_DECRYPT = 0x00020000, "TranslateDecrypt";
        /// Translate Wrap.
        TRANSLATE_WRAP = 0x00040000, "TranslateWrap";
        /// Translate Unwrap.
        TRANSLATE_UNWRAP = 0x00080000, "TranslateUnwrap";
        /// Authenticate.
        AUTHENTICATE = 0x00100000, "Authenticate";
        /// Unrestricted.
        UNRESTRICTED = 0x00200000, "Unrestricted";
        /// FPE Encrypt.
        FPE_ENCRYPT = 0x00400000, "FPEEncrypt";
        /// FPE Decrypt.
        FPE_DECRYPT = 0x00800000, "FPEDecrypt";
    }
}

bit_mask! {
    /// Protection Storage Mask.
    ProtectionStorageMask, "ProtectionStorageMask" {
        /// Software.
        SOFTWARE = 0x00000001, "Software";
        /// Hardware.
        HARDWARE = 0x00000002, "Hardware";
        /// On Processor.
        ON_PROCESSOR = 0x00000004, "OnProcessor";
        /// On System.
        ON_SYSTEM = 0x00000008, "OnSystem";
        /// Off System.
        OFF_SYSTEM = 0x00000010, "OffSystem";
        /// Hypervisor.
        HYPERVISOR = 0x00000020, "Hypervisor";
        /// Operating System.
        OPERATING_SYSTEM = 0x00000040, "OperatingSystem";
        /// Container.
        CONTAINER = 0x00000080, "Container";
        /// On Premises.
        ON_PREMISES = 0x00000100, "OnPremises";
        /// Off Premises.
        OFF_PREMISES = 0x00000200, "OffPremises";
        /// Self Managed.
        SELF_MANAGED = 0x00000400, "SelfManaged";
        /// Outsourced.
        OUTSOURCED = 0x00000800, "Outsourced";
        /// Validated.
        VALIDATED = 0x00001000, "Validated";
        /// Same Jurisdiction.
        SAME_JURISDICTION = 0x00002000, "SameJurisdiction";
    }
}

bit_mask! {
    /// Storage Status Mask.
    StorageStatusMask, "StorageStatusMask" {
        /// On-line storage.
        ON_LINE_STORAGE = 0x00000001, "OnLineStorage";
        /// Archival storage.
        ARCHIVAL_STORAGE = 0x00000002, "ArchivalStorage";
        /// Destroyed storage.
        DESTROYED_STORAGE = 0x00000004, "DestroyedStorage";
    }
}

/// Every mask: its normalised name, and its bits in rising order.
pub static MASKS: &[(&str, &[(u32, &str)])] = &[
    ("CryptographicUsageMask", <CryptographicUsageMask as super::Mask>::BITS),
    ("ProtectionStorageMask", <ProtectionStorageMask as super::Mask>::BITS),
    ("StorageStatusMask", <StorageStatusMask as super::Mask>::BITS),
];

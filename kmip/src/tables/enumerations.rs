// Written by `cargo xtask tables` from kmip/tables/*.tsv. Do not edit.

//! Every enumeration of KMIP 1.0 to 2.1 (KMIP 2.1 section 11), as open types.

use super::open_enumeration;

open_enumeration! {
    /// Adjustment Type.
    AdjustmentType, "AdjustmentType" {
        /// Increment.
        INCREMENT = 0x00000001, "Increment";
        /// Decrement.
        DECREMENT = 0x00000002, "Decrement";
        /// Negate.
        NEGATE = 0x00000003, "Negate";
    }
}

open_enumeration! {
    /// Alternative Name Type.
    AlternativeNameType, "AlternativeNameType" {
        /// Uninterpreted Text String.
        UNINTERPRETED_TEXT_STRING = 0x00000001, "UninterpretedTextString";
        /// URI.
        URI = 0x00000002, "URI";
        /// Object Serial Number.
        OBJECT_SERIAL_NUMBER = 0x00000003, "ObjectSerialNumber";
        /// Email Address.
        EMAIL_ADDRESS = 0x00000004, "EmailAddress";
        /// DNS Name.
        DNS_NAME = 0x00000005, "DNSName";
        /// X.500 Distinguished Name.
        X_500_DISTINGUISHED_NAME = 0x00000006, "X_500DistinguishedName";
        /// IP Address.
        IP_ADDRESS = 0x00000007, "IPAddress";
    }
}

open_enumeration! {
    /// Asynchronous Indicator.
    AsynchronousIndicator, "AsynchronousIndicator" {
        /// Mandatory.
        MANDATORY = 0x00000001, "Mandatory";
        /// Optional.
        OPTIONAL = 0x00000002, "Optional";
        /// Prohibited.
        PROHIBITED = 0x00000003, "Prohibited";
    }
}

open_enumeration! {
    /// Attestation Type.
    AttestationType, "AttestationType" {
        /// TPM Quote.
        TPM_QUOTE = 0x00000001, "TPMQuote";
        /// TCG Integrity Report.
        TCG_INTEGRITY_REPORT = 0x00000002, "TCGIntegrityReport";
        /// SAML Assertion.
        SAML_ASSERTION = 0x00000003, "SAMLAssertion";
    }
}

open_enumeration! {
    /// Batch Error Continuation Option.
    BatchErrorContinuationOption, "BatchErrorContinuationOption" {
        /// Continue.
        CONTINUE = 0x00000001, "Continue";
        /// Stop.
        STOP = 0x00000002, "Stop";
        /// Undo.
        UNDO = 0x00000003, "Undo";
    }
}

open_enumeration! {
    /// Block Cipher Mode.
    BlockCipherMode, "BlockCipherMode" {
        /// CBC.
        CBC = 0x00000001, "CBC";
        /// ECB.
        ECB = 0x00000002, "ECB";
        /// PCBC.
        PCBC = 0x00000003, "PCBC";
        /// CFB.
        CFB = 0x00000004, "CFB";
        /// OFB.
        OFB = 0x00000005, "OFB";
        /// CTR.
        CTR = 0x00000006, "CTR";
        /// CMAC.
        CMAC = 0x00000007, "CMAC";
        /// CCM.
        CCM = 0x00000008, "CCM";
        /// GCM.
        GCM = 0x00000009, "GCM";
        /// CBC-MAC.
        CBC_MAC = 0x0000000A, "CBC_MAC";
        /// XTS.
        XTS = 0x0000000B, "XTS";
        /// AESKeyWrapPadding.
        AES_KEY_WRAP_PADDING = 0x0000000C, "AESKeyWrapPadding";
        /// NISTKeyWrap.
        NIST_KEY_WRAP = 0x0000000D, "NISTKeyWrap";
        /// X9.102 AESKW.
        X9_102_AESKW = 0x0000000E, "X9_102AESKW";
        /// X9.102 TDKW.
        X9_102_TDKW = 0x0000000F, "X9_102TDKW";
        /// X9.102 AKW1.
        X9_102_AKW1 = 0x00000010, "X9_102AKW1";
        /// X9.102 AKW2.
        X9_102_AKW2 = 0x00000011, "X9_102AKW2";
        /// AEAD.
        AEAD = 0x00000012, "AEAD";
    }
}

open_enumeration! {
    /// Cancellation Result.
    CancellationResult, "CancellationResult" {
        /// Canceled.
        CANCELED = 0x00000001, "Canceled";
        /// Unable to Cancel.
        UNABLE_TO_CANCEL = 0x00000002, "UnableToCancel";
        /// Completed.
        COMPLETED = 0x00000003, "Completed";
        /// Failed.
        FAILED = 0x00000004, "Failed";
        /// Unavailable.
        UNAVAILABLE = 0x00000005, "Unavailable";
    }
}

open_enumeration! {
    /// Certificate Request Type.
    CertificateRequestType, "CertificateRequestType" {
        /// CRMF.
        CRMF = 0x00000001, "CRMF";
        /// PKCS#10.
        PKCS_10 = 0x00000002, "PKCS_10";
        /// PEM.
        PEM = 0x00000003, "PEM";
        /// PGP.
        PGP = 0x00000004, "PGP";
    }
}

open_enumeration! {
    /// Certificate Type.
    CertificateType, "CertificateType" {
        /// X.509.
        X_509 = 0x00000001, "X_509";
        /// PGP.
        PGP = 0x00000002, "PGP";
    }
}

open_enumeration! {
    /// Client Registration Method.
    ClientRegistrationMethod, "ClientRegistrationMethod" {
        /// Unspecified.
        UNSPECIFIED = 0x00000001, "Unspecified";
        /// Server Pre-Generated.
        SERVER_PRE_GENERATED = 0x00000002, "ServerPreGenerated";
        /// Server On-Demand.
        SERVER_ON_DEMAND = 0x00000003, "ServerOnDemand";
        /// Client Generated.
        CLIENT_GENERATED = 0x00000004, "ClientGenerated";
        /// Client Registered.
        CLIENT_REGISTERED = 0x00000005, "ClientRegistered";
    }
}

open_enumeration! {
    /// Credential Type.
    CredentialType, "CredentialType" {
        /// Username and Password.
        USERNAME_AND_PASSWORD = 0x00000001, "UsernameAndPassword";
        /// Device.
        DEVICE = 0x00000002, "Device";
        /// Attestation.
        ATTESTATION = 0x00000003, "Attestation";
        /// One Time Password.
        ONE_TIME_PASSWORD = 0x00000004, "OneTimePassword";
        /// Hashed Password.
        HASHED_PASSWORD = 0x00000005, "HashedPassword";
        /// Ticket.
        TICKET = 0x00000006, "Ticket";
    }
}

open_enumeration! {
    /// Cryptographic Algorithm.
    CryptographicAlgorithm, "CryptographicAlgorithm" {
        /// DES.
        DES = 0x00000001, "DES";
        /// 3DES.
        THREE_DES = 0x00000002, "DES3";
        /// AES.
        AES = 0x00000003, "AES";
        /// RSA.
        RSA = 0x00000004, "RSA";
        /// DSA.
        DSA = 0x00000005, "DSA";
        /// ECDSA.
        ECDSA = 0x00000006, "ECDSA";
        /// HMAC-SHA1.
        HMAC_SHA1 = 0x00000007, "HMAC_SHA1";
        /// HMAC-SHA224.
        HMAC_SHA224 = 0x00000008, "HMAC_SHA224";
        /// HMAC-SHA256.
        HMAC_SHA256 = 0x00000009, "HMAC_SHA256";
        /// HMAC-SHA384.
        HMAC_SHA384 = 0x0000000A, "HMAC_SHA384";
        /// HMAC-SHA512.
        HMAC_SHA512 = 0x0000000B, "HMAC_SHA512";
        /// HMAC-MD5.
        HMAC_MD5 = 0x0000000C, "HMAC_MD5";
        /// DH.
        DH = 0x0000000D, "DH";
        /// ECDH.
        ECDH = 0x0000000E, "ECDH";
        /// ECMQV.
        ECMQV = 0x0000000F, "ECMQV";
        /// Blowfish.
        BLOWFISH = 0x00000010, "Blowfish";
        /// Camellia.
        CAMELLIA = 0x00000011, "Camellia";
        /// CAST5.
        CAST5 = 0x00000012, "CAST5";
        /// IDEA.
        IDEA = 0x00000013, "IDEA";
        /// MARS.
        MARS = 0x00000014, "MARS";
        /// RC2.
        RC2 = 0x00000015, "RC2";
        /// RC4.
        RC4 = 0x00000016, "RC4";
        /// RC5.
        RC5 = 0x00000017, "RC5";
        /// SKIPJACK.
        SKIPJACK = 0x00000018, "SKIPJACK";
        /// Twofish.
        TWOFISH = 0x00000019, "Twofish";
        /// EC.
        EC = 0x0000001A, "EC";
        /// One Time Pad.
        ONE_TIME_PAD = 0x0000001B, "OneTimePad";
        /// ChaCha20.
        CHACHA20 = 0x0000001C, "ChaCha20";
        /// Poly1305.
        POLY1305 = 0x0000001D, "Poly1305";
        /// ChaCha20Poly1305.
        CHACHA20_POLY1305 = 0x0000001E, "ChaCha20Poly1305";
        /// SHA3-224.
        SHA3_224 = 0x0000001F, "SHA3_224";
        /// SHA3-256.
        SHA3_256 = 0x00000020, "SHA3_256";
        /// SHA3-384.
        SHA3_384 = 0x00000021, "SHA3_384";
        /// SHA3-512.
        SHA3_512 = 0x00000022, "SHA3_512";
        /// HMAC-SHA3-224.
        HMAC_SHA3_224 = 0x00000023, "HMAC_SHA3_224";
        /// HMAC-SHA3-256.
        HMAC_SHA3_256 = 0x00000024, "HMAC_SHA3_256";
        /// HMAC-SHA3-384.
        HMAC_SHA3_384 = 0x00000025, "HMAC_SHA3_384";
        /// HMAC-SHA3-512.
        HMAC_SHA3_512 = 0x00000026, "HMAC_SHA3_512";
        /// SHAKE-128.
        SHAKE_128 = 0x00000027, "SHAKE_128";
        /// SHAKE-256.
        SHAKE_256 = 0x00000028, "SHAKE_256";
        /// ARIA.
        ARIA = 0x00000029, "ARIA";
        /// SEED.
        SEED = 0x0000002A, "SEED";
        /// SM2.
        SM2 = 0x0000002B, "SM2";
        /// SM3.
        SM3 = 0x0000002C, "SM3";
        /// SM4.
        SM4 = 0x0000002D, "SM4";
        /// GOST R 34.10-2012.
        GOST_R_34_10_2012 = 0x0000002E, "GOSTR34_10_2012";
        /// GOST R 34.11-2012.
        GOST_R_34_11_2012 = 0x0000002F, "GOSTR34_11_2012";
        /// GOST R 34.13-2015.
        GOST_R_34_13_2015 = 0x00000030, "GOSTR34_13_2015";
        /// GOST 28147-89.
        GOST_28147_89 = 0x00000031, "GOST28147_89";
        /// XMSS.
        XMSS = 0x00000032, "XMSS";
        /// SPHINCS-256.
        SPHINCS_256 = 0x00000033, "SPHINCS_256";
        /// McEliece.
        MCELIECE = 0x00000034, "McEliece";
        /// McEliece-6960119.
        MCELIECE_6960119 = 0x00000035, "McEliece_6960119";
        /// McEliece-8192128.
        MCELIECE_8192128 = 0x00000036, "McEliece_8192128";
        /// Ed25519.
        ED25519 = 0x00000037, "Ed25519";
        /// Ed448.
        ED448 = 0x00000038, "Ed448";
    }
}

open_enumeration! {
    /// DRBG Algorithm.
    DrbgAlgorithm, "DRBGAlgorithm" {
        /// Unspecified.
        UNSPECIFIED = 0x00000001, "Unspecified";
        /// Dual-EC.
        DUAL_EC = 0x00000002, "Dual_EC";
        /// Hash.
        HASH = 0x00000003, "Hash";
        /// HMAC.
        HMAC = 0x00000004, "HMAC";
        /// CTR.
        CTR = 0x00000005, "CTR";
    }
}

open_enumeration! {
    /// Data.
    Data, "Data" {
        /// Decrypt.
        DECRYPT = 0x00000001, "Decrypt";
        /// Encrypt.
        ENCRYPT = 0x00000002, "Encrypt";
        /// Hash.
        HASH = 0x00000003, "Hash";
        /// MAC MAC Data.
        MAC_MAC_DATA = 0x00000004, "MACMACData";
        /// RNG Retrieve.
        RNG_RETRIEVE = 0x00000005, "RNGRetrieve";
        /// Sign Signature Data.
        SIGN_SIGNATURE_DATA = 0x00000006, "SignSignatureData";
        /// Signature Verify.
        SIGNATURE_VERIFY = 0x00000007, "SignatureVerify";
    }
}

open_enumeration! {
    /// Derivation Method.
    DerivationMethod, "DerivationMethod" {
        /// PBKDF2.
        PBKDF2 = 0x00000001, "PBKDF2";
        /// HASH.
        HASH = 0x00000002, "HASH";
        /// HMAC.
        HMAC = 0x00000003, "HMAC";
        /// ENCRYPT.
        ENCRYPT = 0x00000004, "ENCRYPT";
        /// NIST800-108-C.
        NIST800_108_C = 0x00000005, "NIST800_108_C";
        /// NIST800-108-F.
        NIST800_108_F = 0x00000006, "NIST800_108_F";
        /// NIST800-108-DPI.
        NIST800_108_DPI = 0x00000007, "NIST800_108_DPI";
        /// Asymmetric Key.
        ASYMMETRIC_KEY = 0x00000008, "AsymmetricKey";
        /// AWS Signature Version 4.
        AWS_SIGNATURE_VERSION_4 = 0x00000009, "AWSSignatureVersion4";
        /// HKDF.
        HKDF = 0x0000000A, "HKDF";
    }
}

open_enumeration! {
    /// Destroy Action.
    DestroyAction, "DestroyAction" {
        /// Unspecified.
        UNSPECIFIED = 0x00000001, "Unspecified";
        /// Key Material Deleted.
        KEY_MATERIAL_DELETED = 0x00000002, "KeyMaterialDeleted";
        /// Key Material Shredded.
        KEY_MATERIAL_SHREDDED = 0x00000003, "KeyMaterialShredded";
        /// Meta Data Deleted.
        META_DATA_DELETED = 0x00000004, "MetaDataDeleted";
        /// Meta Data Shredded.
        META_DATA_SHREDDED = 0x00000005, "MetaDataShredded";
        /// Deleted.
        DELETED = 0x00000006, "Deleted";
        /// Shredded.
        SHREDDED = 0x00000007, "Shredded";
    }
}

open_enumeration! {
    /// Digital Signature Algorithm.
    DigitalSignatureAlgorithm, "DigitalSignatureAlgorithm" {
        /// MD2 with RSA Encryption.
        MD2_WITH_RSA_ENCRYPTION = 0x00000001, "MD2WithRSAEncryption";
        /// MD5 with RSA Encryption.
        MD5_WITH_RSA_ENCRYPTION = 0x00000002, "MD5WithRSAEncryption";
        /// SHA-1 with RSA Encryption.
        SHA_1_WITH_RSA_ENCRYPTION = 0x00000003, "SHA_1WithRSAEncryption";
        /// SHA-224 with RSA Encryption.
        SHA_224_WITH_RSA_ENCRYPTION = 0x00000004, "SHA_224WithRSAEncryption";
        /// SHA-256 with RSA Encryption.
        SHA_256_WITH_RSA_ENCRYPTION = 0x00000005, "SHA_256WithRSAEncryption";
        /// SHA-384 with RSA Encryption.
        SHA_384_WITH_RSA_ENCRYPTION = 0x00000006, "SHA_384WithRSAEncryption";
        /// SHA-512 with RSA Encryption.
        SHA_512_WITH_RSA_ENCRYPTION = 0x00000007, "SHA_512WithRSAEncryption";
        /// RSASSA-PSS.
        RSASSA_PSS = 0x00000008, "RSASSA_PSS";
        /// DSA with SHA-1.
        DSA_WITH_SHA_1 = 0x00000009, "DSAWithSHA_1";
        /// DSA with SHA224.
        DSA_WITH_SHA224 = 0x0000000A, "DSAWithSHA224";
        /// DSA with SHA256.
        DSA_WITH_SHA256 = 0x0000000B, "DSAWithSHA256";
        /// ECDSA with SHA-1.
        ECDSA_WITH_SHA_1 = 0x0000000C, "ECDSAWithSHA_1";
        /// ECDSA with SHA224.
        ECDSA_WITH_SHA224 = 0x0000000D, "ECDSAWithSHA224";
        /// ECDSA with SHA256.
        ECDSA_WITH_SHA256 = 0x0000000E, "ECDSAWithSHA256";
        /// ECDSA with SHA384.
        ECDSA_WITH_SHA384 = 0x0000000F, "ECDSAWithSHA384";
        /// ECDSA with SHA512.
        ECDSA_WITH_SHA512 = 0x00000010, "ECDSAWithSHA512";
        /// SHA3-256 with RSA Encryption.
        SHA3_256_WITH_RSA_ENCRYPTION = 0x00000011, "SHA3_256WithRSAEncryption";
        /// SHA3-384 with RSA Encryption.
        SHA3_384_WITH_RSA_ENCRYPTION = 0x00000012, "SHA3_384WithRSAEncryption";
        /// SHA3-512 with RSA Encryption.
        SHA3_512_WITH_RSA_ENCRYPTION = 0x00000013, "SHA3_512WithRSAEncryption";
    }
}

open_enumeration! {
    /// Encoding Option.
    EncodingOption, "EncodingOption" {
        /// No Encoding.
        NO_ENCODING = 0x00000001, "NoEncoding";
        /// TTLV Encoding.
        TTLV_ENCODING = 0x00000002, "TTLVEncoding";
    }
}

open_enumeration! {
    /// Endpoint Role.
    EndpointRole, "EndpointRole" {
        /// Client.
        CLIENT = 0x00000001, "Client";
        /// Server.
        SERVER = 0x00000002, "Server";
    }
}

open_enumeration! {
    /// FIPS186 Variation.
    Fips186Variation, "FIPS186Variation" {
        /// Unspecified.
        UNSPECIFIED = 0x00000001, "Unspecified";
        /// GP x-Original.
        GP_X_ORIGINAL = 0x00000002, "GPXOriginal";
        /// GP x-Change Notice.
        GP_X_CHANGE_NOTICE = 0x00000003, "GPXChangeNotice";
        /// x-Original.
        X_ORIGINAL = 0x00000004, "XOriginal";
        /// x-Change Notice.
        X_CHANGE_NOTICE = 0x00000005, "XChangeNotice";
        /// k-Original.
        K_ORIGINAL = 0x00000006, "KOriginal";
        /// k-Change Notice.
        K_CHANGE_NOTICE = 0x00000007, "KChangeNotice";
    }
}

open_enumeration! {
    /// Hashing Algorithm.
    HashingAlgorithm, "HashingAlgorithm" {
        /// MD2.
        MD2 = 0x00000001, "MD2";
        /// MD4.
        MD4 = 0x00000002, "MD4";
        /// MD5.
        MD5 = 0x00000003, "MD5";
        /// SHA-1.
        SHA_1 = 0x00000004, "SHA_1";
        /// SHA-224.
        SHA_224 = 0x00000005, "SHA_224";
        /// SHA-256.
        SHA_256 = 0x00000006, "SHA_256";
        /// SHA-384.
        SHA_384 = 0x00000007, "SHA_384";
        /// SHA-512.
        SHA_512 = 0x00000008, "SHA_512";
        /// RIPEMD-160.
        RIPEMD_160 = 0x00000009, "RIPEMD_160";
        /// Tiger.
        TIGER = 0x0000000A, "Tiger";
        /// Whirlpool.
        WHIRLPOOL = 0x0000000B, "Whirlpool";
        /// SHA-512/224.
        SHA_512_224 = 0x0000000C, "SHA_512_224";
        /// SHA-512/256.
        SHA_512_256 = 0x0000000D, "SHA_512_256";
        /// SHA3-224.
        SHA3_224 = 0x0000000E, "SHA3_224";
        /// SHA3-256.
        SHA3_256 = 0x0000000F, "SHA3_256";
        /// SHA3-384.
        SHA3_384 = 0x00000010, "SHA3_384";
        /// SHA3-512.
        SHA3_512 = 0x00000011, "SHA3_512";
    }
}

open_enumeration! {
    /// Interop Function.
    InteropFunction, "InteropFunction" {
        /// Begin.
        BEGIN = 0x00000001, "Begin";
        /// End.
        END = 0x00000002, "End";
        /// Reset.
        RESET = 0x00000003, "Reset";
    }
}

open_enumeration! {
    /// Key Compression Type.
    KeyCompressionType, "KeyCompressionType" {
        /// EC Public Key Type Uncompressed.
        EC_PUBLIC_KEY_TYPE_UNCOMPRESSED = 0x00000001, "ECPublicKeyTypeUncompressed";
        /// EC Public Key Type X9.62 Compressed Prime.
        EC_PUBLIC_KEY_TYPE_X9_62_COMPRESSED_PRIME = 0x00000002, "ECPublicKeyTypeX9_62CompressedPrime";
        /// EC Public Key Type X9.62 Compressed Char2.
        EC_PUBLIC_KEY_TYPE_X9_62_COMPRESSED_CHAR2 = 0x00000003, "ECPublicKeyTypeX9_62CompressedChar2";
        /// EC Public Key Type X9.62 Hybrid.
        EC_PUBLIC_KEY_TYPE_X9_62_HYBRID = 0x00000004, "ECPublicKeyTypeX9_62Hybrid";
    }
}

open_enumeration! {
    /// Key Format Type.
    KeyFormatType, "KeyFormatType" {
        /// Raw.
        RAW = 0x00000001, "Raw";
        /// Opaque.
        OPAQUE = 0x00000002, "Opaque";
        /// PKCS#1.
        PKCS_1 = 0x00000003, "PKCS_1";
        /// PKCS#8.
        PKCS_8 = 0x00000004, "PKCS_8";
        /// X.509.
        X_509 = 0x00000005, "X_509";
        /// ECPrivateKey.
        EC_PRIVATE_KEY = 0x00000006, "ECPrivateKey";
        /// Transparent Symmetric Key.
        TRANSPARENT_SYMMETRIC_KEY = 0x00000007, "TransparentSymmetricKey";
        /// Transparent DSA Private Key.
        TRANSPARENT_DSA_PRIVATE_KEY = 0x00000008, "TransparentDSAPrivateKey";
        /// Transparent DSA Public Key.
        TRANSPARENT_DSA_PUBLIC_KEY = 0x00000009, "TransparentDSAPublicKey";
        /// Transparent RSA Private Key.
        TRANSPARENT_RSA_PRIVATE_KEY = 0x0000000A, "TransparentRSAPrivateKey";
        /// Transparent RSA Public Key.
        TRANSPARENT_RSA_PUBLIC_KEY = 0x0000000B, "TransparentRSAPublicKey";
        /// Transparent DH Private Key.
        TRANSPARENT_DH_PRIVATE_KEY = 0x0000000C, "TransparentDHPrivateKey";
        /// Transparent DH Public Key.
        TRANSPARENT_DH_PUBLIC_KEY = 0x0000000D, "TransparentDHPublicKey";
        /// Transparent ECDSA Private Key.
        TRANSPARENT_ECDSA_PRIVATE_KEY = 0x0000000E, "TransparentECDSAPrivateKey";
        /// Transparent ECDSA Public Key.
        TRANSPARENT_ECDSA_PUBLIC_KEY = 0x0000000F, "TransparentECDSAPublicKey";
        /// Transparent ECDH Private Key.
        TRANSPARENT_ECDH_PRIVATE_KEY = 0x00000010, "TransparentECDHPrivateKey";
        /// Transparent ECDH Public Key.
        TRANSPARENT_ECDH_PUBLIC_KEY = 0x00000011, "TransparentECDHPublicKey";
        /// Transparent ECMQV Private Key.
        TRANSPARENT_ECMQV_PRIVATE_KEY = 0x00000012, "TransparentECMQVPrivateKey";
        /// Transparent ECMQV Public Key.
        TRANSPARENT_ECMQV_PUBLIC_KEY = 0x00000013, "TransparentECMQVPublicKey";
        /// Transparent EC Private Key.
        TRANSPARENT_EC_PRIVATE_KEY = 0x00000014, "TransparentECPrivateKey";
        /// Transparent EC Public Key.
        TRANSPARENT_EC_PUBLIC_KEY = 0x00000015, "TransparentECPublicKey";
        /// PKCS#12.
        PKCS_12 = 0x00000016, "PKCS_12";
        /// PKCS#10.
        PKCS_10 = 0x00000017, "PKCS_10";
    }
}

open_enumeration! {
    /// Key Role Type.
    KeyRoleType, "KeyRoleType" {
        /// BDK.
        BDK = 0x00000001, "BDK";
        /// CVK.
        CVK = 0x00000002, "CVK";
        /// DEK.
        DEK = 0x00000003, "DEK";
        /// MKAC.
        MKAC = 0x00000004, "MKAC";
        /// MKSMC.
        MKSMC = 0x00000005, "MKSMC";
        /// MKSMI.
        MKSMI = 0x00000006, "MKSMI";
        /// MKDAC.
        MKDAC = 0x00000007, "MKDAC";
        /// MKDN.
        MKDN = 0x00000008, "MKDN";
        /// MKCP.
        MKCP = 0x00000009, "MKCP";
        /// MKOTH.
        MKOTH = 0x0000000A, "MKOTH";
        /// KEK.
        KEK = 0x0000000B, "KEK";
        /// MAC16609.
        MAC16609 = 0x0000000C, "MAC16609";
        /// MAC97971.
        MAC97971 = 0x0000000D, "MAC97971";
        /// MAC97972.
        MAC97972 = 0x0000000E, "MAC97972";
        /// MAC97973.
        MAC97973 = 0x0000000F, "MAC97973";
        /// MAC97974.
        MAC97974 = 0x00000010, "MAC97974";
        /// MAC97975.
        MAC97975 = 0x00000011, "MAC97975";
        /// ZPK.
        ZPK = 0x00000012, "ZPK";
        /// PVKIBM.
        PVKIBM = 0x00000013, "PVKIBM";
        /// PVKPVV.
        PVKPVV = 0x00000014, "PVKPVV";
        /// PVKOTH.
        PVKOTH = 0x00000015, "PVKOTH";
        /// DUKPT.
        DUKPT = 0x00000016, "DUKPT";
        /// IV.
        IV = 0x00000017, "IV";
        /// TRKBK.
        TRKBK = 0x00000018, "TRKBK";
    }
}

open_enumeration! {
    /// Key Value Location Type.
    KeyValueLocationType, "KeyValueLocationType" {
        /// Uninterpreted Text String.
        UNINTERPRETED_TEXT_STRING = 0x00000001, "UninterpretedTextString";
        /// URI.
        URI = 0x00000002, "URI";
    }
}

open_enumeration! {
    /// Key Wrap Type.
    KeyWrapType, "KeyWrapType" {
        /// Not Wrapped.
        NOT_WRAPPED = 0x00000001, "NotWrapped";
        /// As Registered.
        AS_REGISTERED = 0x00000002, "AsRegistered";
    }
}

open_enumeration! {
    /// Link Type.
    LinkType, "LinkType" {
        /// Certificate Link.
        CERTIFICATE_LINK = 0x00000101, "CertificateLink";
        /// Public Key Link.
        PUBLIC_KEY_LINK = 0x00000102, "PublicKeyLink";
        /// Private Key Link.
        PRIVATE_KEY_LINK = 0x00000103, "PrivateKeyLink";
        /// Derivation Base Object Link.
        DERIVATION_BASE_OBJECT_LINK = 0x00000104, "DerivationBaseObjectLink";
        /// Derived Key Link.
        DERIVED_KEY_LINK = 0x00000105, "DerivedKeyLink";
        /// Replacement Object Link.
        REPLACEMENT_OBJECT_LINK = 0x00000106, "ReplacementObjectLink";
        /// Replaced Object Link.
        REPLACED_OBJECT_LINK = 0x00000107, "ReplacedObjectLink";
        /// Parent Link.
        PARENT_LINK = 0x00000108, "ParentLink";
        /// Child Link.
        CHILD_LINK = 0x00000109, "ChildLink";
        /// Previous Link.
        PREVIOUS_LINK = 0x0000010A, "PreviousLink";
        /// Next Link.
        NEXT_LINK = 0x0000010B, "NextLink";
        /// PKCS#12 Certificate Link.
        PKCS_12_CERTIFICATE_LINK = 0x0000010C, "PKCS_12CertificateLink";
        /// PKCS#12 Password Link.
        PKCS_12_PASSWORD_LINK = 0x0000010D, "PKCS_12PasswordLink";
        /// Wrapping Key Link.
        WRAPPING_KEY_LINK = 0x0000010E, "WrappingKeyLink";
    }
}

open_enumeration! {
    /// Mask Generator.
    MaskGenerator, "MaskGenerator" {
        /// MGF1.
        MGF1 = 0x00000001, "MGF1";
    }
}

open_enumeration! {
    /// NIST Key Type.
    NistKeyType, "NISTKeyType" {
        /// Private signature key.
        PRIVATE_SIGNATURE_KEY = 0x00000001, "PrivateSignatureKey";
        /// Public signature verification key.
        PUBLIC_SIGNATURE_VERIFICATION_KEY = 0x00000002, "PublicSignatureVerificationKey";
        /// Symmetric authentication key.
        SYMMETRIC_AUTHENTICATION_KEY = 0x00000003, "SymmetricAuthenticationKey";
        /// Private authentication key.
        PRIVATE_AUTHENTICATION_KEY = 0x00000004, "PrivateAuthenticationKey";
        /// Public authentication key.
        PUBLIC_AUTHENTICATION_KEY = 0x00000005, "PublicAuthenticationKey";
        /// Symmetric data encryption key.
        SYMMETRIC_DATA_ENCRYPTION_KEY = 0x00000006, "SymmetricDataEncryptionKey";
        /// Symmetric key wrapping key.
        SYMMETRIC_KEY_WRAPPING_KEY = 0x00000007, "SymmetricKeyWrappingKey";
        /// Symmetric random number generation key.
        SYMMETRIC_RANDOM_NUMBER_GENERATION_KEY = 0x00000008, "SymmetricRandomNumberGenerationKey";
        /// Symmetric master key.
        SYMMETRIC_MASTER_KEY = 0x00000009, "SymmetricMasterKey";
        /// Private key transport key.
        PRIVATE_KEY_TRANSPORT_KEY = 0x0000000A, "PrivateKeyTransportKey";
        /// Public key transport key.
        PUBLIC_KEY_TRANSPORT_KEY = 0x0000000B, "PublicKeyTransportKey";
        /// Symmetric key agreement key.
        SYMMETRIC_KEY_AGREEMENT_KEY = 0x0000000C, "SymmetricKeyAgreementKey";
        /// Private static key agreement key.
        PRIVATE_STATIC_KEY_AGREEMENT_KEY = 0x0000000D, "PrivateStaticKeyAgreementKey";
        /// Public static key agreement key.
        PUBLIC_STATIC_KEY_AGREEMENT_KEY = 0x0000000E, "PublicStaticKeyAgreementKey";
        /// Private ephemeral key agreement key.
        PRIVATE_EPHEMERAL_KEY_AGREEMENT_KEY = 0x0000000F, "PrivateEphemeralKeyAgreementKey";
        /// Public ephemeral key agreement key.
        PUBLIC_EPHEMERAL_KEY_AGREEMENT_KEY = 0x00000010, "PublicEphemeralKeyAgreementKey";
        /// Symmetric authorization key.
        SYMMETRIC_AUTHORIZATION_KEY = 0x00000011, "SymmetricAuthorizationKey";
        /// Private authorization key.
        PRIVATE_AUTHORIZATION_KEY = 0x00000012, "PrivateAuthorizationKey";
        /// Public authorization key.
        PUBLIC_AUTHORIZATION_KEY = 0x00000013, "PublicAuthorizationKey";
    }
}

open_enumeration! {
    /// Name Type.
    NameType, "NameType" {
        /// Uninterpreted Text String.
        UNINTERPRETED_TEXT_STRING = 0x00000001, "UninterpretedTextString";
        /// URI.
        URI = 0x00000002, "URI";
    }
}

open_enumeration! {
    /// Object Group Member.
    ObjectGroupMember, "ObjectGroupMember" {
        /// Group Member Fresh.
        GROUP_MEMBER_FRESH = 0x00000001, "GroupMemberFresh";
        /// Group Member Default.
        GROUP_MEMBER_DEFAULT = 0x00000002, "GroupMemberDefault";
    }
}

open_enumeration! {
    /// Object Type.
    ObjectType, "ObjectType" {
        /// Certificate.
        CERTIFICATE = 0x00000001, "Certificate";
        /// Symmetric Key.
        SYMMETRIC_KEY = 0x00000002, "SymmetricKey";
        /// Public Key.
        PUBLIC_KEY = 0x00000003, "PublicKey";
        /// Private Key.
        PRIVATE_KEY = 0x00000004, "PrivateKey";
        /// Split Key.
        SPLIT_KEY = 0x00000005, "SplitKey";
        /// Template.
        TEMPLATE = 0x00000006, "Template";
        /// Secret Data.
        SECRET_DATA = 0x00000007, "SecretData";
        /// Opaque Object.
        OPAQUE_OBJECT = 0x00000008, "OpaqueObject";
        /// PGP Key.
        PGP_KEY = 0x00000009, "PGPKey";
        /// Certificate Request.
        CERTIFICATE_REQUEST = 0x0000000A, "CertificateRequest";
    }
}

open_enumeration! {
    /// Opaque Data Type.
    OpaqueDataType, "OpaqueDataType" {
    }
}

open_enumeration! {
    /// Operation.
    OperationCode, "Operation" {
        /// Create.
        CREATE = 0x00000001, "Create";
        /// Create Key Pair.
        CREATE_KEY_PAIR = 0x00000002, "CreateKeyPair";
        /// Register.
        REGISTER = 0x00000003, "Register";
        /// Re-key.
        RE_KEY = 0x00000004, "ReKey";
        /// Derive Key.
        DERIVE_KEY = 0x00000005, "DeriveKey";
        /// Certify.
        CERTIFY = 0x00000006, "Certify";
        /// Re-certify.
        RE_CERTIFY = 0x00000007, "ReCertify";
        /// Locate.
        LOCATE = 0x00000008, "Locate";
        /// Check.
        CHECK = 0x00000009, "Check";
        /// Get.
        GET = 0x0000000A, "Get";
        /// Get Attributes.
        GET_ATTRIBUTES = 0x0000000B, "GetAttributes";
        /// Get Attribute List.
        GET_ATTRIBUTE_LIST = 0x0000000C, "GetAttributeList";
        /// Add Attribute.
        ADD_ATTRIBUTE = 0x0000000D, "AddAttribute";
        /// Modify Attribute.
        MODIFY_ATTRIBUTE = 0x0000000E, "ModifyAttribute";
        /// Delete Attribute.
        DELETE_ATTRIBUTE = 0x0000000F, "DeleteAttribute";
        /// Obtain Lease.
        OBTAIN_LEASE = 0x00000010, "ObtainLease";
        /// Get Usage Allocation.
        GET_USAGE_ALLOCATION = 0x00000011, "GetUsageAllocation";
        /// Activate.
        ACTIVATE = 0x00000012, "Activate";
        /// Revoke.
        REVOKE = 0x00000013, "Revoke";
        /// Destroy.
        DESTROY = 0x00000014, "Destroy";
        /// Archive.
        ARCHIVE = 0x00000015, "Archive";
        /// Recover.
        RECOVER = 0x00000016, "Recover";
        /// Validate.
        VALIDATE = 0x00000017, "Validate";
        /// Query.
        QUERY = 0x00000018, "Query";
        /// Cancel.
        CANCEL = 0x00000019, "Cancel";
        /// Poll.
        POLL = 0x0000001A, "Poll";
        /// Notify.
        NOTIFY = 0x0000001B, "Notify";
        /// Put.
        PUT = 0x0000001C, "Put";
        /// Re-key Key Pair.
        RE_KEY_KEY_PAIR = 0x0000001D, "ReKeyKeyPair";
        /// Discover Versions.
        DISCOVER_VERSIONS = 0x0000001E, "DiscoverVersions";
        /// Encrypt.
        ENCRYPT = 0x0000001F, "Encrypt";
        /// Decrypt.
        DECRYPT = 0x00000020, "Decrypt";
        /// Sign.
        SIGN = 0x00000021, "Sign";
        /// Signature Verify.
        SIGNATURE_VERIFY = 0x00000022, "SignatureVerify";
        /// MAC.
        MAC = 0x00000023, "MAC";
        /// MAC Verify.
        MAC_VERIFY = 0x00000024, "MACVerify";
        /// RNG Retrieve.
        RNG_RETRIEVE = 0x00000025, "RNGRetrieve";
        /// RNG Seed.
        RNG_SEED = 0x00000026, "RNGSeed";
        /// Hash.
        HASH = 0x00000027, "Hash";
        /// Create Split Key.
        CREATE_SPLIT_KEY = 0x00000028, "CreateSplitKey";
        /// Join Split Key.
        JOIN_SPLIT_KEY = 0x00000029, "JoinSplitKey";
        /// Import.
        IMPORT = 0x0000002A, "Import";
        /// Export.
        EXPORT = 0x0000002B, "Export";
        /// Log.
        LOG = 0x0000002C, "Log";
        /// Login.
        LOGIN = 0x0000002D, "Login";
        /// Logout.
        LOGOUT = 0x0000002E, "Logout";
        /// Delegated Login.
        DELEGATED_LOGIN = 0x0000002F, "DelegatedLogin";
        /// Adjust Attribute.
        ADJUST_ATTRIBUTE = 0x00000030, "AdjustAttribute";
        /// Set Attribute.
        SET_ATTRIBUTE = 0x00000031, "SetAttribute";
        /// Set Endpoint Role.
        SET_ENDPOINT_ROLE = 0x00000032, "SetEndpointRole";
        /// PKCS#11.
        PKCS_11 = 0x00000033, "PKCS_11";
        /// Interop.
        INTEROP = 0x00000034, "Interop";
        /// Re-Provision.
        RE_PROVISION = 0x00000035, "ReProvision";
        /// Set Defaults.
        SET_DEFAULTS = 0x00000036, "SetDefaults";
        /// Set Constraints.
        SET_CONSTRAINTS = 0x00000037, "SetConstraints";
        /// Get Constraints.
        GET_CONSTRAINTS = 0x00000038, "GetConstraints";
        /// Query Asynchronous Requests.
        QUERY_ASYNCHRONOUS_REQUESTS = 0x00000039, "QueryAsynchronousRequests";
        /// Process.
        PROCESS = 0x0000003A, "Process";
        /// Ping.
        PING = 0x0000003B, "Ping";
    }
}

open_enumeration! {
    /// PKCS#11 Function.
    Pkcs11Function, "PKCS_11Function" {
        /// C_Initialize.
        C_INITIALIZE = 0x00000001, "C_Initialize";
        /// C_Finalize.
        C_FINALIZE = 0x00000002, "C_Finalize";
        /// C_GetInfo.
        C_GET_INFO = 0x00000003, "C_GetInfo";
    }
}

open_enumeration! {
    /// PKCS#11 Return Code.
    Pkcs11ReturnCode, "PKCS_11ReturnCode" {
        /// OK.
        OK = 0x00000000, "OK";
    }
}

open_enumeration! {
    /// Padding Method.
    PaddingMethod, "PaddingMethod" {
        /// None.
        NONE = 0x00000001, "None";
        /// OAEP.
        OAEP = 0x00000002, "OAEP";
        /// PKCS5.
        PKCS5 = 0x00000003, "PKCS5";
        /// SSL3.
        SSL3 = 0x00000004, "SSL3";
        /// Zeros.
        ZEROS = 0x00000005, "Zeros";
        /// ANSI X9.23.
        ANSI_X9_23 = 0x00000006, "ANSIX9_23";
        /// ISO 10126.
        ISO_10126 = 0x00000007, "ISO10126";
        /// PKCS1 v1.5.
        PKCS1_V1_5 = 0x00000008, "PKCS1V1_5";
        /// X9.31.
        X9_31 = 0x00000009, "X9_31";
        /// PSS.
        PSS = 0x0000000A, "PSS";
    }
}

open_enumeration! {
    /// Processing Stage.
    ProcessingStage, "ProcessingStage" {
        /// Submitted.
        SUBMITTED = 0x00000001, "Submitted";
        /// In Process.
        IN_PROCESS = 0x00000002, "InProcess";
        /// Completed.
        COMPLETED = 0x00000003, "Completed";
    }
}

open_enumeration! {
    /// Profile Name.
    ProfileName, "ProfileName" {
        /// Baseline Server Basic KMIP v1.2.
        BASELINE_SERVER_BASIC_KMIP_V1_2 = 0x00000001, "BaselineServerBasicKMIPV1_2";
        /// Baseline Server TLS v1.2 KMIP v1.2.
        BASELINE_SERVER_TLS_V1_2_KMIP_V1_2 = 0x00000002, "BaselineServerTLSV1_2KMIPV1_2";
        /// Baseline Client Basic KMIP v1.2.
        BASELINE_CLIENT_BASIC_KMIP_V1_2 = 0x00000003, "BaselineClientBasicKMIPV1_2";
        /// Baseline Client TLS v1.2 KMIP v1.2.
        BASELINE_CLIENT_TLS_V1_2_KMIP_V1_2 = 0x00000004, "BaselineClientTLSV1_2KMIPV1_2";
        /// Complete Server Basic KMIP v1.2.
        COMPLETE_SERVER_BASIC_KMIP_V1_2 = 0x00000005, "CompleteServerBasicKMIPV1_2";
        /// Complete Server TLS v1.2 KMIP v1.2.
        COMPLETE_SERVER_TLS_V1_2_KMIP_V1_2 = 0x00000006, "CompleteServerTLSV1_2KMIPV1_2";
        /// Tape Library Client KMIP v1.0.
        TAPE_LIBRARY_CLIENT_KMIP_V1_0 = 0x00000007, "TapeLibraryClientKMIPV1_0";
        /// Tape Library Client KMIP v1.1.
        TAPE_LIBRARY_CLIENT_KMIP_V1_1 = 0x00000008, "TapeLibraryClientKMIPV1_1";
        /// Tape Library Client KMIP v1.2.
        TAPE_LIBRARY_CLIENT_KMIP_V1_2 = 0x00000009, "TapeLibraryClientKMIPV1_2";
        /// Tape Library Server KMIP v1.0.
        TAPE_LIBRARY_SERVER_KMIP_V1_0 = 0x0000000A, "TapeLibraryServerKMIPV1_0";
        /// Tape Library Server KMIP v1.1.
        TAPE_LIBRARY_SERVER_KMIP_V1_1 = 0x0000000B, "TapeLibraryServerKMIPV1_1";
        /// Tape Library Server KMIP v1.2.
        TAPE_LIBRARY_SERVER_KMIP_V1_2 = 0x0000000C, "TapeLibraryServerKMIPV1_2";
        /// Symmetric Key Lifecycle Client KMIP v1.0.
        SYMMETRIC_KEY_LIFECYCLE_CLIENT_KMIP_V1_0 = 0x0000000D, "SymmetricKeyLifecycleClientKMIPV1_0";
        /// Symmetric Key Lifecycle Client KMIP v1.1.
        SYMMETRIC_KEY_LIFECYCLE_CLIENT_KMIP_V1_1 = 0x0000000E, "SymmetricKeyLifecycleClientKMIPV1_1";
        /// Symmetric Key Lifecycle Client KMIP v1.2.
        SYMMETRIC_KEY_LIFECYCLE_CLIENT_KMIP_V1_2 = 0x0000000F, "SymmetricKeyLifecycleClientKMIPV1_2";
        /// Symmetric Key Lifecycle Server KMIP v1.0.
        SYMMETRIC_KEY_LIFECYCLE_SERVER_KMIP_V1_0 = 0x00000010, "SymmetricKeyLifecycleServerKMIPV1_0";
        /// Symmetric Key Lifecycle Server KMIP v1.1.
        SYMMETRIC_KEY_LIFECYCLE_SERVER_KMIP_V1_1 = 0x00000011, "SymmetricKeyLifecycleServerKMIPV1_1";
        /// Symmetric Key Lifecycle Server KMIP v1.2.
        SYMMETRIC_KEY_LIFECYCLE_SERVER_KMIP_V1_2 = 0x00000012, "SymmetricKeyLifecycleServerKMIPV1_2";
        /// Asymmetric Key Lifecycle Client KMIP v1.0.
        ASYMMETRIC_KEY_LIFECYCLE_CLIENT_KMIP_V1_0 = 0x00000013, "AsymmetricKeyLifecycleClientKMIPV1_0";
        /// Asymmetric Key Lifecycle Client KMIP v1.1.
        ASYMMETRIC_KEY_LIFECYCLE_CLIENT_KMIP_V1_1 = 0x00000014, "AsymmetricKeyLifecycleClientKMIPV1_1";
        /// Asymmetric Key Lifecycle Client KMIP v1.2.
        ASYMMETRIC_KEY_LIFECYCLE_CLIENT_KMIP_V1_2 = 0x00000015, "AsymmetricKeyLifecycleClientKMIPV1_2";
        /// Asymmetric Key Lifecycle Server KMIP v1.0.
        ASYMMETRIC_KEY_LIFECYCLE_SERVER_KMIP_V1_0 = 0x00000016, "AsymmetricKeyLifecycleServerKMIPV1_0";
        /// Asymmetric Key Lifecycle Server KMIP v1.1.
        ASYMMETRIC_KEY_LIFECYCLE_SERVER_KMIP_V1_1 = 0x00000017, "AsymmetricKeyLifecycleServerKMIPV1_1";
        /// Asymmetric Key Lifecycle Server KMIP v1.2.
        ASYMMETRIC_KEY_LIFECYCLE_SERVER_KMIP_V1_2 = 0x00000018, "AsymmetricKeyLifecycleServerKMIPV1_2";
        /// Basic Cryptographic Client KMIP v1.2.
        BASIC_CRYPTOGRAPHIC_CLIENT_KMIP_V1_2 = 0x00000019, "BasicCryptographicClientKMIPV1_2";
        /// Basic Cryptographic Server KMIP v1.2.
        BASIC_CRYPTOGRAPHIC_SERVER_KMIP_V1_2 = 0x0000001A, "BasicCryptographicServerKMIPV1_2";
        /// Advanced Cryptographic Client KMIP v1.2.
        ADVANCED_CRYPTOGRAPHIC_CLIENT_KMIP_V1_2 = 0x0000001B, "AdvancedCryptographicClientKMIPV1_2";
        /// Advanced Cryptographic Server KMIP v1.2.
        ADVANCED_CRYPTOGRAPHIC_SERVER_KMIP_V1_2 = 0x0000001C, "AdvancedCryptographicServerKMIPV1_2";
        /// RNG Cryptographic Client KMIP v1.2.
        RNG_CRYPTOGRAPHIC_CLIENT_KMIP_V1_2 = 0x0000001D, "RNGCryptographicClientKMIPV1_2";
        /// RNG Cryptographic Server KMIP v1.2.
        RNG_CRYPTOGRAPHIC_SERVER_KMIP_V1_2 = 0x0000001E, "RNGCryptographicServerKMIPV1_2";
        /// Basic Symmetric Key Foundry Client KMIP v1.0.
        BASIC_SYMMETRIC_KEY_FOUNDRY_CLIENT_KMIP_V1_0 = 0x0000001F, "BasicSymmetricKeyFoundryClientKMIPV1_0";
        /// Intermediate Symmetric Key Foundry Client KMIP v1.0.
        INTERMEDIATE_SYMMETRIC_KEY_FOUNDRY_CLIENT_KMIP_V1_0 = 0x00000020, "IntermediateSymmetricKeyFoundryClientKMIPV1_0";
        /// Advanced Symmetric Key Foundry Client KMIP v1.0.
        ADVANCED_SYMMETRIC_KEY_FOUNDRY_CLIENT_KMIP_V1_0 = 0x00000021, "AdvancedSymmetricKeyFoundryClientKMIPV1_0";
        /// Basic Symmetric Key Foundry Client KMIP v1.1.
        BASIC_SYMMETRIC_KEY_FOUNDRY_CLIENT_KMIP_V1_1 = 0x00000022, "BasicSymmetricKeyFoundryClientKMIPV1_1";
        /// Intermediate Symmetric Key Foundry Client KMIP v1.1.
        INTERMEDIATE_SYMMETRIC_KEY_FOUNDRY_CLIENT_KMIP_V1_1 = 0x00000023, "IntermediateSymmetricKeyFoundryClientKMIPV1_1";
        /// Advanced Symmetric Key Foundry Client KMIP v1.1.
        ADVANCED_SYMMETRIC_KEY_FOUNDRY_CLIENT_KMIP_V1_1 = 0x00000024, "AdvancedSymmetricKeyFoundryClientKMIPV1_1";
        /// Basic Symmetric Key Foundry Client KMIP v1.2.
        BASIC_SYMMETRIC_KEY_FOUNDRY_CLIENT_KMIP_V1_2 = 0x00000025, "BasicSymmetricKeyFoundryClientKMIPV1_2";
        /// Intermediate Symmetric Key Foundry Client KMIP v1.2.
        INTERMEDIATE_SYMMETRIC_KEY_FOUNDRY_CLIENT_KMIP_V1_2 = 0x00000026, "IntermediateSymmetricKeyFoundryClientKMIPV1_2";
        /// Advanced Symmetric Key Foundry Client KMIP v1.2.
        ADVANCED_SYMMETRIC_KEY_FOUNDRY_CLIENT_KMIP_V1_2 = 0x00000027, "AdvancedSymmetricKeyFoundryClientKMIPV1_2";
        /// Symmetric Key Foundry Server KMIP v1.0.
        SYMMETRIC_KEY_FOUNDRY_SERVER_KMIP_V1_0 = 0x00000028, "SymmetricKeyFoundryServerKMIPV1_0";
        /// Symmetric Key Foundry Server KMIP v1.1.
        SYMMETRIC_KEY_FOUNDRY_SERVER_KMIP_V1_1 = 0x00000029, "SymmetricKeyFoundryServerKMIPV1_1";
        /// Symmetric Key Foundry Server KMIP v1.2.
        SYMMETRIC_KEY_FOUNDRY_SERVER_KMIP_V1_2 = 0x0000002A, "SymmetricKeyFoundryServerKMIPV1_2";
        /// Opaque Managed Object Store Client KMIP v1.0.
        OPAQUE_MANAGED_OBJECT_STORE_CLIENT_KMIP_V1_0 = 0x0000002B, "OpaqueManagedObjectStoreClientKMIPV1_0";
        /// Opaque Managed Object Store Client KMIP v1.1.
        OPAQUE_MANAGED_OBJECT_STORE_CLIENT_KMIP_V1_1 = 0x0000002C, "OpaqueManagedObjectStoreClientKMIPV1_1";
        /// Opaque Managed Object Store Client KMIP v1.2.
        OPAQUE_MANAGED_OBJECT_STORE_CLIENT_KMIP_V1_2 = 0x0000002D, "OpaqueManagedObjectStoreClientKMIPV1_2";
        /// Opaque Managed Object Store Server KMIP v1.0.
        OPAQUE_MANAGED_OBJECT_STORE_SERVER_KMIP_V1_0 = 0x0000002E, "OpaqueManagedObjectStoreServerKMIPV1_0";
        /// Opaque Managed Object Store Server KMIP v1.1.
        OPAQUE_MANAGED_OBJECT_STORE_SERVER_KMIP_V1_1 = 0x0000002F, "OpaqueManagedObjectStoreServerKMIPV1_1";
        /// Opaque Managed Object Store Server KMIP v1.2.
        OPAQUE_MANAGED_OBJECT_STORE_SERVER_KMIP_V1_2 = 0x00000030, "OpaqueManagedObjectStoreServerKMIPV1_2";
        /// Suite B minLOS_128 Client KMIP v1.0.
        SUITE_B_MIN_LOS_128_CLIENT_KMIP_V1_0 = 0x00000031, "SuiteBMinLOS_128ClientKMIPV1_0";
        /// Suite B minLOS_128 Client KMIP v1.1.
        SUITE_B_MIN_LOS_128_CLIENT_KMIP_V1_1 = 0x00000032, "SuiteBMinLOS_128ClientKMIPV1_1";
        /// Suite B minLOS_128 Client KMIP v1.2.
        SUITE_B_MIN_LOS_128_CLIENT_KMIP_V1_2 = 0x00000033, "SuiteBMinLOS_128ClientKMIPV1_2";
        /// Suite B minLOS_128 Server KMIP v1.0.
        SUITE_B_MIN_LOS_128_SERVER_KMIP_V1_0 = 0x00000034, "SuiteBMinLOS_128ServerKMIPV1_0";
        /// Suite B minLOS_128 Server KMIP v1.1.
        SUITE_B_MIN_LOS_128_SERVER_KMIP_V1_1 = 0x00000035, "SuiteBMinLOS_128ServerKMIPV1_1";
        /// Suite B minLOS_128 Server KMIP v1.2.
        SUITE_B_MIN_LOS_128_SERVER_KMIP_V1_2 = 0x00000036, "SuiteBMinLOS_128ServerKMIPV1_2";
        /// Suite B minLOS_192 Client KMIP v1.0.
        SUITE_B_MIN_LOS_192_CLIENT_KMIP_V1_0 = 0x00000037, "SuiteBMinLOS_192ClientKMIPV1_0";
        /// Suite B minLOS_192 Client KMIP v1.1.
        SUITE_B_MIN_LOS_192_CLIENT_KMIP_V1_1 = 0x00000038, "SuiteBMinLOS_192ClientKMIPV1_1";
        /// Suite B minLOS_192 Client KMIP v1.2.
        SUITE_B_MIN_LOS_192_CLIENT_KMIP_V1_2 = 0x00000039, "SuiteBMinLOS_192ClientKMIPV1_2";
        /// Suite B minLOS_192 Server KMIP v1.0.
        SUITE_B_MIN_LOS_192_SERVER_KMIP_V1_0 = 0x0000003A, "SuiteBMinLOS_192ServerKMIPV1_0";
        /// Suite B minLOS_192 Server KMIP v1.1.
        SUITE_B_MIN_LOS_192_SERVER_KMIP_V1_1 = 0x0000003B, "SuiteBMinLOS_192ServerKMIPV1_1";
        /// Suite B minLOS_192 Server KMIP v1.2.
        SUITE_B_MIN_LOS_192_SERVER_KMIP_V1_2 = 0x0000003C, "SuiteBMinLOS_192ServerKMIPV1_2";
        /// Storage Array with Self Encrypting Drive Client KMIP v1.0.
        STORAGE_ARRAY_WITH_SELF_ENCRYPTING_DRIVE_CLIENT_KMIP_V1_0 = 0x0000003D, "StorageArrayWithSelfEncryptingDriveClientKMIPV1_0";
        /// Storage Array with Self Encrypting Drive Client KMIP v1.1.
        STORAGE_ARRAY_WITH_SELF_ENCRYPTING_DRIVE_CLIENT_KMIP_V1_1 = 0x0000003E, "StorageArrayWithSelfEncryptingDriveClientKMIPV1_1";
        /// Storage Array with Self Encrypting Drive Client KMIP v1.2.
        STORAGE_ARRAY_WITH_SELF_ENCRYPTING_DRIVE_CLIENT_KMIP_V1_2 = 0x0000003F, "StorageArrayWithSelfEncryptingDriveClientKMIPV1_2";
        /// Storage Array with Self Encrypting Drive Server KMIP v1.0.
        STORAGE_ARRAY_WITH_SELF_ENCRYPTING_DRIVE_SERVER_KMIP_V1_0 = 0x00000040, "StorageArrayWithSelfEncryptingDriveServerKMIPV1_0";
        /// Storage Array with Self Encrypting Drive Server KMIP v1.1.
        STORAGE_ARRAY_WITH_SELF_ENCRYPTING_DRIVE_SERVER_KMIP_V1_1 = 0x00000041, "StorageArrayWithSelfEncryptingDriveServerKMIPV1_1";
        /// Storage Array with Self Encrypting Drive Server KMIP v1.2.
        STORAGE_ARRAY_WITH_SELF_ENCRYPTING_DRIVE_SERVER_KMIP_V1_2 = 0x00000042, "StorageArrayWithSelfEncryptingDriveServerKMIPV1_2";
        /// HTTPS Client KMIP v1.0.
        HTTPS_CLIENT_KMIP_V1_0 = 0x00000043, "HTTPSClientKMIPV1_0";
        /// HTTPS Client KMIP v1.1.
        HTTPS_CLIENT_KMIP_V1_1 = 0x00000044, "HTTPSClientKMIPV1_1";
        /// HTTPS Client KMIP v1.2.
        HTTPS_CLIENT_KMIP_V1_2 = 0x00000045, "HTTPSClientKMIPV1_2";
        /// HTTPS Server KMIP v1.0.
        HTTPS_SERVER_KMIP_V1_0 = 0x00000046, "HTTPSServerKMIPV1_0";
        /// HTTPS Server KMIP v1.1.
        HTTPS_SERVER_KMIP_V1_1 = 0x00000047, "HTTPSServerKMIPV1_1";
        /// HTTPS Server KMIP v1.2.
        HTTPS_SERVER_KMIP_V1_2 = 0x00000048, "HTTPSServerKMIPV1_2";
        /// JSON Client KMIP v1.0.
        JSON_CLIENT_KMIP_V1_0 = 0x00000049, "JSONClientKMIPV1_0";
        /// JSON Client KMIP v1.1.
        JSON_CLIENT_KMIP_V1_1 = 0x0000004A, "JSONClientKMIPV1_1";
        /// JSON Client KMIP v1.2.
        JSON_CLIENT_KMIP_V1_2 = 0x0000004B, "JSONClientKMIPV1_2";
        /// JSON Server KMIP v1.0.
        JSON_SERVER_KMIP_V1_0 = 0x0000004C, "JSONServerKMIPV1_0";
        /// JSON Server KMIP v1.1.
        JSON_SERVER_KMIP_V1_1 = 0x0000004D, "JSONServerKMIPV1_1";
        /// JSON Server KMIP v1.2.
        JSON_SERVER_KMIP_V1_2 = 0x0000004E, "JSONServerKMIPV1_2";
        /// XML Client KMIP v1.0.
        XML_CLIENT_KMIP_V1_0 = 0x0000004F, "XMLClientKMIPV1_0";
        /// XML Client KMIP v1.1.
        XML_CLIENT_KMIP_V1_1 = 0x00000050, "XMLClientKMIPV1_1";
        /// XML Client KMIP v1.2.
        XML_CLIENT_KMIP_V1_2 = 0x00000051, "XMLClientKMIPV1_2";
        /// XML Server KMIP v1.0.
        XML_SERVER_KMIP_V1_0 = 0x00000052, "XMLServerKMIPV1_0";
        /// XML Server KMIP v1.1.
        XML_SERVER_KMIP_V1_1 = 0x00000053, "XMLServerKMIPV1_1";
        /// XML Server KMIP v1.2.
        XML_SERVER_KMIP_V1_2 = 0x00000054, "XMLServerKMIPV1_2";
        /// Baseline Server Basic KMIP v1.3.
        BASELINE_SERVER_BASIC_KMIP_V1_3 = 0x00000055, "BaselineServerBasicKMIPV1_3";
        /// Baseline Server TLS v1.2 KMIP v1.3.
        BASELINE_SERVER_TLS_V1_2_KMIP_V1_3 = 0x00000056, "BaselineServerTLSV1_2KMIPV1_3";
        /// Baseline Client Basic KMIP v1.3.
        BASELINE_CLIENT_BASIC_KMIP_V1_3 = 0x00000057, "BaselineClientBasicKMIPV1_3";
        /// Baseline Client TLS v1.2 KMIP v1.3.
        BASELINE_CLIENT_TLS_V1_2_KMIP_V1_3 = 0x00000058, "BaselineClientTLSV1_2KMIPV1_3";
        /// Complete Server Basic KMIP v1.3.
        COMPLETE_SERVER_BASIC_KMIP_V1_3 = 0x00000059, "CompleteServerBasicKMIPV1_3";
        /// Complete Server TLS v1.2 KMIP v1.3.
        COMPLETE_SERVER_TLS_V1_2_KMIP_V1_3 = 0x0000005A, "CompleteServerTLSV1_2KMIPV1_3";
        /// Tape Library Client KMIP v1.3.
        TAPE_LIBRARY_CLIENT_KMIP_V1_3 = 0x0000005B, "TapeLibraryClientKMIPV1_3";
        /// Tape Library Server KMIP v1.3.
        TAPE_LIBRARY_SERVER_KMIP_V1_3 = 0x0000005C, "TapeLibraryServerKMIPV1_3";
        /// Symmetric Key Lifecycle Client KMIP v1.3.
        SYMMETRIC_KEY_LIFECYCLE_CLIENT_KMIP_V1_3 = 0x0000005D, "SymmetricKeyLifecycleClientKMIPV1_3";
        /// Symmetric Key Lifecycle Server KMIP v1.3.
        SYMMETRIC_KEY_LIFECYCLE_SERVER_KMIP_V1_3 = 0x0000005E, "SymmetricKeyLifecycleServerKMIPV1_3";
        /// Asymmetric Key Lifecycle Client KMIP v1.3.
        ASYMMETRIC_KEY_LIFECYCLE_CLIENT_KMIP_V1_3 = 0x0000005F, "AsymmetricKeyLifecycleClientKMIPV1_3";
        /// Asymmetric Key Lifecycle Server KMIP v1.3.
        ASYMMETRIC_KEY_LIFECYCLE_SERVER_KMIP_V1_3 = 0x00000060, "AsymmetricKeyLifecycleServerKMIPV1_3";
        /// Basic Cryptographic Client KMIP v1.3.
        BASIC_CRYPTOGRAPHIC_CLIENT_KMIP_V1_3 = 0x00000061, "BasicCryptographicClientKMIPV1_3";
        /// Basic Cryptographic Server KMIP v1.3.
        BASIC_CRYPTOGRAPHIC_SERVER_KMIP_V1_3 = 0x00000062, "BasicCryptographicServerKMIPV1_3";
        /// Advanced Cryptographic Client KMIP v1.3.
        ADVANCED_CRYPTOGRAPHIC_CLIENT_KMIP_V1_3 = 0x00000063, "AdvancedCryptographicClientKMIPV1_3";
        /// Advanced Cryptographic Server KMIP v1.3.
        ADVANCED_CRYPTOGRAPHIC_SERVER_KMIP_V1_3 = 0x00000064, "AdvancedCryptographicServerKMIPV1_3";
        /// RNG Cryptographic Client KMIP v1.3.
        RNG_CRYPTOGRAPHIC_CLIENT_KMIP_V1_3 = 0x00000065, "RNGCryptographicClientKMIPV1_3";
        /// RNG Cryptographic Server KMIP v1.3.
        RNG_CRYPTOGRAPHIC_SERVER_KMIP_V1_3 = 0x00000066, "RNGCryptographicServerKMIPV1_3";
        /// Basic Symmetric Key Foundry Client KMIP v1.3.
        BASIC_SYMMETRIC_KEY_FOUNDRY_CLIENT_KMIP_V1_3 = 0x00000067, "BasicSymmetricKeyFoundryClientKMIPV1_3";
        /// Intermediate Symmetric Key Foundry Client KMIP v1.3.
        INTERMEDIATE_SYMMETRIC_KEY_FOUNDRY_CLIENT_KMIP_V1_3 = 0x00000068, "IntermediateSymmetricKeyFoundryClientKMIPV1_3";
        /// Advanced Symmetric Key Foundry Client KMIP v1.3.
        ADVANCED_SYMMETRIC_KEY_FOUNDRY_CLIENT_KMIP_V1_3 = 0x00000069, "AdvancedSymmetricKeyFoundryClientKMIPV1_3";
        /// Symmetric Key Foundry Server KMIP v1.3.
        SYMMETRIC_KEY_FOUNDRY_SERVER_KMIP_V1_3 = 0x0000006A, "SymmetricKeyFoundryServerKMIPV1_3";
        /// Opaque Managed Object Store Client KMIP v1.3.
        OPAQUE_MANAGED_OBJECT_STORE_CLIENT_KMIP_V1_3 = 0x0000006B, "OpaqueManagedObjectStoreClientKMIPV1_3";
        /// Opaque Managed Object Store Server KMIP v1.3.
        OPAQUE_MANAGED_OBJECT_STORE_SERVER_KMIP_V1_3 = 0x0000006C, "OpaqueManagedObjectStoreServerKMIPV1_3";
        /// Suite B minLOS_128 Client KMIP v1.3.
        SUITE_B_MIN_LOS_128_CLIENT_KMIP_V1_3 = 0x0000006D, "SuiteBMinLOS_128ClientKMIPV1_3";
        /// Suite B minLOS_128 Server KMIP v1.3.
        SUITE_B_MIN_LOS_128_SERVER_KMIP_V1_3 = 0x0000006E, "SuiteBMinLOS_128ServerKMIPV1_3";
        /// Suite B minLOS_192 Client KMIP v1.3.
        SUITE_B_MIN_LOS_192_CLIENT_KMIP_V1_3 = 0x0000006F, "SuiteBMinLOS_192ClientKMIPV1_3";
        /// Suite B minLOS_192 Server KMIP v1.3.
        SUITE_B_MIN_LOS_192_SERVER_KMIP_V1_3 = 0x00000070, "SuiteBMinLOS_192ServerKMIPV1_3";
        /// Storage Array with Self Encrypting Drive Client KMIP v1.3.
        STORAGE_ARRAY_WITH_SELF_ENCRYPTING_DRIVE_CLIENT_KMIP_V1_3 = 0x00000071, "StorageArrayWithSelfEncryptingDriveClientKMIPV1_3";
        /// Storage Array with Self Encrypting Drive Server KMIP v1.3.
        STORAGE_ARRAY_WITH_SELF_ENCRYPTING_DRIVE_SERVER_KMIP_V1_3 = 0x00000072, "StorageArrayWithSelfEncryptingDriveServerKMIPV1_3";
        /// HTTPS Client KMIP v1.3.
        HTTPS_CLIENT_KMIP_V1_3 = 0x00000073, "HTTPSClientKMIPV1_3";
        /// HTTPS Server KMIP v1.3.
        HTTPS_SERVER_KMIP_V1_3 = 0x00000074, "HTTPSServerKMIPV1_3";
        /// JSON Client KMIP v1.3.
        JSON_CLIENT_KMIP_V1_3 = 0x00000075, "JSONClientKMIPV1_3";
        /// JSON Server KMIP v1.3.
        JSON_SERVER_KMIP_V1_3 = 0x00000076, "JSONServerKMIPV1_3";
        /// XML Client KMIP v1.3.
        XML_CLIENT_KMIP_V1_3 = 0x00000077, "XMLClientKMIPV1_3";
        /// XML Server KMIP v1.3.
        XML_SERVER_KMIP_V1_3 = 0x00000078, "XMLServerKMIPV1_3";
        /// Baseline Server Basic KMIP v1.4.
        BASELINE_SERVER_BASIC_KMIP_V1_4 = 0x00000079, "BaselineServerBasicKMIPV1_4";
        /// Baseline Server TLS v1.2 KMIP v1.4.
        BASELINE_SERVER_TLS_V1_2_KMIP_V1_4 = 0x0000007A, "BaselineServerTLSV1_2KMIPV1_4";
        /// Baseline Client Basic KMIP v1.4.
        BASELINE_CLIENT_BASIC_KMIP_V1_4 = 0x0000007B, "BaselineClientBasicKMIPV1_4";
        /// Baseline Client TLS v1.2 KMIP v1.4.
        BASELINE_CLIENT_TLS_V1_2_KMIP_V1_4 = 0x0000007C, "BaselineClientTLSV1_2KMIPV1_4";
        /// Complete Server Basic KMIP v1.4.
        COMPLETE_SERVER_BASIC_KMIP_V1_4 = 0x0000007D, "CompleteServerBasicKMIPV1_4";
        /// Complete Server TLS v1.2 KMIP v1.4.
        COMPLETE_SERVER_TLS_V1_2_KMIP_V1_4 = 0x0000007E, "CompleteServerTLSV1_2KMIPV1_4";
        /// Tape Library Client KMIP v1.4.
        TAPE_LIBRARY_CLIENT_KMIP_V1_4 = 0x0000007F, "TapeLibraryClientKMIPV1_4";
        /// Tape Library Server KMIP v1.4.
        TAPE_LIBRARY_SERVER_KMIP_V1_4 = 0x00000080, "TapeLibraryServerKMIPV1_4";
        /// Symmetric Key Lifecycle Client KMIP v1.4.
        SYMMETRIC_KEY_LIFECYCLE_CLIENT_KMIP_V1_4 = 0x00000081, "SymmetricKeyLifecycleClientKMIPV1_4";
        /// Symmetric Key Lifecycle Server KMIP v1.4.
        SYMMETRIC_KEY_LIFECYCLE_SERVER_KMIP_V1_4 = 0x00000082, "SymmetricKeyLifecycleServerKMIPV1_4";
        /// Asymmetric Key Lifecycle Client KMIP v1.4.
        ASYMMETRIC_KEY_LIFECYCLE_CLIENT_KMIP_V1_4 = 0x00000083, "AsymmetricKeyLifecycleClientKMIPV1_4";
        /// Asymmetric Key Lifecycle Server KMIP v1.4.
        ASYMMETRIC_KEY_LIFECYCLE_SERVER_KMIP_V1_4 = 0x00000084, "AsymmetricKeyLifecycleServerKMIPV1_4";
        /// Basic Cryptographic Client KMIP v1.4.
        BASIC_CRYPTOGRAPHIC_CLIENT_KMIP_V1_4 = 0x00000085, "BasicCryptographicClientKMIPV1_4";
        /// Basic Cryptographic Server KMIP v1.4.
        BASIC_CRYPTOGRAPHIC_SERVER_KMIP_V1_4 = 0x00000086, "BasicCryptographicServerKMIPV1_4";
        /// Advanced Cryptographic Client KMIP v1.4.
        ADVANCED_CRYPTOGRAPHIC_CLIENT_KMIP_V1_4 = 0x00000087, "AdvancedCryptographicClientKMIPV1_4";
        /// Advanced Cryptographic Server KMIP v1.4.
        ADVANCED_CRYPTOGRAPHIC_SERVER_KMIP_V1_4 = 0x00000088, "AdvancedCryptographicServerKMIPV1_4";
        /// RNG Cryptographic Client KMIP v1.4.
        RNG_CRYPTOGRAPHIC_CLIENT_KMIP_V1_4 = 0x00000089, "RNGCryptographicClientKMIPV1_4";
        /// RNG Cryptographic Server KMIP v1.4.
        RNG_CRYPTOGRAPHIC_SERVER_KMIP_V1_4 = 0x0000008A, "RNGCryptographicServerKMIPV1_4";
        /// Basic Symmetric Key Foundry Client KMIP v1.4.
        BASIC_SYMMETRIC_KEY_FOUNDRY_CLIENT_KMIP_V1_4 = 0x0000008B, "BasicSymmetricKeyFoundryClientKMIPV1_4";
        /// Intermediate Symmetric Key Foundry Client KMIP v1.4.
        INTERMEDIATE_SYMMETRIC_KEY_FOUNDRY_CLIENT_KMIP_V1_4 = 0x0000008C, "IntermediateSymmetricKeyFoundryClientKMIPV1_4";
        /// Advanced Symmetric Key Foundry Client KMIP v1.4.
        ADVANCED_SYMMETRIC_KEY_FOUNDRY_CLIENT_KMIP_V1_4 = 0x0000008D, "AdvancedSymmetricKeyFoundryClientKMIPV1_4";
        /// Symmetric Key Foundry Server KMIP v1.4.
        SYMMETRIC_KEY_FOUNDRY_SERVER_KMIP_V1_4 = 0x0000008E, "SymmetricKeyFoundryServerKMIPV1_4";
        /// Opaque Managed Object Store Client KMIP v1.4.
        OPAQUE_MANAGED_OBJECT_STORE_CLIENT_KMIP_V1_4 = 0x0000008F, "OpaqueManagedObjectStoreClientKMIPV1_4";
        /// Opaque Managed Object Store Server KMIP v1.4.
        OPAQUE_MANAGED_OBJECT_STORE_SERVER_KMIP_V1_4 = 0x00000090, "OpaqueManagedObjectStoreServerKMIPV1_4";
        /// Suite B minLOS_128 Client KMIP v1.4.
        SUITE_B_MIN_LOS_128_CLIENT_KMIP_V1_4 = 0x00000091, "SuiteBMinLOS_128ClientKMIPV1_4";
        /// Suite B minLOS_128 Server KMIP v1.4.
        SUITE_B_MIN_LOS_128_SERVER_KMIP_V1_4 = 0x00000092, "SuiteBMinLOS_128ServerKMIPV1_4";
        /// Suite B minLOS_192 Client KMIP v1.4.
        SUITE_B_MIN_LOS_192_CLIENT_KMIP_V1_4 = 0x00000093, "SuiteBMinLOS_192ClientKMIPV1_4";
        /// Suite B minLOS_192 Server KMIP v1.4.
        SUITE_B_MIN_LOS_192_SERVER_KMIP_V1_4 = 0x00000094, "SuiteBMinLOS_192ServerKMIPV1_4";
        /// Storage Array with Self Encrypting Drive Client KMIP v1.4.
        STORAGE_ARRAY_WITH_SELF_ENCRYPTING_DRIVE_CLIENT_KMIP_V1_4 = 0x00000095, "StorageArrayWithSelfEncryptingDriveClientKMIPV1_4";
        /// Storage Array with Self Encrypting Drive Server KMIP v1.4.
        STORAGE_ARRAY_WITH_SELF_ENCRYPTING_DRIVE_SERVER_KMIP_V1_4 = 0x00000096, "StorageArrayWithSelfEncryptingDriveServerKMIPV1_4";
        /// HTTPS Client KMIP v1.4.
        HTTPS_CLIENT_KMIP_V1_4 = 0x00000097, "HTTPSClientKMIPV1_4";
        /// HTTPS Server KMIP v1.4.
        HTTPS_SERVER_KMIP_V1_4 = 0x00000098, "HTTPSServerKMIPV1_4";
        /// JSON Client KMIP v1.4.
        JSON_CLIENT_KMIP_V1_4 = 0x00000099, "JSONClientKMIPV1_4";
        /// JSON Server KMIP v1.4.
        JSON_SERVER_KMIP_V1_4 = 0x0000009A, "JSONServerKMIPV1_4";
        /// XML Client KMIP v1.4.
        XML_CLIENT_KMIP_V1_4 = 0x0000009B, "XMLClientKMIPV1_4";
        /// XML Server KMIP v1.4.
        XML_SERVER_KMIP_V1_4 = 0x0000009C, "XMLServerKMIPV1_4";
        /// Complete Server Basic.
        COMPLETE_SERVER_BASIC = 0x00000104, "CompleteServerBasic";
        /// Complete Server TLS v1.2.
        COMPLETE_SERVER_TLS_V1_2 = 0x00000105, "CompleteServerTLSV1_2";
        /// Tape Library Client.
        TAPE_LIBRARY_CLIENT = 0x00000106, "TapeLibraryClient";
        /// Tape Library Server.
        TAPE_LIBRARY_SERVER = 0x00000107, "TapeLibraryServer";
        /// Symmetric Key Lifecycle Client.
        SYMMETRIC_KEY_LIFECYCLE_CLIENT = 0x00000108, "SymmetricKeyLifecycleClient";
        /// Symmetric Key Lifecycle Server.
        SYMMETRIC_KEY_LIFECYCLE_SERVER = 0x00000109, "SymmetricKeyLifecycleServer";
        /// Asymmetric Key Lifecycle Client.
        ASYMMETRIC_KEY_LIFECYCLE_CLIENT = 0x0000010A, "AsymmetricKeyLifecycleClient";
        /// Asymmetric Key Lifecycle Server.
        ASYMMETRIC_KEY_LIFECYCLE_SERVER = 0x0000010B, "AsymmetricKeyLifecycleServer";
        /// Basic Cryptographic Client.
        BASIC_CRYPTOGRAPHIC_CLIENT = 0x0000010C, "BasicCryptographicClient";
        /// Basic Cryptographic Server.
        BASIC_CRYPTOGRAPHIC_SERVER = 0x0000010D, "BasicCryptographicServer";
        /// Advanced Cryptographic Client.
        ADVANCED_CRYPTOGRAPHIC_CLIENT = 0x0000010E, "AdvancedCryptographicClient";
        /// Advanced Cryptographic Server.
        ADVANCED_CRYPTOGRAPHIC_SERVER = 0x0000010F, "AdvancedCryptographicServer";
        /// RNG Cryptographic Client.
        RNG_CRYPTOGRAPHIC_CLIENT = 0x00000110, "RNGCryptographicClient";
        /// RNG Cryptographic Server.
        RNG_CRYPTOGRAPHIC_SERVER = 0x00000111, "RNGCryptographicServer";
        /// Basic Symmetric Key Foundry Client.
        BASIC_SYMMETRIC_KEY_FOUNDRY_CLIENT = 0x00000112, "BasicSymmetricKeyFoundryClient";
        /// Intermediate Symmetric Key Foundry Client.
        INTERMEDIATE_SYMMETRIC_KEY_FOUNDRY_CLIENT = 0x00000113, "IntermediateSymmetricKeyFoundryClient";
        /// Advanced Symmetric Key Foundry Client.
        ADVANCED_SYMMETRIC_KEY_FOUNDRY_CLIENT = 0x00000114, "AdvancedSymmetricKeyFoundryClient";
        /// Symmetric Key Foundry Server.
        SYMMETRIC_KEY_FOUNDRY_SERVER = 0x00000115, "SymmetricKeyFoundryServer";
        /// Opaque Managed Object Store Client.
        OPAQUE_MANAGED_OBJECT_STORE_CLIENT = 0x00000116, "OpaqueManagedObjectStoreClient";
        /// Opaque Managed Object Store Server.
        OPAQUE_MANAGED_OBJECT_STORE_SERVER = 0x00000117, "OpaqueManagedObjectStoreServer";
        /// Storage Array with Self Encrypting Drive Client.
        STORAGE_ARRAY_WITH_SELF_ENCRYPTING_DRIVE_CLIENT = 0x0000011C, "StorageArrayWithSelfEncryptingDriveClient";
        /// Storage Array with Self Encrypting Drive Server.
        STORAGE_ARRAY_WITH_SELF_ENCRYPTING_DRIVE_SERVER = 0x0000011D, "StorageArrayWithSelfEncryptingDriveServer";
        /// HTTPS Client.
        HTTPS_CLIENT = 0x0000011E, "HTTPSClient";
        /// HTTPS Server.
        HTTPS_SERVER = 0x0000011F, "HTTPSServer";
        /// JSON Client.
        JSON_CLIENT = 0x00000120, "JSONClient";
        /// JSON Server.
        JSON_SERVER = 0x00000121, "JSONServer";
        /// XML Client.
        XML_CLIENT = 0x00000122, "XMLClient";
        /// XML Server.
        XML_SERVER = 0x00000123, "XMLServer";
        /// AES XTS Client.
        AES_XTS_CLIENT = 0x00000124, "AESXTSClient";
        /// AES XTS Server.
        AES_XTS_SERVER = 0x00000125, "AESXTSServer";
        /// Quantum Safe Client.
        QUANTUM_SAFE_CLIENT = 0x00000126, "QuantumSafeClient";
        /// Quantum Safe Server.
        QUANTUM_SAFE_SERVER = 0x00000127, "QuantumSafeServer";
        /// PKCS#11 Client.
        PKCS_11_CLIENT = 0x00000128, "PKCS_11Client";
        /// PKCS#11 Server.
        PKCS_11_SERVER = 0x00000129, "PKCS_11Server";
        /// Baseline Client.
        BASELINE_CLIENT = 0x0000012A, "BaselineClient";
        /// Baseline Server.
        BASELINE_SERVER = 0x0000012B, "BaselineServer";
        /// Complete Server.
        COMPLETE_SERVER = 0x0000012C, "CompleteServer";
    }
}

open_enumeration! {
    /// Protection Level.
    ProtectionLevel, "ProtectionLevel" {
        /// High.
        HIGH = 0x00000001, "High";
        /// Low.
        LOW = 0x00000002, "Low";
    }
}

open_enumeration! {
    /// Put Function.
    PutFunction, "PutFunction" {
        /// New.
        NEW = 0x00000001, "New";
        /// Replace.
        REPLACE = 0x00000002, "Replace";
    }
}

open_enumeration! {
    /// Query Function.
    QueryFunction, "QueryFunction" {
        /// Query Operations.
        QUERY_OPERATIONS = 0x00000001, "QueryOperations";
        /// Query Objects.
        QUERY_OBJECTS = 0x00000002, "QueryObjects";
        /// Query Server Information.
        QUERY_SERVER_INFORMATION = 0x00000003, "QueryServerInformation";
        /// Query Application Namespaces.
        QUERY_APPLICATION_NAMESPACES = 0x00000004, "QueryApplicationNamespaces";
        /// Query Extension List.
        QUERY_EXTENSION_LIST = 0x00000005, "QueryExtensionList";
        /// Query Extension Map.
        QUERY_EXTENSION_MAP = 0x00000006, "QueryExtensionMap";
        /// Query Attestation Types.
        QUERY_ATTESTATION_TYPES = 0x00000007, "QueryAttestationTypes";
        /// Query RNGs.
        QUERY_RNGS = 0x00000008, "QueryRNGs";
        /// Query Validations.
        QUERY_VALIDATIONS = 0x00000009, "QueryValidations";
        /// Query Profiles.
        QUERY_PROFILES = 0x0000000A, "QueryProfiles";
        /// Query Capabilities.
        QUERY_CAPABILITIES = 0x0000000B, "QueryCapabilities";
        /// Query Client Registration Methods.
        QUERY_CLIENT_REGISTRATION_METHODS = 0x0000000C, "QueryClientRegistrationMethods";
        /// Query Defaults Information.
        QUERY_DEFAULTS_INFORMATION = 0x0000000D, "QueryDefaultsInformation";
        /// Query Storage Protection Masks.
        QUERY_STORAGE_PROTECTION_MASKS = 0x0000000E, "QueryStorageProtectionMasks";
    }
}

open_enumeration! {
    /// RNG Algorithm.
    RngAlgorithm, "RNGAlgorithm" {
        /// Unspecified.
        UNSPECIFIED = 0x00000001, "Unspecified";
        /// FIPS 186-2.
        FIPS_186_2 = 0x00000002, "FIPS186_2";
        /// DRBG.
        DRBG = 0x00000003, "DRBG";
        /// NRBG.
        NRBG = 0x00000004, "NRBG";
        /// ANSI X9.31.
        ANSI_X9_31 = 0x00000005, "ANSIX9_31";
        /// ANSI X9.62.
        ANSI_X9_62 = 0x00000006, "ANSIX9_62";
    }
}

open_enumeration! {
    /// RNG Mode.
    RngMode, "RNGMode" {
        /// Unspecified.
        UNSPECIFIED = 0x00000001, "Unspecified";
        /// Shared Instantiation.
        SHARED_INSTANTIATION = 0x00000002, "SharedInstantiation";
        /// Non-Shared Instantiation.
        NON_SHARED_INSTANTIATION = 0x00000003, "NonSharedInstantiation";
    }
}

open_enumeration! {
    /// Recommended Curve.
    RecommendedCurve, "RecommendedCurve" {
        /// P-192.
        P_192 = 0x00000001, "P_192";
        /// K-163.
        K_163 = 0x00000002, "K_163";
        /// B-163.
        B_163 = 0x00000003, "B_163";
        /// P-224.
        P_224 = 0x00000004, "P_224";
        /// K-233.
        K_233 = 0x00000005, "K_233";
        /// B-233.
        B_233 = 0x00000006, "B_233";
        /// P-256.
        P_256 = 0x00000007, "P_256";
        /// K-283.
        K_283 = 0x00000008, "K_283";
        /// B-283.
        B_283 = 0x00000009, "B_283";
        /// P-384.
        P_384 = 0x0000000A, "P_384";
        /// K-409.
        K_409 = 0x0000000B, "K_409";
        /// B-409.
        B_409 = 0x0000000C, "B_409";
        /// P-521.
        P_521 = 0x0000000D, "P_521";
        /// K-571.
        K_571 = 0x0000000E, "K_571";
        /// B-571.
        B_571 = 0x0000000F, "B_571";
        /// SECP112R1.
        SECP112R1 = 0x00000010, "SECP112R1";
        /// SECP112R2.
        SECP112R2 = 0x00000011, "SECP112R2";
        /// SECP128R1.
        SECP128R1 = 0x00000012, "SECP128R1";
        /// SECP128R2.
        SECP128R2 = 0x00000013, "SECP128R2";
        /// SECP160K1.
        SECP160K1 = 0x00000014, "SECP160K1";
        /// SECP160R1.
        SECP160R1 = 0x00000015, "SECP160R1";
        /// SECP160R2.
        SECP160R2 = 0x00000016, "SECP160R2";
        /// SECP192K1.
        SECP192K1 = 0x00000017, "SECP192K1";
        /// SECP224K1.
        SECP224K1 = 0x00000018, "SECP224K1";
        /// SECP256K1.
        SECP256K1 = 0x00000019, "SECP256K1";
        /// SECT113R1.
        SECT113R1 = 0x0000001A, "SECT113R1";
        /// SECT113R2.
        SECT113R2 = 0x0000001B, "SECT113R2";
        /// SECT131R1.
        SECT131R1 = 0x0000001C, "SECT131R1";
        /// SECT131R2.
        SECT131R2 = 0x0000001D, "SECT131R2";
        /// SECT163R1.
        SECT163R1 = 0x0000001E, "SECT163R1";
        /// SECT193R1.
        SECT193R1 = 0x0000001F, "SECT193R1";
        /// SECT193R2.
        SECT193R2 = 0x00000020, "SECT193R2";
        /// SECT239K1.
        SECT239K1 = 0x00000021, "SECT239K1";
        /// ANSIX9P192V2.
        ANSIX9P192V2 = 0x00000022, "ANSIX9P192V2";
        /// ANSIX9P192V3.
        ANSIX9P192V3 = 0x00000023, "ANSIX9P192V3";
        /// ANSIX9P239V1.
        ANSIX9P239V1 = 0x00000024, "ANSIX9P239V1";
        /// ANSIX9P239V2.
        ANSIX9P239V2 = 0x00000025, "ANSIX9P239V2";
        /// ANSIX9P239V3.
        ANSIX9P239V3 = 0x00000026, "ANSIX9P239V3";
        /// ANSIX9C2PNB163V1.
        ANSIX9C2PNB163V1 = 0x00000027, "ANSIX9C2PNB163V1";
        /// ANSIX9C2PNB163V2.
        ANSIX9C2PNB163V2 = 0x00000028, "ANSIX9C2PNB163V2";
        /// ANSIX9C2PNB163V3.
        ANSIX9C2PNB163V3 = 0x00000029, "ANSIX9C2PNB163V3";
        /// ANSIX9C2PNB176V1.
        ANSIX9C2PNB176V1 = 0x0000002A, "ANSIX9C2PNB176V1";
        /// ANSIX9C2TNB191V1.
        ANSIX9C2TNB191V1 = 0x0000002B, "ANSIX9C2TNB191V1";
        /// ANSIX9C2TNB191V2.
        ANSIX9C2TNB191V2 = 0x0000002C, "ANSIX9C2TNB191V2";
        /// ANSIX9C2TNB191V3.
        ANSIX9C2TNB191V3 = 0x0000002D, "ANSIX9C2TNB191V3";
        /// ANSIX9C2PNB208W1.
        ANSIX9C2PNB208W1 = 0x0000002E, "ANSIX9C2PNB208W1";
        /// ANSIX9C2TNB239V1.
        ANSIX9C2TNB239V1 = 0x0000002F, "ANSIX9C2TNB239V1";
        /// ANSIX9C2TNB239V2.
        ANSIX9C2TNB239V2 = 0x00000030, "ANSIX9C2TNB239V2";
        /// ANSIX9C2TNB239V3.
        ANSIX9C2TNB239V3 = 0x00000031, "ANSIX9C2TNB239V3";
        /// ANSIX9C2PNB272W1.
        ANSIX9C2PNB272W1 = 0x00000032, "ANSIX9C2PNB272W1";
        /// ANSIX9C2PNB304W1.
        ANSIX9C2PNB304W1 = 0x00000033, "ANSIX9C2PNB304W1";
        /// ANSIX9C2TNB359V1.
        ANSIX9C2TNB359V1 = 0x00000034, "ANSIX9C2TNB359V1";
        /// ANSIX9C2PNB368W1.
        ANSIX9C2PNB368W1 = 0x00000035, "ANSIX9C2PNB368W1";
        /// ANSIX9C2TNB431R1.
        ANSIX9C2TNB431R1 = 0x00000036, "ANSIX9C2TNB431R1";
        /// BRAINPOOLP160R1.
        BRAINPOOLP160R1 = 0x00000037, "BRAINPOOLP160R1";
        /// BRAINPOOLP160T1.
        BRAINPOOLP160T1 = 0x00000038, "BRAINPOOLP160T1";
        /// BRAINPOOLP192R1.
        BRAINPOOLP192R1 = 0x00000039, "BRAINPOOLP192R1";
        /// BRAINPOOLP192T1.
        BRAINPOOLP192T1 = 0x0000003A, "BRAINPOOLP192T1";
        /// BRAINPOOLP224R1.
        BRAINPOOLP224R1 = 0x0000003B, "BRAINPOOLP224R1";
        /// BRAINPOOLP224T1.
        BRAINPOOLP224T1 = 0x0000003C, "BRAINPOOLP224T1";
        /// BRAINPOOLP256R1.
        BRAINPOOLP256R1 = 0x0000003D, "BRAINPOOLP256R1";
        /// BRAINPOOLP256T1.
        BRAINPOOLP256T1 = 0x0000003E, "BRAINPOOLP256T1";
        /// BRAINPOOLP320R1.
        BRAINPOOLP320R1 = 0x0000003F, "BRAINPOOLP320R1";
        /// BRAINPOOLP320T1.
        BRAINPOOLP320T1 = 0x00000040, "BRAINPOOLP320T1";
        /// BRAINPOOLP384R1.
        BRAINPOOLP384R1 = 0x00000041, "BRAINPOOLP384R1";
        /// BRAINPOOLP384T1.
        BRAINPOOLP384T1 = 0x00000042, "BRAINPOOLP384T1";
        /// BRAINPOOLP512R1.
        BRAINPOOLP512R1 = 0x00000043, "BRAINPOOLP512R1";
        /// BRAINPOOLP512T1.
        BRAINPOOLP512T1 = 0x00000044, "BRAINPOOLP512T1";
        /// CURVE25519.
        CURVE25519 = 0x00000045, "CURVE25519";
        /// CURVE448.
        CURVE448 = 0x00000046, "CURVE448";
    }
}

open_enumeration! {
    /// Result Reason.
    ResultReason, "ResultReason" {
        /// Item Not Found.
        ITEM_NOT_FOUND = 0x00000001, "ItemNotFound";
        /// Response Too Large.
        RESPONSE_TOO_LARGE = 0x00000002, "ResponseTooLarge";
        /// Authentication Not Successful.
        AUTHENTICATION_NOT_SUCCESSFUL = 0x00000003, "AuthenticationNotSuccessful";
        /// Invalid Message.
        INVALID_MESSAGE = 0x00000004, "InvalidMessage";
        /// Operation Not Supported.
        OPERATION_NOT_SUPPORTED = 0x00000005, "OperationNotSupported";
        /// Missing Data.
        MISSING_DATA = 0x00000006, "MissingData";
        /// Invalid Field.
        INVALID_FIELD = 0x00000007, "InvalidField";
        /// Feature Not Supported.
        FEATURE_NOT_SUPPORTED = 0x00000008, "FeatureNotSupported";
        /// Operation Canceled By Requester.
        OPERATION_CANCELED_BY_REQUESTER = 0x00000009, "OperationCanceledByRequester";
        /// Cryptographic Failure.
        CRYPTOGRAPHIC_FAILURE = 0x0000000A, "CryptographicFailure";
        /// Illegal Operation.
        ILLEGAL_OPERATION = 0x0000000B, "IllegalOperation";
        /// Permission Denied.
        PERMISSION_DENIED = 0x0000000C, "PermissionDenied";
        /// Object Archived.
        OBJECT_ARCHIVED = 0x0000000D, "ObjectArchived";
        /// Index Out of Bounds.
        INDEX_OUT_OF_BOUNDS = 0x0000000E, "IndexOutOfBounds";
        /// Application Namespace Not Supported.
        APPLICATION_NAMESPACE_NOT_SUPPORTED = 0x0000000F, "ApplicationNamespaceNotSupported";
        /// Key Format Type Not Supported.
        KEY_FORMAT_TYPE_NOT_SUPPORTED = 0x00000010, "KeyFormatTypeNotSupported";
        /// Key Compression Type Not Supported.
        KEY_COMPRESSION_TYPE_NOT_SUPPORTED = 0x00000011, "KeyCompressionTypeNotSupported";
        /// Encoding Option Error.
        ENCODING_OPTION_ERROR = 0x00000012, "EncodingOptionError";
        /// Key Value Not Present.
        KEY_VALUE_NOT_PRESENT = 0x00000013, "KeyValueNotPresent";
        /// Attestation Required.
        ATTESTATION_REQUIRED = 0x00000014, "AttestationRequired";
        /// Attestation Failed.
        ATTESTATION_FAILED = 0x00000015, "AttestationFailed";
        /// Sensitive.
        SENSITIVE = 0x00000016, "Sensitive";
        /// Not Extractable.
        NOT_EXTRACTABLE = 0x00000017, "NotExtractable";
        /// Object Already Exists.
        OBJECT_ALREADY_EXISTS = 0x00000018, "ObjectAlreadyExists";
        /// Invalid Ticket.
        INVALID_TICKET = 0x00000019, "InvalidTicket";
        /// Usage Limit Exceeded.
        USAGE_LIMIT_EXCEEDED = 0x0000001A, "UsageLimitExceeded";
        /// Numeric Range.
        NUMERIC_RANGE = 0x0000001B, "NumericRange";
        /// Invalid Data Type.
        INVALID_DATA_TYPE = 0x0000001C, "InvalidDataType";
        /// Read Only Attribute.
        READ_ONLY_ATTRIBUTE = 0x0000001D, "ReadOnlyAttribute";
        /// Multi Valued Attribute.
        MULTI_VALUED_ATTRIBUTE = 0x0000001E, "MultiValuedAttribute";
        /// Unsupported Attribute.
        UNSUPPORTED_ATTRIBUTE = 0x0000001F, "UnsupportedAttribute";
        /// Attribute Instance Not Found.
        ATTRIBUTE_INSTANCE_NOT_FOUND = 0x00000020, "AttributeInstanceNotFound";
        /// Attribute Not Found.
        ATTRIBUTE_NOT_FOUND = 0x00000021, "AttributeNotFound";
        /// Attribute Read Only.
        ATTRIBUTE_READ_ONLY = 0x00000022, "AttributeReadOnly";
        /// Attribute Single Valued.
        ATTRIBUTE_SINGLE_VALUED = 0x00000023, "AttributeSingleValued";
        /// Bad Cryptographic Parameters.
        BAD_CRYPTOGRAPHIC_PARAMETERS = 0x00000024, "BadCryptographicParameters";
        /// Bad Password.
        BAD_PASSWORD = 0x00000025, "BadPassword";
        /// Codec Error.
        CODEC_ERROR = 0x00000026, "CodecError";
        /// Illegal Object Type.
        ILLEGAL_OBJECT_TYPE = 0x00000028, "IllegalObjectType";
        /// Incompatible Cryptographic Usage Mask.
        INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK = 0x00000029, "IncompatibleCryptographicUsageMask";
        /// Internal Server Error.
        INTERNAL_SERVER_ERROR = 0x0000002A, "InternalServerError";
        /// Invalid Asynchronous Correlation Value.
        INVALID_ASYNCHRONOUS_CORRELATION_VALUE = 0x0000002B, "InvalidAsynchronousCorrelationValue";
        /// Invalid Attribute.
        INVALID_ATTRIBUTE = 0x0000002C, "InvalidAttribute";
        /// Invalid Attribute Value.
        INVALID_ATTRIBUTE_VALUE = 0x0000002D, "InvalidAttributeValue";
        /// Invalid Correlation Value.
        INVALID_CORRELATION_VALUE = 0x0000002E, "InvalidCorrelationValue";
        /// Invalid CSR.
        INVALID_CSR = 0x0000002F, "InvalidCSR";
        /// Invalid Object Type.
        INVALID_OBJECT_TYPE = 0x00000030, "InvalidObjectType";
        /// Key Wrap Type Not Supported.
        KEY_WRAP_TYPE_NOT_SUPPORTED = 0x00000032, "KeyWrapTypeNotSupported";
        /// Missing Initialization Vector.
        MISSING_INITIALIZATION_VECTOR = 0x00000034, "MissingInitializationVector";
        /// Non Unique Name Attribute.
        NON_UNIQUE_NAME_ATTRIBUTE = 0x00000035, "NonUniqueNameAttribute";
        /// Object Destroyed.
        OBJECT_DESTROYED = 0x00000036, "ObjectDestroyed";
        /// Object Not Found.
        OBJECT_NOT_FOUND = 0x00000037, "ObjectNotFound";
        /// Not Authorised.
        NOT_AUTHORISED = 0x00000039, "NotAuthorised";
        /// Server Limit Exceeded.
        SERVER_LIMIT_EXCEEDED = 0x0000003A, "ServerLimitExceeded";
        /// Unknown Enumeration.
        UNKNOWN_ENUMERATION = 0x0000003B, "UnknownEnumeration";
        /// Unknown Message Extension.
        UNKNOWN_MESSAGE_EXTENSION = 0x0000003C, "UnknownMessageExtension";
        /// Unknown Tag.
        UNKNOWN_TAG = 0x0000003D, "UnknownTag";
        /// Unsupported Cryptographic Parameters.
        UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS = 0x0000003E, "UnsupportedCryptographicParameters";
        /// Unsupported Protocol Version.
        UNSUPPORTED_PROTOCOL_VERSION = 0x0000003F, "UnsupportedProtocolVersion";
        /// Wrapping Object Archived.
        WRAPPING_OBJECT_ARCHIVED = 0x00000040, "WrappingObjectArchived";
        /// Wrapping Object Destroyed.
        WRAPPING_OBJECT_DESTROYED = 0x00000041, "WrappingObjectDestroyed";
        /// Wrapping Object Not Found.
        WRAPPING_OBJECT_NOT_FOUND = 0x00000042, "WrappingObjectNotFound";
        /// Wrong Key Lifecycle State.
        WRONG_KEY_LIFECYCLE_STATE = 0x00000043, "WrongKeyLifecycleState";
        /// Protection Storage Unavailable.
        PROTECTION_STORAGE_UNAVAILABLE = 0x00000044, "ProtectionStorageUnavailable";
        /// PKCS#11 Codec Error.
        PKCS_11_CODEC_ERROR = 0x00000045, "PKCS_11CodecError";
        /// PKCS#11 Invalid Function.
        PKCS_11_INVALID_FUNCTION = 0x00000046, "PKCS_11InvalidFunction";
        /// PKCS#11 Invalid Interface.
        PKCS_11_INVALID_INTERFACE = 0x00000047, "PKCS_11InvalidInterface";
        /// Private Protection Storage Unavailable.
        PRIVATE_PROTECTION_STORAGE_UNAVAILABLE = 0x00000048, "PrivateProtectionStorageUnavailable";
        /// Public Protection Storage Unavailable.
        PUBLIC_PROTECTION_STORAGE_UNAVAILABLE = 0x00000049, "PublicProtectionStorageUnavailable";
        /// Unknown Object Group.
        UNKNOWN_OBJECT_GROUP = 0x0000004A, "UnknownObjectGroup";
        /// Constraint Violation.
        CONSTRAINT_VIOLATION = 0x0000004B, "ConstraintViolation";
        /// Duplicate Process Request.
        DUPLICATE_PROCESS_REQUEST = 0x0000004C, "DuplicateProcessRequest";
        /// General Failure.
        GENERAL_FAILURE = 0x00000100, "GeneralFailure";
    }
}

open_enumeration! {
    /// Result Status.
    ResultStatus, "ResultStatus" {
        /// Success.
        SUCCESS = 0x00000000, "Success";
        /// Operation Failed.
        OPERATION_FAILED = 0x00000001, "OperationFailed";
        /// Operation Pending.
        OPERATION_PENDING = 0x00000002, "OperationPending";
        /// Operation Undone.
        OPERATION_UNDONE = 0x00000003, "OperationUndone";
    }
}

open_enumeration! {
    /// Revocation Reason Code.
    RevocationReasonCode, "RevocationReasonCode" {
        /// Unspecified.
        UNSPECIFIED = 0x00000001, "Unspecified";
        /// Key Compromise.
        KEY_COMPROMISE = 0x00000002, "KeyCompromise";
        /// CA Compromise.
        CA_COMPROMISE = 0x00000003, "CACompromise";
        /// Affiliation Changed.
        AFFILIATION_CHANGED = 0x00000004, "AffiliationChanged";
        /// Superseded.
        SUPERSEDED = 0x00000005, "Superseded";
        /// Cessation of Operation.
        CESSATION_OF_OPERATION = 0x00000006, "CessationOfOperation";
        /// Privilege Withdrawn.
        PRIVILEGE_WITHDRAWN = 0x00000007, "PrivilegeWithdrawn";
    }
}

open_enumeration! {
    /// Rotate Name Type.
    RotateNameType, "RotateNameType" {
        /// Uninterpreted Text String.
        UNINTERPRETED_TEXT_STRING = 0x00000001, "UninterpretedTextString";
        /// URI.
        URI = 0x00000002, "URI";
    }
}

open_enumeration! {
    /// Secret Data Type.
    SecretDataType, "SecretDataType" {
        /// Password.
        PASSWORD = 0x00000001, "Password";
        /// Seed.
        SEED = 0x00000002, "Seed";
    }
}

open_enumeration! {
    /// Shredding Algorithm.
    ShreddingAlgorithm, "ShreddingAlgorithm" {
        /// Unspecified.
        UNSPECIFIED = 0x00000001, "Unspecified";
        /// Cryptographic.
        CRYPTOGRAPHIC = 0x00000002, "Cryptographic";
        /// Unsupported.
        UNSUPPORTED = 0x00000003, "Unsupported";
    }
}

open_enumeration! {
    /// Split Key Method.
    SplitKeyMethod, "SplitKeyMethod" {
        /// XOR.
        XOR = 0x00000001, "XOR";
        /// Polynomial Sharing GF (2^16).
        POLYNOMIAL_SHARING_GF_2_16 = 0x00000002, "PolynomialSharingGF2_16";
        /// Polynomial Sharing Prime Field.
        POLYNOMIAL_SHARING_PRIME_FIELD = 0x00000003, "PolynomialSharingPrimeField";
        /// Polynomial Sharing GF (2^8).
        POLYNOMIAL_SHARING_GF_2_8 = 0x00000004, "PolynomialSharingGF2_8";
    }
}

open_enumeration! {
    /// State.
    State, "State" {
        /// Pre-Active.
        PRE_ACTIVE = 0x00000001, "PreActive";
        /// Active.
        ACTIVE = 0x00000002, "Active";
        /// Deactivated.
        DEACTIVATED = 0x00000003, "Deactivated";
        /// Compromised.
        COMPROMISED = 0x00000004, "Compromised";
        /// Destroyed.
        DESTROYED = 0x00000005, "Destroyed";
        /// Destroyed Compromised.
        DESTROYED_COMPROMISED = 0x00000006, "DestroyedCompromised";
    }
}

open_enumeration! {
    /// Ticket Type.
    TicketType, "TicketType" {
        /// Login.
        LOGIN = 0x00000001, "Login";
    }
}

open_enumeration! {
    /// Unique Identifier.
    UniqueIdentifier, "UniqueIdentifier" {
        /// ID Placeholder.
        ID_PLACEHOLDER = 0x00000001, "IDPlaceholder";
        /// Certify.
        CERTIFY = 0x00000002, "Certify";
        /// Create.
        CREATE = 0x00000003, "Create";
        /// Create Key Pair.
        CREATE_KEY_PAIR = 0x00000004, "CreateKeyPair";
        /// Create Key Pair Private Key.
        CREATE_KEY_PAIR_PRIVATE_KEY = 0x00000005, "CreateKeyPairPrivateKey";
        /// Create Key Pair Public Key.
        CREATE_KEY_PAIR_PUBLIC_KEY = 0x00000006, "CreateKeyPairPublicKey";
        /// Create Split Key.
        CREATE_SPLIT_KEY = 0x00000007, "CreateSplitKey";
        /// Derive Key.
        DERIVE_KEY = 0x00000008, "DeriveKey";
        /// Import.
        IMPORT = 0x00000009, "Import";
        /// Join Split Key.
        JOIN_SPLIT_KEY = 0x0000000A, "JoinSplitKey";
        /// Locate.
        LOCATE = 0x0000000B, "Locate";
        /// Register.
        REGISTER = 0x0000000C, "Register";
        /// Re-key.
        RE_KEY = 0x0000000D, "ReKey";
        /// Re-certify.
        RE_CERTIFY = 0x0000000E, "ReCertify";
        /// Re-key Key Pair.
        RE_KEY_KEY_PAIR = 0x0000000F, "ReKeyKeyPair";
        /// Re-key Key Pair Private Key.
        RE_KEY_KEY_PAIR_PRIVATE_KEY = 0x00000010, "ReKeyKeyPairPrivateKey";
        /// Re-key Key Pair Public Key.
        RE_KEY_KEY_PAIR_PUBLIC_KEY = 0x00000011, "ReKeyKeyPairPublicKey";
    }
}

open_enumeration! {
    /// Unwrap Mode.
    UnwrapMode, "UnwrapMode" {
        /// Unspecified.
        UNSPECIFIED = 0x00000001, "Unspecified";
        /// Processed.
        PROCESSED = 0x00000002, "Processed";
        /// Not Processed.
        NOT_PROCESSED = 0x00000003, "NotProcessed";
    }
}

open_enumeration! {
    /// Usage Limits Unit.
    UsageLimitsUnit, "UsageLimitsUnit" {
        /// Byte.
        BYTE = 0x00000001, "Byte";
        /// Object.
        OBJECT = 0x00000002, "Object";
    }
}

open_enumeration! {
    /// Validation Authority Type.
    ValidationAuthorityType, "ValidationAuthorityType" {
        /// Unspecified.
        UNSPECIFIED = 0x00000001, "Unspecified";
        /// NIST CMVP.
        NIST_CMVP = 0x00000002, "NISTCMVP";
        /// Common Criteria.
        COMMON_CRITERIA = 0x00000003, "CommonCriteria";
    }
}

open_enumeration! {
    /// Validation Type.
    ValidationType, "ValidationType" {
        /// Unspecified.
        UNSPECIFIED = 0x00000001, "Unspecified";
        /// Hardware.
        HARDWARE = 0x00000002, "Hardware";
        /// Software.
        SOFTWARE = 0x00000003, "Software";
        /// Firmware.
        FIRMWARE = 0x00000004, "Firmware";
        /// Hybrid.
        HYBRID = 0x00000005, "Hybrid";
    }
}

open_enumeration! {
    /// Validity Indicator.
    ValidityIndicator, "ValidityIndicator" {
        /// Valid.
        VALID = 0x00000001, "Valid";
        /// Invalid.
        INVALID = 0x00000002, "Invalid";
        /// Unknown.
        UNKNOWN = 0x00000003, "Unknown";
    }
}

open_enumeration! {
    /// Wrapping Method.
    WrappingMethod, "WrappingMethod" {
        /// Encrypt.
        ENCRYPT = 0x00000001, "Encrypt";
        /// MAC/sign.
        MAC_SIGN = 0x00000002, "MACSign";
        /// Encrypt then MAC/sign.
        ENCRYPT_THEN_MAC_SIGN = 0x00000003, "EncryptThenMACSign";
        /// MAC/sign then encrypt.
        MAC_SIGN_THEN_ENCRYPT = 0x00000004, "MACSignThenEncrypt";
        /// TR-31.
        TR_31 = 0x00000005, "TR_31";
    }
}

/// Every enumeration: its normalised name, and its values in the order of their codes.
pub static ENUMERATIONS: &[(&str, &[(u32, &str)])] = &[
    ("AdjustmentType", <AdjustmentType as super::Enumeration>::VALUES),
    ("AlternativeNameType", <AlternativeNameType as super::Enumeration>::VALUES),
    ("AsynchronousIndicator", <AsynchronousIndicator as super::Enumeration>::VALUES),
    ("AttestationType", <AttestationType as super::Enumeration>::VALUES),
    ("BatchErrorContinuationOption", <BatchErrorContinuationOption as super::Enumeration>::VALUES),
    ("BlockCipherMode", <BlockCipherMode as super::Enumeration>::VALUES),
    ("CancellationResult", <CancellationResult as super::Enumeration>::VALUES),
    ("CertificateRequestType", <CertificateRequestType as super::Enumeration>::VALUES),
    ("CertificateType", <CertificateType as super::Enumeration>::VALUES),
    ("ClientRegistrationMethod", <ClientRegistrationMethod as super::Enumeration>::VALUES),
    ("CredentialType", <CredentialType as super::Enumeration>::VALUES),
    ("CryptographicAlgorithm", <CryptographicAlgorithm as super::Enumeration>::VALUES),
    ("DRBGAlgorithm", <DrbgAlgorithm as super::Enumeration>::VALUES),
    ("Data", <Data as super::Enumeration>::VALUES),
    ("DerivationMethod", <DerivationMethod as super::Enumeration>::VALUES),
    ("DestroyAction", <DestroyAction as super::Enumeration>::VALUES),
    ("DigitalSignatureAlgorithm", <DigitalSignatureAlgorithm as super::Enumeration>::VALUES),
    ("EncodingOption", <EncodingOption as super::Enumeration>::VALUES),
    ("EndpointRole", <EndpointRole as super::Enumeration>::VALUES),
    ("FIPS186Variation", <Fips186Variation as super::Enumeration>::VALUES),
    ("HashingAlgorithm", <HashingAlgorithm as super::Enumeration>::VALUES),
    ("InteropFunction", <InteropFunction as super::Enumeration>::VALUES),
    ("KeyCompressionType", <KeyCompressionType as super::Enumeration>::VALUES),
    ("KeyFormatType", <KeyFormatType as super::Enumeration>::VALUES),
    ("KeyRoleType", <KeyRoleType as super::Enumeration>::VALUES),
    ("KeyValueLocationType", <KeyValueLocationType as super::Enumeration>::VALUES),
    ("KeyWrapType", <KeyWrapType as super::Enumeration>::VALUES),
    ("LinkType", <LinkType as super::Enumeration>::VALUES),
    ("MaskGenerator", <MaskGenerator as super::Enumeration>::VALUES),
    ("NISTKeyType", <NistKeyType as super::Enumeration>::VALUES),
    ("NameType", <NameType as super::Enumeration>::VALUES),
    ("ObjectGroupMember", <ObjectGroupMember as super::Enumeration>::VALUES),
    ("ObjectType", <ObjectType as super::Enumeration>::VALUES),
    ("OpaqueDataType", <OpaqueDataType as super::Enumeration>::VALUES),
    ("Operation", <OperationCode as super::Enumeration>::VALUES),
    ("PKCS_11Function", <Pkcs11Function as super::Enumeration>::VALUES),
    ("PKCS_11ReturnCode", <Pkcs11ReturnCode as super::Enumeration>::VALUES),
    ("PaddingMethod", <PaddingMethod as super::Enumeration>::VALUES),
    ("ProcessingStage", <ProcessingStage as super::Enumeration>::VALUES),
    ("ProfileName", <ProfileName as super::Enumeration>::VALUES),
    ("ProtectionLevel", <ProtectionLevel as super::Enumeration>::VALUES),
    ("PutFunction", <PutFunction as super::Enumeration>::VALUES),
    ("QueryFunction", <QueryFunction as super::Enumeration>::VALUES),
    ("RNGAlgorithm", <RngAlgorithm as super::Enumeration>::VALUES),
    ("RNGMode", <RngMode as super::Enumeration>::VALUES),
    ("RecommendedCurve", <RecommendedCurve as super::Enumeration>::VALUES),
    ("ResultReason", <ResultReason as super::Enumeration>::VALUES),
    ("ResultStatus", <ResultStatus as super::Enumeration>::VALUES),
    ("RevocationReasonCode", <RevocationReasonCode as super::Enumeration>::VALUES),
    ("RotateNameType", <RotateNameType as super::Enumeration>::VALUES),
    ("SecretDataType", <SecretDataType as super::Enumeration>::VALUES),
    ("ShreddingAlgorithm", <ShreddingAlgorithm as super::Enumeration>::VALUES),
    ("SplitKeyMethod", <SplitKeyMethod as super::Enumeration>::VALUES),
    ("State", <State as super::Enumeration>::VALUES),
    ("TicketType", <TicketType as super::Enumeration>::VALUES),
    ("UniqueIdentifier", <UniqueIdentifier as super::Enumeration>::VALUES),
    ("UnwrapMode", <UnwrapMode as super::Enumeration>::VALUES),
    ("UsageLimitsUnit", <UsageLimitsUnit as super::Enumeration>::VALUES),
    ("ValidationAuthorityType", <ValidationAuthorityType as super::Enumeration>::VALUES),
    ("ValidationType", <ValidationType as super::Enumeration>::VALUES),
    ("ValidityIndicator", <ValidityIndicator as super::Enumeration>::VALUES),
    ("WrappingMethod", <WrappingMethod as super::Enumeration>::VALUES),
];

/// Tags whose enumeration has another name; `Tag` means that the values are tags.
pub static ENUMERATION_OF_TAG: &[(&str, &str)] = &[
    ("AttributeReference", "Tag"),
    ("LinkedObjectIdentifier", "UniqueIdentifier"),
    ("MaskGeneratorHashingAlgorithm", "HashingAlgorithm"),
    ("PrivateKeyUniqueIdentifier", "UniqueIdentifier"),
    ("PublicKeyUniqueIdentifier", "UniqueIdentifier"),
    ("ReplacedUniqueIdentifier", "UniqueIdentifier"),
];

/// Other spellings that are read: the enumeration (or `Tag`), the spelling, the normalised name.
pub static ALIASES: &[(&str, &str, &str)] = &[
    ("CryptographicAlgorithm", "3DES", "DES3"),
    ("CryptographicAlgorithm", "THREE_DES", "DES3"),
    ("MaskGenerator", "MFG1", "MGF1"),
    ("Tag", "MacOrSignature", "MACSignature"),
    ("Tag", "MacOrSignatureKeyInformation", "MACSignatureKeyInformation"),
];

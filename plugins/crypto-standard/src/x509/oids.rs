//! The object identifiers that X.509 uses here, named as their standards name them.

use der::asn1::ObjectIdentifier as Oid;

macro_rules! oids {
    ($($name:ident = $text:literal;)*) => {
        $(pub(super) const $name: Oid = Oid::new_unwrap($text);)*
    };
}

oids! {
    // Parts of names (X.520, RFC 4519, RFC 2985).
    COMMON_NAME = "2.5.4.3";
    SERIAL_NUMBER = "2.5.4.5";
    COUNTRY = "2.5.4.6";
    LOCALITY = "2.5.4.7";
    STATE = "2.5.4.8";
    ORGANIZATION = "2.5.4.10";
    ORGANIZATIONAL_UNIT = "2.5.4.11";
    TITLE = "2.5.4.12";
    DN_QUALIFIER = "2.5.4.46";
    USER_ID = "0.9.2342.19200300.100.1.1";
    DOMAIN_COMPONENT = "0.9.2342.19200300.100.1.25";
    EMAIL_ADDRESS = "1.2.840.113549.1.9.1";

    // Extensions (RFC 5280 section 4.2, RFC 6960, RFC 7633).
    SUBJECT_KEY_IDENTIFIER = "2.5.29.14";
    KEY_USAGE = "2.5.29.15";
    SUBJECT_ALTERNATIVE_NAME = "2.5.29.17";
    ISSUER_ALTERNATIVE_NAME = "2.5.29.18";
    BASIC_CONSTRAINTS = "2.5.29.19";
    ISSUING_DISTRIBUTION_POINT = "2.5.29.28";
    NAME_CONSTRAINTS = "2.5.29.30";
    CRL_DISTRIBUTION_POINTS = "2.5.29.31";
    CERTIFICATE_POLICIES = "2.5.29.32";
    AUTHORITY_KEY_IDENTIFIER = "2.5.29.35";
    POLICY_CONSTRAINTS = "2.5.29.36";
    EXTENDED_KEY_USAGE = "2.5.29.37";
    FRESHEST_CRL = "2.5.29.46";
    INHIBIT_ANY_POLICY = "2.5.29.54";
    AUTHORITY_INFO_ACCESS = "1.3.6.1.5.5.7.1.1";
    SUBJECT_INFO_ACCESS = "1.3.6.1.5.5.7.1.11";
    TLS_FEATURE = "1.3.6.1.5.5.7.1.24";
    OCSP_NO_CHECK = "1.3.6.1.5.5.7.48.1.5";

    // Extended key usages (RFC 5280 section 4.2.1.12).
    SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    CODE_SIGNING = "1.3.6.1.5.5.7.3.3";
    EMAIL_PROTECTION = "1.3.6.1.5.5.7.3.4";
    TIME_STAMPING = "1.3.6.1.5.5.7.3.8";
    OCSP_SIGNING = "1.3.6.1.5.5.7.3.9";
    IPSEC_IKE = "1.3.6.1.5.5.7.3.17";
    ANY_EXTENDED_KEY_USAGE = "2.5.29.37.0";
    MS_SMARTCARD_LOGIN = "1.3.6.1.4.1.311.20.2.2";
    MS_UPN = "1.3.6.1.4.1.311.20.2.3";

    // Access methods and policy qualifiers (RFC 5280 sections 4.2.2 and 4.2.1.4).
    OCSP = "1.3.6.1.5.5.7.48.1";
    CA_ISSUERS = "1.3.6.1.5.5.7.48.2";
    CPS = "1.3.6.1.5.5.7.2.1";
    USER_NOTICE = "1.3.6.1.5.5.7.2.2";
    ANY_POLICY = "2.5.29.32.0";

    // Requests and bundles (RFC 2985, RFC 2315).
    EXTENSION_REQUEST = "1.2.840.113549.1.9.14";
    DATA = "1.2.840.113549.1.7.1";
    SIGNED_DATA = "1.2.840.113549.1.7.2";

    // Public keys (RFC 3279, RFC 8410, RFC 9881, RFC 9935).
    RSA = "1.2.840.113549.1.1.1";
    RSA_PSS = "1.2.840.113549.1.1.10";
    DSA = "1.2.840.10040.4.1";
    EC = "1.2.840.10045.2.1";
    X25519 = "1.3.101.110";
    X448 = "1.3.101.111";
    ED25519 = "1.3.101.112";
    ED448 = "1.3.101.113";
    ML_KEM_512 = "2.16.840.1.101.3.4.4.1";
    ML_KEM_768 = "2.16.840.1.101.3.4.4.2";
    ML_KEM_1024 = "2.16.840.1.101.3.4.4.3";
    ML_DSA_44 = "2.16.840.1.101.3.4.3.17";
    ML_DSA_65 = "2.16.840.1.101.3.4.3.18";
    ML_DSA_87 = "2.16.840.1.101.3.4.3.19";

    // Curves (RFC 5480).
    P_224 = "1.3.132.0.33";
    P_384 = "1.3.132.0.34";
    P_521 = "1.3.132.0.35";

    // Hash functions and mask generation (RFC 4055, RFC 5754).
    SHA_224 = "2.16.840.1.101.3.4.2.4";
    SHA_256 = "2.16.840.1.101.3.4.2.1";
    SHA_384 = "2.16.840.1.101.3.4.2.2";
    SHA_512 = "2.16.840.1.101.3.4.2.3";
    SHA3_256 = "2.16.840.1.101.3.4.2.8";
    SHA3_384 = "2.16.840.1.101.3.4.2.9";
    SHA3_512 = "2.16.840.1.101.3.4.2.10";
    MGF_1 = "1.2.840.113549.1.1.8";

    // Signatures (RFC 3279, RFC 4055, RFC 5758; those with SHA-3 from NIST's register of algorithms).
    MD2_WITH_RSA = "1.2.840.113549.1.1.2";
    MD5_WITH_RSA = "1.2.840.113549.1.1.4";
    SHA_1_WITH_RSA = "1.2.840.113549.1.1.5";
    SHA_256_WITH_RSA = "1.2.840.113549.1.1.11";
    SHA_384_WITH_RSA = "1.2.840.113549.1.1.12";
    SHA_512_WITH_RSA = "1.2.840.113549.1.1.13";
    SHA_224_WITH_RSA = "1.2.840.113549.1.1.14";
    SHA3_256_WITH_RSA = "2.16.840.1.101.3.4.3.14";
    SHA3_384_WITH_RSA = "2.16.840.1.101.3.4.3.15";
    SHA3_512_WITH_RSA = "2.16.840.1.101.3.4.3.16";
    DSA_WITH_SHA_1 = "1.2.840.10040.4.3";
    DSA_WITH_SHA_224 = "2.16.840.1.101.3.4.3.1";
    DSA_WITH_SHA_256 = "2.16.840.1.101.3.4.3.2";
    ECDSA_WITH_SHA_1 = "1.2.840.10045.4.1";
    ECDSA_WITH_SHA_224 = "1.2.840.10045.4.3.1";
    ECDSA_WITH_SHA_256 = "1.2.840.10045.4.3.2";
    ECDSA_WITH_SHA_384 = "1.2.840.10045.4.3.3";
    ECDSA_WITH_SHA_512 = "1.2.840.10045.4.3.4";
}

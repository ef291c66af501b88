//! Quotes of a TPM 2.0 (TPM 2.0 Library, Part 2: TPMS_ATTEST and TPMT_SIGNATURE): what the command TPM2_Quote returns, its
//! TPM2B_ATTEST followed by its TPMT_SIGNATURE, is the Attestation Measurement.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    UnparsedPublicKey, VerificationAlgorithm,
};
use claviger_plugin_sdk::{Error, Result};

use crate::file::AttestationEntry;

/// TPM_GENERATED_VALUE: the TPM made it, and did not sign what somebody else made.
const MAGIC: u32 = 0xFF54_4347;
/// TPM_ST_ATTEST_QUOTE.
const QUOTE: u16 = 0x8018;
/// TPM_ALG_…
const RSASSA: u16 = 0x0014;
const RSAPSS: u16 = 0x0016;
const ECDSA: u16 = 0x0018;
const SHA1: u16 = 0x0004;
const SHA256: u16 = 0x000B;
const SHA384: u16 = 0x000C;
const SHA512: u16 = 0x000D;
/// Platform Configuration Registers of a TPM for PCs.
const PCRS: u8 = 24;

/// The quote that is expected of a machine.
pub(crate) struct ExpectedQuote {
    /// The public part of its attestation key, as SubjectPublicKeyInfo.
    key: Vec<u8>,
    /// Which registers, of which bank.
    bank: u16,
    pcrs: Vec<u8>,
    /// The hash of their values.
    digest: Vec<u8>,
}

impl ExpectedQuote {
    /// Reads what a file says.
    ///
    /// # Errors
    /// Invalid Field: something of it is no good.
    pub(crate) fn of(entry: &AttestationEntry) -> Result<Self> {
        let wrong = |why: &str| Error::invalid(format!("attestation: {why}"));
        let (label, key) = der::pem::decode_vec(entry.key.trim().as_bytes())
            .map_err(|_| wrong("`key` is a public key in PEM"))?;
        if label != "PUBLIC KEY" {
            return Err(wrong("`key` is a public key in PEM: -----BEGIN PUBLIC KEY-----"));
        }
        let bank = match entry.bank.as_deref() {
            Some("SHA-1") => SHA1,
            None | Some("SHA-256") => SHA256,
            Some("SHA-384") => SHA384,
            Some("SHA-512") => SHA512,
            Some(_) => return Err(wrong("`bank` is SHA-1, SHA-256, SHA-384 or SHA-512")),
        };
        if entry.pcrs.is_empty() || entry.pcrs.iter().any(|pcr| *pcr >= PCRS) {
            return Err(wrong("`pcrs` are numbers from 0 to 23"));
        }
        let digest = crate::hexadecimal::decode(&entry.digest).filter(|digest| digest.len() >= 20);
        let digest = digest.ok_or_else(|| wrong("`digest` is the hash of the registers in hexadecimal"))?;
        let mut pcrs = entry.pcrs.clone();
        pcrs.sort_unstable();
        pcrs.dedup();
        Ok(Self { key, bank, pcrs, digest })
    }

    /// Whether a measurement is this quote over the nonce, signed by the key.
    pub(crate) fn is_shown_by(&self, measurement: &[u8], nonce: &[u8]) -> bool {
        self.check(measurement, nonce).is_some()
    }

    fn check(&self, measurement: &[u8], nonce: &[u8]) -> Option<()> {
        let mut reader = Reader(measurement);
        let attest = reader.sized()?;
        self.check_signature(attest, &mut reader)?;
        reader.end()?;
        let mut attest = Reader(attest);
        (attest.u32()? == MAGIC && attest.u16()? == QUOTE).then_some(())?;
        let _qualified_signer = attest.sized()?;
        verify_slices_are_equal(attest.sized()?, nonce).ok()?;
        // Clock, counts of resets and restarts, whether the clock is safe; firmware version.
        attest.take(8 + 4 + 4 + 1 + 8)?;
        let (bank, pcrs) = attest.selection()?;
        (bank == self.bank && pcrs == self.pcrs).then_some(())?;
        verify_slices_are_equal(attest.sized()?, &self.digest).ok()?;
        attest.end()
    }

    fn check_signature(&self, attest: &[u8], reader: &mut Reader<'_>) -> Option<()> {
        let (scheme, hash) = (reader.u16()?, reader.u16()?);
        let (algorithm, signature): (&dyn VerificationAlgorithm, Vec<u8>) = match (scheme, hash) {
            (RSASSA, SHA256) => (&RSA_PKCS1_2048_8192_SHA256, reader.sized()?.to_vec()),
            (RSASSA, SHA384) => (&RSA_PKCS1_2048_8192_SHA384, reader.sized()?.to_vec()),
            (RSASSA, SHA512) => (&RSA_PKCS1_2048_8192_SHA512, reader.sized()?.to_vec()),
            (RSAPSS, SHA256) => (&RSA_PSS_2048_8192_SHA256, reader.sized()?.to_vec()),
            (RSAPSS, SHA384) => (&RSA_PSS_2048_8192_SHA384, reader.sized()?.to_vec()),
            (RSAPSS, SHA512) => (&RSA_PSS_2048_8192_SHA512, reader.sized()?.to_vec()),
            (ECDSA, SHA256) => (&ECDSA_P256_SHA256_FIXED, reader.pair(32)?),
            (ECDSA, SHA384) => (&ECDSA_P384_SHA384_FIXED, reader.pair(48)?),
            _ => return None,
        };
        UnparsedPublicKey::new(algorithm, &self.key).verify(attest, &signature).ok()
    }
}

/// What is left of a structure of a TPM: numbers in network order, and byte strings behind their length.
struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2)?.first_chunk().copied().map(u16::from_be_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take(4)?.first_chunk().copied().map(u32::from_be_bytes)
    }

    /// A TPM2B_…
    fn sized(&mut self) -> Option<&'b [u8]> {
        let length = self.u16()?;
        self.take(length.into())
    }

    /// Two numbers as one byte string, each filled up to this length.
    fn pair(&mut self, length: usize) -> Option<Vec<u8>> {
        let mut pair = Vec::with_capacity(2 * length);
        for _ in 0..2 {
            let number = self.sized()?;
            pair.resize(pair.len() + length.checked_sub(number.len())?, 0);
            pair.extend_from_slice(number);
        }
        Some(pair)
    }

    /// A TPML_PCR_SELECTION of one bank.
    fn selection(&mut self) -> Option<(u16, Vec<u8>)> {
        (self.u32()? == 1).then_some(())?;
        let bank = self.u16()?;
        let length = self.u8()?;
        let bits = self.take(length.into())?;
        let is_set = |pcr: &u8| bits.get(usize::from(pcr / 8)).is_some_and(|byte| byte >> (pcr % 8) & 1 == 1);
        // Of more registers than a TPM for PCs has none may be selected.
        let beyond = bits.iter().skip(usize::from(PCRS / 8)).all(|byte| *byte == 0);
        beyond.then(|| (bank, (0..PCRS).filter(is_set).collect()))
    }

    fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

//! A cipher of OpenSSL with its key.

use claviger_plugin_sdk::{Error, Result};
use openssl::cipher::Cipher;
use openssl::cipher_ctx::{CipherCtx, CipherCtxFlags};
use openssl::error::ErrorStack;
use zeroize::Zeroizing;

/// Whether data is made unreadable or readable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Encrypt,
    Decrypt,
}

/// A cipher and its key. The cipher is fetched once, which is the greater part of the cost of an OpenSSL message.
pub(crate) struct KeyedCipher {
    cipher: Cipher,
    key: Zeroizing<Vec<u8>>,
}

impl KeyedCipher {
    /// The cipher that OpenSSL knows by this name, with a key of its length.
    ///
    /// # Errors
    /// Internal Server Error: this build of OpenSSL lacks the cipher. Cryptographic Failure: the key has another
    /// length.
    pub(crate) fn new(name: &str, key: &[u8]) -> Result<Self> {
        let cipher = Cipher::fetch(None, name, None)
            .map_err(|error| Error::server(format!("OpenSSL lacks {name}")).because(error))?;
        if cipher.key_length() != key.len() {
            return Err(Error::cryptographic(format!(
                "{name} takes keys of {} bits",
                cipher.key_length() * 8
            )));
        }
        Ok(Self { cipher, key: Zeroizing::new(key.to_vec()) })
    }

    /// A context for one message, without padding.
    ///
    /// # Errors
    /// Cryptographic Failure: the cipher takes no IV of this length.
    pub(crate) fn start(&self, direction: Direction, iv: Option<&[u8]>) -> Result<Context> {
        self.context(direction, iv).map(Context).map_err(failure)
    }

    /// A context for one message of CCM, which has to know everything but the data beforehand.
    ///
    /// # Errors
    /// Cryptographic Failure: the cipher takes no IV, tag or data of this length.
    pub(crate) fn start_ccm(&self, iv: &[u8], tag: CcmTag<'_>, length: usize) -> Result<Context> {
        self.ccm_context(iv, tag, length).map(Context).map_err(failure)
    }

    fn ccm_context(&self, iv: &[u8], tag: CcmTag<'_>, length: usize) -> Result<CipherCtx, ErrorStack> {
        let mut context = CipherCtx::new()?;
        let init = match tag {
            CcmTag::Make(_) => openssl::cipher_ctx::CipherCtxRef::encrypt_init,
            CcmTag::Check(_) => openssl::cipher_ctx::CipherCtxRef::decrypt_init,
        };
        init(&mut context, Some(&self.cipher), None, None)?;
        context.set_iv_length(iv.len())?;
        match tag {
            CcmTag::Make(length) => context.set_tag_length(length)?,
            CcmTag::Check(tag) => context.set_tag(tag)?,
        }
        init(&mut context, None, Some(&self.key), Some(iv))?;
        context.set_data_len(length)?;
        Ok(context)
    }

    fn context(&self, direction: Direction, iv: Option<&[u8]>) -> Result<CipherCtx, ErrorStack> {
        let init = match direction {
            Direction::Encrypt => openssl::cipher_ctx::CipherCtxRef::encrypt_init,
            Direction::Decrypt => openssl::cipher_ctx::CipherCtxRef::decrypt_init,
        };
        let mut context = CipherCtx::new()?;
        // Without it OpenSSL refuses the key-wrap ciphers; it means nothing to the others.
        context.set_flags(CipherCtxFlags::FLAG_WRAP_ALLOW);
        match iv {
            Some(iv) if iv.len() != self.cipher.iv_length() => {
                init(&mut context, Some(&self.cipher), None, None)?;
                context.set_iv_length(iv.len())?;
                init(&mut context, None, Some(&self.key), Some(iv))?;
            }
            iv => init(&mut context, Some(&self.cipher), Some(&self.key), iv)?,
        }
        context.set_padding(false);
        Ok(context)
    }
}

/// What CCM does about the tag.
#[derive(Clone, Copy)]
pub(crate) enum CcmTag<'a> {
    /// Encrypts, and makes a tag of this many bytes.
    Make(usize),
    /// Decrypts, and checks this tag.
    Check(&'a [u8]),
}

/// The state of one message.
pub(crate) struct Context(CipherCtx);

/// OpenSSL counts in a signed 32-bit integer; longer data goes in pieces.
const PIECE: usize = 1 << 30;

/// The largest block in bytes, which is also the most that a cipher adds to its input.
const BLOCK: usize = 16;

/// A buffer for the output of this many bytes in one or two steps, large enough never to move: what moves leaves a
/// copy behind.
pub(crate) fn output_for(length: usize) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(Vec::with_capacity(length + 2 * BLOCK))
}

impl Context {
    /// Appends the output for this data, as far as blocks are complete.
    ///
    /// # Errors
    /// Cryptographic Failure: a key-wrap cipher finds the data damaged.
    pub(crate) fn update(&mut self, data: &[u8], output: &mut Vec<u8>) -> Result<()> {
        data.chunks(PIECE).try_for_each(|piece| self.update_whole(piece, output))
    }

    /// Appends the output for all data of the message, which may be empty and has at most 2 GiB.
    ///
    /// # Errors
    /// As [`Context::update`]; also that the tag which CCM checks is wrong.
    pub(crate) fn update_whole(&mut self, data: &[u8], output: &mut Vec<u8>) -> Result<()> {
        // Not `cipher_update_vec`: it gives room for what a successful unwrapping writes, but where padded key wrap
        // fails, OpenSSL clears as many bytes as the input has.
        let length = output.len();
        output.resize(length + data.len() + BLOCK, 0);
        let room = output.get_mut(length..).unwrap_or_default();
        let written = self.0.cipher_update(data, Some(room));
        output.truncate(length + written.as_ref().unwrap_or(&0));
        written.map(drop).map_err(failure)
    }

    /// Takes data that is authenticated and not encrypted; before any other data.
    pub(crate) fn authenticate(&mut self, additional_data: &[u8]) -> Result<()> {
        for piece in additional_data.chunks(PIECE) {
            self.0.cipher_update(piece, None).map_err(failure)?;
        }
        Ok(())
    }

    /// Sets the tag that the end of a decryption is checked against.
    pub(crate) fn expect_tag(&mut self, tag: &[u8]) -> Result<()> {
        self.0.set_tag(tag).map_err(failure)
    }

    /// Ends the message.
    ///
    /// # Errors
    /// Cryptographic Failure: blocks are incomplete, or the tag is wrong.
    pub(crate) fn finish(&mut self, output: &mut Vec<u8>) -> Result<()> {
        self.0.cipher_final_vec(output).map(drop).map_err(failure)
    }

    /// The tag of a finished encryption.
    pub(crate) fn tag(&self, length: usize) -> Result<Vec<u8>> {
        let mut tag = vec![0; length];
        self.0.tag(&mut tag).map_err(failure)?;
        Ok(tag)
    }
}

fn failure(error: ErrorStack) -> Error {
    Error::cryptographic("the cipher failed: key, IV or tag do not belong to this data").because(error)
}

//! Encrypting, decrypting, hashing, signing and verifying: at once and in parts.

use std::sync::Arc;

use claviger_plugin_sdk::kmip::attributes::Attributes;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::HashingAlgorithm;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::{KeyFacts, ObjectId};
use claviger_plugin_sdk::scheme::{
    Capability, CipherInput, CipherKey, CipherStream, Cost, DigestScheme, DigestStream, MacKey, MacStream,
    PreparedKey, Scheme, SignInput, SignKey, SignStream,
};

use crate::Shared;
use crate::code::{Fault, Rv};
use crate::codec::{Buffer, Input, Output};
use crate::library::{Kind, Library};
use crate::mechanism::{self, Chosen};

/// What a session is about to do, or in the middle of.
pub(crate) struct Active {
    chosen: Chosen,
    key: Option<ObjectId>,
    stream: Option<Stream>,
    /// What came out and did not fit into the client's buffer.
    ready: Option<Ready>,
}

/// An output that the client has not taken, and for which call and input it is.
struct Ready {
    call: Call,
    input: ByteString,
    output: ByteString,
}

/// The three ways to call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Whole,
    Update,
    Final,
}

enum Stream {
    /// With the end of the input, which may be the tag.
    Cipher(Box<dyn CipherStream>, Vec<u8>),
    Digest(Box<dyn DigestStream>),
    Mac(Box<dyn MacStream>),
    Sign(Box<dyn SignStream>),
}

/// A parsed key.
enum Key {
    Cipher(Arc<dyn CipherKey>),
    Digest(&'static dyn DigestScheme),
    Mac(Arc<dyn MacKey>),
    Sign(Arc<dyn SignKey>),
}

/// C_EncryptInit and its like.
pub(crate) async fn init(
    cx: &mut Context<'_>,
    library: &Shared,
    kind: Kind,
    input: &mut Input<'_>,
) -> Result<Output, Fault> {
    let session = input.long()?;
    let chosen = mechanism::read(input)?;
    let handle = if kind == Kind::Digest { None } else { Some(input.long()?) };
    input.end()?;
    let key = {
        let mut library = Library::of(library);
        if library.session(session)?.is_busy(kind) {
            return Err(Rv::OPERATION_ACTIVE.into());
        }
        match handle {
            None => None,
            Some(handle) => Some(library.object(handle).ok_or(Rv::KEY_HANDLE_INVALID)?),
        }
    };
    if !does(kind, chosen.mechanism.capability) {
        return Err(Rv::MECHANISM_INVALID.into());
    }
    let mut active = Active { chosen, key, stream: None, ready: None };
    active.key(cx, kind, None).await?;
    Library::of(library).session(session)?.begin(kind, active)?;
    Ok(Output::default())
}

/// Whether a mechanism is for this.
fn does(kind: Kind, capability: Capability) -> bool {
    match kind {
        Kind::Encrypt | Kind::Decrypt => capability == Capability::Cipher,
        Kind::Digest => capability == Capability::Digest,
        Kind::Sign | Kind::Verify => matches!(capability, Capability::Mac | Capability::Sign),
    }
}

/// C_Encrypt, C_EncryptUpdate, C_EncryptFinal and those of the other kinds that give output.
pub(crate) async fn run(
    cx: &mut Context<'_>,
    library: &Shared,
    (kind, call): (Kind, Call),
    input: &mut Input<'_>,
) -> Result<Output, Fault> {
    let session = input.long()?;
    let data: ByteString =
        if call == Call::Final { ByteString::default() } else { input.bytes()?.to_vec().into() };
    // Hashing and signing say nothing before the end.
    let is_silent = call == Call::Update && matches!(kind, Kind::Digest | Kind::Sign);
    let buffer = if is_silent { None } else { Some(input.buffer()?) };
    input.end()?;
    let mut active = Library::of(library).session(session)?.take(kind)?;
    if let Some(call) = out_of_turn(&active, call) {
        Library::of(library).session(session)?.put_back(kind, active);
        return Err(call.into());
    }
    let output = match active.ready.take() {
        Some(ready) if ready.call == call && ready.input == data => ready.output,
        // What an earlier part gave is lost if the client does not take it.
        Some(ready) if ready.call != Call::Whole => return Err(Rv::FUNCTION_FAILED.into()),
        _ => {
            active.work(cx, kind, call, &data).await.map_err(|error| Fault::of_key(error, bad_data(kind)))?
        }
    };
    let Some(buffer) = buffer else {
        Library::of(library).session(session)?.put_back(kind, active);
        return Ok(Output::default());
    };
    let (fits, answer) = deliver(buffer, &output);
    if fits && call == Call::Update {
        Library::of(library).session(session)?.put_back(kind, active);
    } else if !fits {
        active.ready = Some(Ready { call, input: data, output });
        Library::of(library).session(session)?.put_back(kind, active);
        if buffer.exists {
            return Err(Fault::with(Rv::BUFFER_TOO_SMALL, answer));
        }
    }
    Ok(answer)
}

/// What an active operation does not allow to be called next.
fn out_of_turn(active: &Active, call: Call) -> Option<Rv> {
    match call {
        Call::Whole if active.stream.is_some() => Some(Rv::OPERATION_ACTIVE),
        // Without a part before, the final call is the whole of nothing; what works in one piece has no parts.
        Call::Update | Call::Final if active.chosen.mechanism.digested => Some(Rv::FUNCTION_NOT_SUPPORTED),
        _ => None,
    }
}

/// C_Verify, C_VerifyUpdate and C_VerifyFinal.
pub(crate) async fn verify(
    cx: &mut Context<'_>,
    library: &Shared,
    call: Call,
    input: &mut Input<'_>,
) -> Result<Output, Fault> {
    let session = input.long()?;
    let data: ByteString =
        if call == Call::Final { ByteString::default() } else { input.bytes()?.to_vec().into() };
    let signature = if call == Call::Update { Vec::new() } else { input.bytes()?.to_vec() };
    input.end()?;
    let mut active = Library::of(library).session(session)?.take(Kind::Verify)?;
    if let Some(call) = out_of_turn(&active, call) {
        Library::of(library).session(session)?.put_back(Kind::Verify, active);
        return Err(call.into());
    }
    let of_key = |error| Fault::of_key(error, Rv::DATA_INVALID);
    if call == Call::Update {
        active.work(cx, Kind::Verify, call, &data).await.map_err(of_key)?;
        Library::of(library).session(session)?.put_back(Kind::Verify, active);
        return Ok(Output::default());
    }
    if active.verify(cx, call, data, signature).await.map_err(of_key)? {
        Ok(Output::default())
    } else {
        Err(Rv::SIGNATURE_INVALID.into())
    }
}

fn bad_data(kind: Kind) -> Rv {
    if kind == Kind::Decrypt { Rv::ENCRYPTED_DATA_INVALID } else { Rv::DATA_INVALID }
}

/// The answer for a buffer, and whether the output is in it.
fn deliver(buffer: Buffer, output: &[u8]) -> (bool, Output) {
    let fits = buffer.exists && output.len() <= buffer.size;
    let answer = Output::default().boolean(fits);
    (fits, if fits { answer.bytes(output) } else { answer.count(output.len()) })
}

impl Active {
    /// The key, admitted for what is to be done with it and, if there is data, for so many bytes of it.
    async fn key(&mut self, cx: &mut Context<'_>, kind: Kind, bytes: Option<usize>) -> Result<Key, Fault> {
        let key = self.prepared(cx, kind, bytes).await;
        key.map_err(|error| Fault::of_key(error, Rv::KEY_TYPE_INCONSISTENT))
    }

    async fn prepared(&mut self, cx: &mut Context<'_>, kind: Kind, bytes: Option<usize>) -> Result<Key> {
        let (capability, parameters) = (self.chosen.mechanism.capability, &self.chosen.parameters);
        let Some(id) = &self.key else {
            let nothing = Attributes::new();
            let facts = KeyFacts::of(ObjectType::OPAQUE_OBJECT, None, &nothing);
            return match cx.scheme(capability, &facts, parameters)? {
                Scheme::Digest(scheme) => Ok(Key::Digest(*scheme)),
                _ => Err(Error::server("a scheme that hashes does something else")),
            };
        };
        let target = target(kind, capability, id, bytes);
        let key = cx.load(target).await?.into_iter().next();
        let key = key.ok_or_else(|| Error::server("a target resolved to no object"))?;
        match cx.prepared(&key, capability, parameters).await? {
            PreparedKey::Cipher(key) => Ok(Key::Cipher(key)),
            PreparedKey::Mac(key) => Ok(Key::Mac(key)),
            PreparedKey::Sign(key) => Ok(Key::Sign(key)),
            _ => Err(Error::server("a scheme prepared a key for something else")),
        }
    }

    /// Works on data: all of it, a part, or what is left at the end.
    async fn work(
        &mut self,
        cx: &mut Context<'_>,
        kind: Kind,
        call: Call,
        data: &ByteString,
    ) -> Result<ByteString> {
        // The key is admitted again for each part.
        let key = self.prepared(cx, kind, Some(data.len())).await?;
        if call == Call::Whole {
            return self.whole(cx, key, kind, data.clone()).await;
        }
        let stream = match self.stream.take() {
            Some(stream) => stream,
            None => self.begin(cx, &key, kind)?,
        };
        let (cost, data, tag) = (cx.cost_of_data(data.len()), data.clone(), self.held_back(kind));
        if call == Call::Update {
            let (stream, output) = cx.compute(cost, move |_| update(stream, &data, tag)).await?;
            self.stream = Some(stream);
            return Ok(output);
        }
        cx.compute(Cost::Heavy, move |rng| match stream {
            Stream::Cipher(mut stream, end) => {
                if tag > 0 {
                    stream.expect_tag(&end);
                }
                let (output, tag) = stream.finish()?;
                Ok(joined(output, tag))
            }
            Stream::Digest(stream) => stream.finish(),
            Stream::Mac(stream) => stream.finish(rng),
            Stream::Sign(stream) => stream.sign(rng),
        })
        .await
    }

    /// Bytes at the end of the input that are the tag and not data.
    fn held_back(&self, kind: Kind) -> usize {
        if kind == Kind::Decrypt { self.chosen.tag } else { 0 }
    }

    fn begin(&self, cx: &mut Context<'_>, key: &Key, kind: Kind) -> Result<Stream> {
        let chosen = &self.chosen;
        match key {
            Key::Cipher(key) if kind == Kind::Encrypt => {
                Ok(Stream::Cipher(key.encrypt_in_parts(chosen.input(&[], None), cx.rng())?.0, Vec::new()))
            }
            Key::Cipher(key) => {
                Ok(Stream::Cipher(key.decrypt_in_parts(chosen.input(&[], None))?, Vec::new()))
            }
            Key::Digest(scheme) => scheme.in_parts(&chosen.parameters).map(Stream::Digest),
            Key::Mac(key) => key.in_parts(&chosen.parameters).map(Stream::Mac),
            Key::Sign(key) => key.in_parts(&chosen.parameters).map(Stream::Sign),
        }
    }

    async fn whole(
        &mut self,
        cx: &mut Context<'_>,
        key: Key,
        kind: Kind,
        data: ByteString,
    ) -> Result<ByteString> {
        let (chosen, tag) = (self.chosen.clone(), self.held_back(kind));
        let cost = key.cost().max(cx.cost_of_data(data.len()));
        cx.compute(cost, move |rng| match key {
            Key::Cipher(key) if kind == Kind::Encrypt => {
                let encrypted = key.encrypt(chosen.input(&data, None), rng)?;
                Ok(joined(encrypted.data, encrypted.tag))
            }
            Key::Cipher(key) => {
                let end = data.len().checked_sub(tag).and_then(|end| data.split_at_checked(end));
                let (data, tag) =
                    end.ok_or_else(|| Error::cryptographic("the data is shorter than its tag"))?;
                key.decrypt(chosen.input(data, (!tag.is_empty()).then_some(tag)))
            }
            Key::Digest(scheme) => scheme.digest(&data, &chosen.parameters),
            Key::Mac(key) => key.mac(&data, &chosen.parameters, rng),
            Key::Sign(key) => key.sign(chosen.signed(&data), &chosen.parameters_for(&data), rng),
        })
        .await
    }

    /// Whether the signature or MAC is that of the data, or of what came in parts.
    async fn verify(
        &mut self,
        cx: &mut Context<'_>,
        call: Call,
        data: ByteString,
        signature: Vec<u8>,
    ) -> Result<bool> {
        let key = self.prepared(cx, Kind::Verify, Some(data.len())).await?;
        let chosen = self.chosen.clone();
        if call == Call::Whole {
            let cost = key.cost().max(cx.cost_of_data(data.len()));
            return cx
                .compute(cost, move |_| match key {
                    Key::Mac(key) => key.verify(&data, &signature, &chosen.parameters),
                    Key::Sign(key) => {
                        key.verify(chosen.signed(&data), &signature, &chosen.parameters_for(&data))
                    }
                    Key::Cipher(_) | Key::Digest(_) => Err(Error::server("what is verified is no signature")),
                })
                .await;
        }
        let stream = match self.stream.take() {
            Some(stream) => stream,
            None => self.begin(cx, &key, Kind::Verify)?,
        };
        cx.compute(Cost::Heavy, move |_| match stream {
            Stream::Mac(stream) => stream.verify(&signature),
            Stream::Sign(stream) => stream.verify(&signature),
            Stream::Cipher(..) | Stream::Digest(_) => Err(Error::server("what is verified is no signature")),
        })
        .await
    }
}

impl Key {
    fn cost(&self) -> Cost {
        match self {
            Self::Cipher(key) => key.cost(),
            Self::Sign(key) => key.cost(),
            Self::Digest(_) | Self::Mac(_) => Cost::Light,
        }
    }
}

impl Chosen {
    fn input<'a>(&'a self, data: &'a [u8], tag: Option<&'a [u8]>) -> CipherInput<'a> {
        CipherInput {
            parameters: &self.parameters,
            data,
            nonce: self.nonce.as_deref(),
            additional_data: &self.additional_data,
            tag,
        }
    }

    /// The parameters; a digest tells by its length which hash it is of, where nothing else does.
    fn parameters_for(&self, data: &[u8]) -> CryptographicParameters {
        let parameters = self.parameters.clone();
        if !self.mechanism.digested || parameters.hashing_algorithm.is_some() {
            return parameters;
        }
        let hashing_algorithm = match data.len() {
            20 => Some(HashingAlgorithm::SHA_1),
            28 => Some(HashingAlgorithm::SHA_224),
            32 => Some(HashingAlgorithm::SHA_256),
            48 => Some(HashingAlgorithm::SHA_384),
            64 => Some(HashingAlgorithm::SHA_512),
            _ => None,
        };
        CryptographicParameters { hashing_algorithm, ..parameters }
    }

    fn signed<'a>(&self, data: &'a [u8]) -> SignInput<'a> {
        if self.mechanism.digested { SignInput::Digest(data) } else { SignInput::Data(data) }
    }
}

/// Takes one part into a stream, all but as many bytes as may be the tag.
fn update(stream: Stream, part: &[u8], tag: usize) -> Result<(Stream, ByteString)> {
    Ok(match stream {
        Stream::Cipher(mut stream, mut held) => {
            held.extend_from_slice(part);
            let end = held.split_off(held.len().saturating_sub(tag));
            let output = stream.update(&held)?;
            (Stream::Cipher(stream, end), output)
        }
        Stream::Digest(mut stream) => {
            stream.update(part)?;
            (Stream::Digest(stream), ByteString::default())
        }
        Stream::Mac(mut stream) => {
            stream.update(part)?;
            (Stream::Mac(stream), ByteString::default())
        }
        Stream::Sign(mut stream) => {
            stream.update(part)?;
            (Stream::Sign(stream), ByteString::default())
        }
    })
}

fn joined(data: ByteString, tag: Option<ByteString>) -> ByteString {
    match tag {
        None => data,
        Some(tag) => [&*data, &*tag].concat().into(),
    }
}

/// The key as the KMIP operation that does the same names it.
fn target(kind: Kind, capability: Capability, id: &ObjectId, bytes: Option<usize>) -> Target {
    use CryptographicUsageMask as Usage;
    let (operation, states, usage) = match (kind, capability) {
        (Kind::Encrypt, _) => (OperationCode::ENCRYPT, StateSet::ACTIVE, Usage::ENCRYPT),
        (Kind::Decrypt, _) => (OperationCode::DECRYPT, StateSet::PROCESSING, Usage::DECRYPT),
        (Kind::Verify, Capability::Mac) => {
            (OperationCode::MAC_VERIFY, StateSet::PROCESSING, Usage::MAC_VERIFY)
        }
        (Kind::Verify, _) => (OperationCode::SIGNATURE_VERIFY, StateSet::PROCESSING, Usage::VERIFY),
        (_, Capability::Mac) => (OperationCode::MAC, StateSet::ACTIVE, Usage::MAC_GENERATE),
        _ => (OperationCode::SIGN, StateSet::ACTIVE, Usage::SIGN),
    };
    let target = Target::subject(Some(id.as_str().into()), operation)
        .states(states)
        .usage(usage)
        .cardinality(Cardinality::One);
    match bytes {
        Some(bytes) => target.consumes(bytes),
        None => target,
    }
}

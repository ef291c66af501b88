//! DSA signatures (FIPS 186-4 section 4), on OpenSSL: the DER of two integers.

use std::sync::Arc;

use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{
    CryptographicAlgorithm, DigitalSignatureAlgorithm, HashingAlgorithm,
};
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{Cost, Scheme, SchemeEntry, SignKey, SignScheme};
use claviger_plugin_sdk::{Error, Result, register_scheme};
use openssl::dsa::DsaSig;
use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private, Public};
use openssl::pkey_ctx::PkeyCtx;

use super::dsa::DSA;
use crate::digest_signatures::{DigestSignatures, SignDigest};
use crate::encoding::{Half, KeyFamily, key_of};
use crate::parameters::allow;
use crate::signature_hash::{self, SignatureHash};

const SIGNATURES: SchemeEntry = SchemeEntry {
    name: "DSA signatures",
    algorithms: &[CryptographicAlgorithm::DSA],
    claims: |_, parameters| allow(parameters, CryptographicAlgorithm::DSA),
    effective: |_, parameters| signature_hash::effective(parameters, ALGORITHMS, HashingAlgorithm::SHA_256),
    scheme: Scheme::Sign(&DsaSignatures),
};
register_scheme!(SIGNATURES);

const ALGORITHMS: &[(DigitalSignatureAlgorithm, HashingAlgorithm)] = &[
    (DigitalSignatureAlgorithm::DSA_WITH_SHA_1, HashingAlgorithm::SHA_1),
    (DigitalSignatureAlgorithm::DSA_WITH_SHA224, HashingAlgorithm::SHA_224),
    (DigitalSignatureAlgorithm::DSA_WITH_SHA256, HashingAlgorithm::SHA_256),
];

struct DsaSignatures;

impl SignScheme for DsaSignatures {
    fn prepare(&self, facts: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn SignKey>> {
        let refused = |error: ErrorStack| Error::cryptographic("the DSA key cannot be used").because(error);
        let (key, _) = key_of(&DSA, facts, material)?;
        let key = match key.half() {
            Half::Public => DsaKey { private: None, public: key.to_public_key().map_err(refused)? },
            Half::Private => DsaKey {
                private: Some(key.to_private_key().map_err(refused)?),
                public: DSA.public_key(&key)?.to_public_key().map_err(refused)?,
            },
        };
        Ok(Arc::new(DigestSignatures::new(key)))
    }
}

struct DsaKey {
    private: Option<PKey<Private>>,
    public: PKey<Public>,
}

impl SignDigest for DsaKey {
    type Method = SignatureHash;

    fn cost(&self) -> Cost {
        Cost::Light
    }

    fn method(&self, parameters: &CryptographicParameters) -> Result<SignatureHash> {
        SignatureHash::of(parameters, ALGORITHMS, HashingAlgorithm::SHA_256)
    }

    fn hash(method: &SignatureHash) -> SignatureHash {
        *method
    }

    fn sign(&self, digest: &[u8], _: &SignatureHash) -> Result<ByteString> {
        let private = self.private.as_ref().ok_or_else(|| {
            Error::cryptographic("this is a public key; sign with the private key of the pair")
        })?;
        let mut signature = Vec::new();
        PkeyCtx::new(private)
            .and_then(|mut context| {
                context.sign_init()?;
                context.sign_to_vec(digest, &mut signature)
            })
            .map_err(|error| Error::cryptographic("the DSA key cannot sign this").because(error))?;
        Ok(signature.into())
    }

    fn verify(&self, digest: &[u8], signature: &[u8], _: &SignatureHash) -> bool {
        // What is no DER, or has bytes after it, is another signature.
        let decoded = DsaSig::from_der(signature).and_then(|decoded| decoded.to_der());
        if !decoded.is_ok_and(|der| der == signature) {
            return false;
        }
        let verified = PkeyCtx::new(&self.public).and_then(|mut context| {
            context.verify_init()?;
            context.verify(digest, signature)
        });
        verified.unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::BigInteger;
    use claviger_plugin_sdk::kmip::field::TtlvValue;
    use claviger_plugin_sdk::kmip::key_material::{TransparentDsaPrivateKey, TransparentDsaPublicKey};
    use claviger_plugin_sdk::kmip::tables::enumerations::{KeyFormatType, ObjectType, ResultReason};
    use claviger_plugin_sdk::scheme::SignInput;
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::SeededRandom;
    use claviger_plugin_sdk::testkit::scheme::SignSubject;
    use openssl::bn::BigNum;
    use openssl::dsa::Dsa;
    use openssl::hash::{MessageDigest, hash};
    use openssl::sign::{Signer, Verifier};

    use super::super::trial_keys::{facts, next_dsa_pair};
    use super::*;

    scheme_conformance!(sign suite: SignSubject {
        entry: SIGNATURES,
        pair: next_dsa_pair,
        parameters: CryptographicParameters::NONE,
        digest: Some(|data| openssl::sha::sha256(data).to_vec()),
        in_parts: true,
        repeats: false,
    });

    /// One of NIST's answers: a key, a message and a signature.
    struct Answer {
        hash: HashingAlgorithm,
        p: &'static str,
        q: &'static str,
        g: &'static str,
        x: &'static str,
        y: &'static str,
        message: &'static str,
        r: &'static str,
        s: &'static str,
        valid: bool,
    }

    impl Answer {
        fn public(&self) -> Result<Arc<dyn SignKey>> {
            let key = TransparentDsaPublicKey {
                p: integer(self.p),
                q: integer(self.q),
                g: integer(self.g),
                y: integer(self.y),
            };
            let material = Material::new(KeyFormatType::TRANSPARENT_DSA_PUBLIC_KEY, key.into_value());
            DsaSignatures.prepare(&facts(ObjectType::PUBLIC_KEY, CryptographicAlgorithm::DSA), &material)
        }

        fn private(&self) -> Arc<dyn SignKey> {
            let key = TransparentDsaPrivateKey {
                p: integer(self.p),
                q: integer(self.q),
                g: integer(self.g),
                x: integer(self.x),
            };
            let material = Material::new(KeyFormatType::TRANSPARENT_DSA_PRIVATE_KEY, key.into_value());
            prepare(ObjectType::PRIVATE_KEY, &material)
        }

        fn signature(&self) -> Vec<u8> {
            let number = |digits| BigNum::from_hex_str(digits).unwrap();
            DsaSig::from_private_components(number(self.r), number(self.s)).unwrap().to_der().unwrap()
        }
    }

    fn integer(digits: &str) -> BigInteger {
        BigInteger::from_unsigned_be(&hex::decode(digits).unwrap())
    }

    fn prepare(object_type: ObjectType, material: &Material) -> Arc<dyn SignKey> {
        DsaSignatures.prepare(&facts(object_type, CryptographicAlgorithm::DSA), material).unwrap()
    }

    fn with_hash(hash: HashingAlgorithm) -> CryptographicParameters {
        CryptographicParameters { hashing_algorithm: Some(hash), ..CryptographicParameters::NONE }
    }

    /// NIST CAVP, DSA SigVer of FIPS 186-3.
    #[test]
    fn signatures_are_judged_as_nist_does() {
        for answer in ANSWERS {
            let (message, parameters) = (hex::decode(answer.message).unwrap(), with_hash(answer.hash));
            let input = SignInput::Data(&message);
            // A changed public key is none in the group; it is refused before anything is verified.
            let verify = |signature: &[u8]| {
                answer.public().is_ok_and(|key| key.verify(input, signature, &parameters).unwrap())
            };
            assert_eq!(verify(&answer.signature()), answer.valid);
            if answer.valid {
                let made = answer.private().sign(input, &parameters, &mut SeededRandom::new(1)).unwrap();
                assert!(verify(&made));
            }
        }
    }

    #[test]
    fn openssl_verifies_and_signs_the_same() {
        let openssl = PKey::from_dsa(Dsa::generate(1024).unwrap()).unwrap();
        let bytes = |format, der: Vec<u8>| {
            Material::new(format, claviger_plugin_sdk::kmip::Value::ByteString(der.into()))
        };
        let private = bytes(KeyFormatType::PKCS_8, openssl.private_key_to_pkcs8().unwrap());
        let private = prepare(ObjectType::PRIVATE_KEY, &private);
        let public = bytes(KeyFormatType::X_509, openssl.public_key_to_der().unwrap());
        let public = prepare(ObjectType::PUBLIC_KEY, &public);
        let hashes = [
            (HashingAlgorithm::SHA_1, MessageDigest::sha1()),
            (HashingAlgorithm::SHA_256, MessageDigest::sha256()),
            (HashingAlgorithm::SHA_512, MessageDigest::sha512()),
            (HashingAlgorithm::SHA3_256, MessageDigest::sha3_256()),
        ];
        for (named, digest) in hashes {
            let parameters = with_hash(named);
            let hashed = hash(digest, b"data").unwrap();
            for input in [SignInput::Data(b"data"), SignInput::Digest(&hashed)] {
                let ours = private.sign(input, &parameters, &mut SeededRandom::new(1)).unwrap();
                assert!(Verifier::new(digest, &openssl).unwrap().verify_oneshot(&ours, b"data").unwrap());
                let theirs = Signer::new(digest, &openssl).unwrap().sign_oneshot_to_vec(b"data").unwrap();
                assert!(public.verify(input, &theirs, &parameters).unwrap());
                assert!(private.verify(input, &theirs, &parameters).unwrap());
            }
        }
        let named = CryptographicParameters {
            digital_signature_algorithm: Some(DigitalSignatureAlgorithm::DSA_WITH_SHA256),
            ..CryptographicParameters::NONE
        };
        let theirs = Signer::new(MessageDigest::sha256(), &openssl).unwrap().sign_oneshot_to_vec(b"data");
        assert!(public.verify(SignInput::Data(b"data"), &theirs.unwrap(), &named).unwrap());
        let md5 = with_hash(HashingAlgorithm::MD5);
        let error = private.sign(SignInput::Data(b"data"), &md5, &mut SeededRandom::new(1)).unwrap_err();
        assert_eq!(error.reason(), ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS);
    }

    const ANSWERS: &[Answer] = &[
        // 1024 and 160 bits, P
        Answer {
            hash: HashingAlgorithm::SHA_1,
            p: "dc5bf3a88b2d99e4c95cdd7a0501cc38630d425cf5c390af3429cff1f35147b795caea923f0d3577158f8a0c89dabd1962c2c453306b5d70cacfb01430aceb54e5a5fa6f9340d3bd2da612fceeb76b0ec1ebfae635a56ab141b108e00dc76eefe2edd0c514c21c457457c39065dba9d0ecb7569c247172d8438ad2827b60435b",
            q: "e956602b83d195dbe945b3ac702fc61f81571f1d",
            g: "d7eb9ca20a3c7a079606bafc4c9261ccaba303a5dc9fe9953f197dfe548c234895baa77f441ee6a2d97b909cbbd26ff7b869d24cae51b5c6edb127a4b5d75cd8b46608bfa148249dffdb59807c5d7dde3fe3080ca3a2d28312142becb1fa8e24003e21c7287108174b95d5bc711e1c8d9b1076784f5dc37a964a5e51390da713",
            x: "1d93010c29ecfc432188942f46f19f44f0e1bb5d",
            y: "6240ea0647117c38fe705106d56db578f3e10130928452d4f3587881b8a2bc6873a8befc3237f20914e2a91c7f07a928ee22adeed23d74ab7f82ea11f70497e578f7a9b4cbd6f10226222b0b4da2ea1e49813d6bb9882fbf675c0846bb80cc891857b89b0ef1beb6cce3378a9aab5d66ad4cb9277cf447dfe1e64434749432fb",
            message: "0fe1bfee500bdb76026099b1d37553f6bdfe48c82094ef98cb309dd777330bedfaa2f94c823ef74ef4074b50d8706041ac0e371c7c22dcf70263b8d60e17a86c7c379cfda8f22469e0df9d49d59439fc99891873628fff25dda5fac5ac794e948babdde968143ba05f1128f34fdad5875edc4cd71c6c24ba2060ffbd439ce2b3",
            r: "b5af307867fb8b54390013cc67020ddf1f2c0b81",
            s: "620d3b22ab5031440c3e35eab6f481298f9e9f08",
            valid: true,
        },
        // 2048 and 224 bits, P
        Answer {
            hash: HashingAlgorithm::SHA_224,
            p: "a7ceed761c2c9b32e70deb5428b085f082b047db1f0dcb4bdcfbae60d7c7e8dc0f32affe480701a9af435e5811e6600573d1ea7af1c804eb7dbd969aa40bc5534ca21c586e5f17d0632c4129ac9ff3559d48bb121ce5120289b8df06b688b7500b87679da238ee1b39ae48fdba361e79cf3752555d9227fe1e731e0e9294e8d7b8b5d7d10da2bb691aff91d518af9d72887755bd7c393d2058bdbea85cf11e4673faafbd84c8f8b0a7d5bfd5d5c0ffdb035ebd11e9795902edba42f6677fcfc0dde1bbdcd08d8697ece7f3e0d8541fcc904ef6cc9e45d8317d38bec3e73fcbb0c6b09b3b8bee40558bf6c785aa3977583b3f33581cd6122c64a5a6e5e6ec68a7",
            q: "fc7accd5f6923eb7c17f50d1b59ec3ed18344dd2529a09921f550493",
            g: "24046bcd1939c7f2f19c14459d755ff08f0a6f11b89924e87c8a48bf4fdaaad660619b3a608098e880af4b0859c2a074e2265df04f1aa0b1784abe53886c5a3f439b33d49913d629cdc6db533f49d5eff9dd5037a9960808c9763c4a9cfbd14560d199b1693c2afc172deea95cb5e53b02a8930df7e6f557ca64b655f8e5fff771562cdd07e6c4de4101bf1bc3b38372a7e14cf81622d36aa164b330da127c6bb1cbfdc79d131048f25bbbc104048fc5f50bbeb4231f91a1fe004f49595247d8879ed8e36f7fdf5ea33343e79bceb9ad6d933aa44fc4160ce841e6ea5a1e123602ba8780785e2e33bbd93fc4c523243d3b4e1ac37d364faf212e33541544823e",
            x: "ec22bd9438b8b68c4a5cf4efd28a16756fcedcf67153f3771737cc20",
            y: "19342ccb5e79d879b633374e5f64d823db769c351640ce9854557c597e7ef5e0fddd0fcc75df3c87a17ae7aa3c3081cc92441f036c1672b7b4032c87ac234cb78269d06316888b8bffe500cc95271790f42aafb7825b06dc947d0d50d51dc105833268ddb18d0015886f08a5d8679ce46bd91dec18c2329fd10c20d6ff00aa955aeb87acddf03a801ea73c1d60a88bea2b2944ef6d852a8a43d41e32b72a4f735799d74e069cbe87bfccfadfc29f35fd2ebc8f219afe3780b9d5a2e4c9422b33bab59782ed28354363ad9ecd152a6c3e8bea83a099e4eb87f67bae458d3dd51201cdbfb44e71a9ae61698cd61a501d73a387c657b0a451c5514dabc93c543604",
            message: "9123b915f8e5029eb88627e74330f4670c706120b5be29bf147559e637e40536625b1b4830f0770f65e7a39a59b887394c9eacf5040bca88e18f2e2a4d56b5151efc549d47b659695a6a996a52c458cffdc852969cf47f1083b73804482ce690e9e19199b49bdaafa08f6f3c1c68ce6e118d257004098f4d9bbd40b86f6ba524",
            r: "a78a77cc2f0f86cda34d5169a398c854aab9ad4e86b3639ac040883c",
            s: "ba9e2c55c615e0cc2e081e53d38c9a91c8d541eeebbe528eaff79d84",
            valid: true,
        },
        // 2048 and 256 bits, P
        Answer {
            hash: HashingAlgorithm::SHA_256,
            p: "cdf428329e226cf715f18eed005e439a8c7b927edd24c866be6c1b370057059ea426d06f584f8e3c89f02fe8d4042604a2fe0db63a87ff018dfaec7790b88fd1da8396561ae62df6f18d3540992efc5ecce63068f5f595687b8bbeed5801d5b6c6bdf362dadebb80e190d719d144db693fc43cefbd72b149570a96282fd9441c397d98b15d73f8cfaa8f6514a16f5992a0a02fd7b6e4932b1e7e7ef2db717815b11e867e187aae26f9c16ca0a5ca434acf8f3356c3711765fe5e548b1edce381bdd843580f9a881d702f00a0719c3bfa8576304decb616b08ef8db6f8c3d48923a2a30b9b505ad737af1cbb0019558487400379738fd89c1ee01285e76e2d98b",
            q: "daf3ebd85f57a8731538596876e8a34e73c732bc69b4d64b010bd7d5b63a09ef",
            g: "6cb6a8c1b8ea97173e5ae1d2a2d530468fd932b81a4f3c3e11042d56a61a504b9c207da7cdca293c04f78583cf218e1cd2c1a92637ab4ff61d2eaa5e8e8221bfe17e6a741791f21c799221ae4c703262a6dc2e295e36939e248dacaaffe673071f6dc7a90d7ca3427556fb99fb1fdca9de3f745b5e56be5b5933ebcba4f0c60fef3798cdca519997ef74acd7000d3a286d01c7000a66fe0066be4381842aa040c3bf465306c38752d41c29162c4d294f2b1f7e9ad9232aadb469047f4050b085bafa06283def7d84958528a3f129a3bc81466c0ccd493fcaa87e805e7bd4450090ce55652dba15271234fbe0cfef66f3ed9d569e565bd1218f2856637a5b26a4",
            x: "a124cb4f3fcb44c929400019933955b68185988ef7014ac1a4829b1748e58a10",
            y: "1c3aa2f539438145b05dd13a17d666022944fe6e3dc2a14e41a32fbc85546e0da88b5b9d822a17f0c30ed317f4cc716f2847871c192ea4dda488aea291ec31fb5a73424d12b034b642e175f25b102217a0bf1de695923900c87f3f2911107ee06bb9f58cef4d18c29a016ebf63a4bea851c3a7e85a7c3d69e8896f59f9c7f1d77386c1e80391a1b9c4f82eaf59b6d72c7e8663b121fdd3b5510d5db5971658d233e25b646a27b1e1ae0c859dc73f7763b91fff6b3140e284c3a4650d17beeca2319c5c4a545f6de728137f5bbac6e3027e5588294ae5532891b8053dc9cbd0449a09e54f4e3ac4eaf7e1bd2a727de8f14a001db92870807898bb504f5f4389bc",
            message: "f93230c8e56f77d8507cadb3d3b930c715e06763f2f38cc735ec626e650e4d3b76b4f0427500106daa2671dcebbfaf04a8c660fa285cc059894c685b5eb0098d12e406a47200c66818c255a7a55edbb4d0a94fef563af9330bd90286e9a185910d741c19be9965f44b630fbbb5f434967101ccbc693545a39430402cc0dc270c",
            r: "96246546c49d2a00c5605cc5bcb18e229e272374c4d7fa6c8ace99eafc080342",
            s: "b77d5dd30b6daae84580cf2b3cf31eca713c884dd5659cf5307c91e525991487",
            valid: true,
        },
        // 2048 and 256 bits, F (1 - Message changed)
        Answer {
            hash: HashingAlgorithm::SHA_256,
            p: "cdf428329e226cf715f18eed005e439a8c7b927edd24c866be6c1b370057059ea426d06f584f8e3c89f02fe8d4042604a2fe0db63a87ff018dfaec7790b88fd1da8396561ae62df6f18d3540992efc5ecce63068f5f595687b8bbeed5801d5b6c6bdf362dadebb80e190d719d144db693fc43cefbd72b149570a96282fd9441c397d98b15d73f8cfaa8f6514a16f5992a0a02fd7b6e4932b1e7e7ef2db717815b11e867e187aae26f9c16ca0a5ca434acf8f3356c3711765fe5e548b1edce381bdd843580f9a881d702f00a0719c3bfa8576304decb616b08ef8db6f8c3d48923a2a30b9b505ad737af1cbb0019558487400379738fd89c1ee01285e76e2d98b",
            q: "daf3ebd85f57a8731538596876e8a34e73c732bc69b4d64b010bd7d5b63a09ef",
            g: "6cb6a8c1b8ea97173e5ae1d2a2d530468fd932b81a4f3c3e11042d56a61a504b9c207da7cdca293c04f78583cf218e1cd2c1a92637ab4ff61d2eaa5e8e8221bfe17e6a741791f21c799221ae4c703262a6dc2e295e36939e248dacaaffe673071f6dc7a90d7ca3427556fb99fb1fdca9de3f745b5e56be5b5933ebcba4f0c60fef3798cdca519997ef74acd7000d3a286d01c7000a66fe0066be4381842aa040c3bf465306c38752d41c29162c4d294f2b1f7e9ad9232aadb469047f4050b085bafa06283def7d84958528a3f129a3bc81466c0ccd493fcaa87e805e7bd4450090ce55652dba15271234fbe0cfef66f3ed9d569e565bd1218f2856637a5b26a4",
            x: "cc2bd6703d958d628631c1528af71c3ca90ec1639ffdb8c4eb68f6531b9d1366",
            y: "002cc1264427522aa6ff6c9e3beb23e1d1714e7a3cd3b592faa74ff44e8d81a18b416c887a97a6e2f4592529116090a6ec4f0e73a45a9984c483cf7206e302c7d77e27e5eb11ac581821bd2b91b9857764e155f850f5c25b909d6fe23c19595dde40750c7fb0e62d95c2944081c0d10767a11dbeb092c9b08d6d197dd34cdbd873f8db7c3d33987ed2fd2e395c86588edf131fadb936ef8085741f28c8f9d7848c65a709f9c44b8db85989732332d809544c8c5362b39f97331b66086af5d3dc703a2c30d96ef0763e13c171728d7b057b302c0c04642aa77b896c743da9f0d30349745e2e552bac2a4178591019af33058a1948ae4059c2efd7aa9f05df06bb",
            message: "bc3414673a2a567aad487af1385b90bd1adb92361f59e27ede8af63e964ece90b1aa7a330a8e41549e3d1e0cd32b339fbaf1120a79ca3768bd1f60bea4def3eaa4625cb9b19169248800f82837feb151fd5d24dece7bb1f7de45175cf77dfadaa12ae77f3f2cf55ddfd38714892d556ec91886c9734842304f1be1af439a56e8",
            r: "59f9e094d7d55d3a3a362c6671542a92034e89f36354da25bd4f3efd65b430ef",
            s: "47a78ba3f773f398361c41266ce6c84d0443b9b233b52c7939b9dc6d69051e9c",
            valid: false,
        },
        // 2048 and 256 bits, F (2 - Y changed )
        Answer {
            hash: HashingAlgorithm::SHA_256,
            p: "cdf428329e226cf715f18eed005e439a8c7b927edd24c866be6c1b370057059ea426d06f584f8e3c89f02fe8d4042604a2fe0db63a87ff018dfaec7790b88fd1da8396561ae62df6f18d3540992efc5ecce63068f5f595687b8bbeed5801d5b6c6bdf362dadebb80e190d719d144db693fc43cefbd72b149570a96282fd9441c397d98b15d73f8cfaa8f6514a16f5992a0a02fd7b6e4932b1e7e7ef2db717815b11e867e187aae26f9c16ca0a5ca434acf8f3356c3711765fe5e548b1edce381bdd843580f9a881d702f00a0719c3bfa8576304decb616b08ef8db6f8c3d48923a2a30b9b505ad737af1cbb0019558487400379738fd89c1ee01285e76e2d98b",
            q: "daf3ebd85f57a8731538596876e8a34e73c732bc69b4d64b010bd7d5b63a09ef",
            g: "6cb6a8c1b8ea97173e5ae1d2a2d530468fd932b81a4f3c3e11042d56a61a504b9c207da7cdca293c04f78583cf218e1cd2c1a92637ab4ff61d2eaa5e8e8221bfe17e6a741791f21c799221ae4c703262a6dc2e295e36939e248dacaaffe673071f6dc7a90d7ca3427556fb99fb1fdca9de3f745b5e56be5b5933ebcba4f0c60fef3798cdca519997ef74acd7000d3a286d01c7000a66fe0066be4381842aa040c3bf465306c38752d41c29162c4d294f2b1f7e9ad9232aadb469047f4050b085bafa06283def7d84958528a3f129a3bc81466c0ccd493fcaa87e805e7bd4450090ce55652dba15271234fbe0cfef66f3ed9d569e565bd1218f2856637a5b26a4",
            x: "cb9ee5ce0bcfa70cdcc47bb0e57a54930ef3afe836ba95dc8fb1899e01e398ed",
            y: "abfe91c1e595bf644236da5c4b2d1e8d894da076a7060309c09fe3cc27b9be0630e53602401e41ff9e2dd86c3224db018004127b7088ee92498e6214a31c5733f9bac4bda83285a8cd87b8d55c3a92dd9ba7bc6f4c8ce1718578854495dbef8bf5f4d8ef7bfa5693300a02f25a8ebddb64f3b32ce179a2663b1ba618efee5d05f9de33b7ed49aea5286873963ea69974a1adc11fa734cc8d1655cc95be5c5a0c70883c3ad715b879807b575627e8e4c101aac7cbb1d1f11276caf8ae9c6500b4a2eb3b68fc3a76600ec34540d63134b07ef01324ddc33e1defb63ee20aa90b823696df2998b9613a4a1485fb6966d6fadeec6e78b21d6ab06c2b1bd8aa84921b",
            message: "3bf2cf1bed29d85904f79ade4f945abb91dbf7a83bab4cbe0bd753ced2e40b77f0297325fac5172d55001985b79046ad29ace15f08dac7d27454ef67214258eff7f03f46da19a4c3f12a90df03f18098c21e92ce4e1ae413516dc9ffcfe2c3237ab98dd344dd2e7a86011c8ba3f9db67d35a3379485fcb3fc9b7c5dde1ce2593",
            r: "54961cfd862cbc6d1f378ad00cc786f64a6763cf248dd55a95f413111f4626cf",
            s: "54dd5f1064d8221ae2315d3106724a2c34ab1b4e1f95dbc1d74792a648e5d573",
            valid: false,
        },
        // 2048 and 256 bits, F (3 - R changed )
        Answer {
            hash: HashingAlgorithm::SHA_256,
            p: "cdf428329e226cf715f18eed005e439a8c7b927edd24c866be6c1b370057059ea426d06f584f8e3c89f02fe8d4042604a2fe0db63a87ff018dfaec7790b88fd1da8396561ae62df6f18d3540992efc5ecce63068f5f595687b8bbeed5801d5b6c6bdf362dadebb80e190d719d144db693fc43cefbd72b149570a96282fd9441c397d98b15d73f8cfaa8f6514a16f5992a0a02fd7b6e4932b1e7e7ef2db717815b11e867e187aae26f9c16ca0a5ca434acf8f3356c3711765fe5e548b1edce381bdd843580f9a881d702f00a0719c3bfa8576304decb616b08ef8db6f8c3d48923a2a30b9b505ad737af1cbb0019558487400379738fd89c1ee01285e76e2d98b",
            q: "daf3ebd85f57a8731538596876e8a34e73c732bc69b4d64b010bd7d5b63a09ef",
            g: "6cb6a8c1b8ea97173e5ae1d2a2d530468fd932b81a4f3c3e11042d56a61a504b9c207da7cdca293c04f78583cf218e1cd2c1a92637ab4ff61d2eaa5e8e8221bfe17e6a741791f21c799221ae4c703262a6dc2e295e36939e248dacaaffe673071f6dc7a90d7ca3427556fb99fb1fdca9de3f745b5e56be5b5933ebcba4f0c60fef3798cdca519997ef74acd7000d3a286d01c7000a66fe0066be4381842aa040c3bf465306c38752d41c29162c4d294f2b1f7e9ad9232aadb469047f4050b085bafa06283def7d84958528a3f129a3bc81466c0ccd493fcaa87e805e7bd4450090ce55652dba15271234fbe0cfef66f3ed9d569e565bd1218f2856637a5b26a4",
            x: "5ca1804ab87fbea3211a26dd90b3942c9f522e2199b2b35c4b8de7b7ef05dcd2",
            y: "4ea940b3dc8e2622114e1820e2fb96b0148088f99ab46bbadc0fa70d6a8f20bd27e7b12b13dfbb16d8a604b94ca03678e2d47cf0968c39cab9c300361033ffc2e2a4f37dfe1d9f16cd9b4031bc643a17c13c374cfcf398ce70934e7d7bdedb921c6ad84d8bd40ed3b0a752a66be1d1f6ca3b1609123d33ce1d02598b1e401f2404b01820a6b66d30e7f27eb975b6b5683335398ba40cc412341feb520d79048fd5507141c7b105462c868cd2f366f7887f25c6f221e4272d7fb05d5ded5c7b1be290a11c5b0ac7cf1e045a5b6cdf8912c4ca4085f064f2fcc95d45fdbe7d90d8d5e68aff9ca0df11e23fe2ea8be23456bd499dd4bff5309d3ec10d7607e5ee32",
            message: "7b35288d90892f2e42e8faf3ebcfe41f268c03a76be3a780ef8eac9d00a41c1379145c6b4a5caed00dde973ee9cd08e1945e55240f3ae85b78595a2f9365e7a2a31359816bf230595fef779e0092c978399a3e9dcd3ecaf284b4a64ac7fbbe77342fc58842c7710b431096a1a0c0f44273b98077c41d5b44905c6e8da47beb0e",
            r: "469b70a4a37fa58eb9aa7e110273d8304f7c3dcd7ba399d519e69815972d397e",
            s: "25b848bfd4f7712cabbf3596fbfe922d0337486186e8f8ea9133e55f5f7f30ea",
            valid: false,
        },
        // 2048 and 256 bits, P
        Answer {
            hash: HashingAlgorithm::SHA_512,
            p: "a9868dbaf768b25d588cf686c71305e097038293f7fb3bb56249a63b9fc98b2e907fb7ba5cde4191a67bb6055be067ad531546fdd7d0da869045ccd8fbfc4bdc16330e64c03a571988a3b55bfa7bf186f06082daefcdc50632af3e33e3c3260ea92812f6358dbd4122f90c1ab2f211a63b140f28abc673d9e27f900c3631fba883050707b7c6f660e5d00737198446b9ce6c5a83d898bb395094bfb525d996b42ce43878bc4c5652bed7bb64179f552a7342646809507050ff3c3be1474776e45fa24fc023ddcb9fe38f1965fdcdef3a18f26d368307ae108a7349d5f89968b4a9ea0b6131f1f7dc95d3df677ecc7fbc38c39a635811ca0eff8b433abf5fc63b",
            q: "8fa4b7ff19579677eb7a9a57b65a8f289c4b796e6457907dadf9936eca34b19f",
            g: "293ab9c61850a03672b6f773cc0b985d489c9148412b4b0afe9bbdd9ad2f234b051e5907c4b276e99b64a3e654a788882ff595bedf686a1d933954713ec9f23d252b6966057f4b24a20b9328d0196c3879c299ccbabdf2c36ad68a60a6450d70a0e0c6894042883671afb498c6af6ec75269b97dd1f21a77be1d3d2d2cfc55d772ec6bf7060a1695d122cd025f301cbb0a582de521a32d5e2fe48c277a5abd888246d9b308514d25c1d1a77a1e7d991e97fe2813d300255d59d913c13415be710305804ce98c6f7a45998170cab4acb792259926f09e7ea043d3c3e8ec0013104bd4a6538a3685bbed4f1bf23c926bfaf4d8566f741e3925266a43351fc32678",
            x: "2fac1356cda0db29043c6fadec307f643ce459f4900a4788e3a693a57321d595",
            y: "657c23d7ae08fe3a991f7a3a5f842f493cb72e534a461673777de400361deb35d2b8c967557bc48bee63d42ab1d9503226fa87bc02c74ac0614db50adfea12e533eca62ad4f650a309406cfd7b304e5a956864292f723d5c9facd489decfbfe79aa9848921108ab10b756675af43090814180611cf08fefff3e5af3116efdf654684b33d88a2252c71463c7601dbf72d2b2e734cff590a413452f75b885d5e49504ceeb67bfe9a39c7a12496572296da35e5ecc2037799379e96aaf8ea527581be09da035a9e5d4a8f8064b381a5d9da9d51e8de22e3ace8ceb34e1abfdd212f04f23ba38385d595531e2d79cb92d4086e948f3b8c6df5c0d59c42dd1ba1bffa",
            message: "1f9d558746fa29388fa584a1f3d95f384ff4aef2fc433fbd5d3b80d60a3242680f61c3b73597b866e4fd63a4bf85af32c6e425978c3c8ee25a1211832ac36d4ff1f985977065b7d2b30e6f811a4f66f5c373cb36a35f39a4036cdfbdde9a9b0617c8a7632f7cdc99e386cd8fc49134da7ee393cb0c07f2223957b1b91313ced0",
            r: "4382c898c014da29c9e47a0ac7cd16b861e69286ee185753cd653e89b26afe73",
            s: "1650a2dcdbfdf986c07e57489ef701d6bedeac44002629e7e47406ea15530730",
            valid: true,
        },
        // 3072 and 256 bits, P
        Answer {
            hash: HashingAlgorithm::SHA_256,
            p: "bb24fede78690b2c7c0fe5c834ef526b9a40bfc938d8ab960a79ebf37b8f6a8b8b83f40af3c65dc63653d21e84db12b7ad1f1edc3f8855bdc520e645b507b03ea826f71c13a768d5da98e10c73c402f4e14245fca51efbe6822d4f4e02e9f258d35cbd2035da74151ff3ac4479b5205571613c962527182026ae54e20c369a729df90822fcfbaccf9a3eb276b47ad7ca6c77203e45d0d09920ba17f7c28dc0ea0e1aeb64c2ff44a2cc5d27d0cfbf3798b35cfdcd2feb33890f688428acd6ca5145ae3ee041bde09c3491330f9058e2acee34111b4cc5f40fe2b6cf0faf886c06e3f19b141e8637dbb6a1f0462db29b7c3657d071c6eb2ceedbc43cb1ead3c45839c3170fa70a982fe5600a36a298899b9e4578361516aaeeb206906450eec586596edbb1498e054c788212ceafe0c8c32d26905a057209032f8ecd086ff905dd46d31725dccc7e0653f9c0c294bb510fb86db661b90cd15dd653dc042d00a5dc1d6ac84eca31442b79985943c9ebaaf729e32f929284d90b5a995f39e35048d9",
            q: "e28d323a9a6be548b1da7741ebb824bed875b281bf444c7674300b6d29510aa1",
            g: "a6a0b25ac52baf98973b44f1003f46b6b245983760428c9bd1a1a175a26a957f519ecabc9b3401a96509b3e4b2b1a78df86819b5e015bd90f87f7ca69483562726e379b13f5f6bb56121d16a2f5644c37a57151da7888ddadcd6b623e04ffff85c2ec283a3233c5b7d0f54f2fa68f106faa71c1efbb75685c07be28e351a5737fcc4697b2915dbcb8cc8d2dfc1a042ed8829dcc0f8e32e95f0c46b8a4e78da07f98dc1a2cc9572fff4862f8c99954ce57b06056a30cba5168e941276cfcaf03f0c15852caf70c70b70c5ce58ed4d2fb194373e785005933a2523bb75bce76661ac1b53f6c77a772ae4bfbc7fe05d1b16cfb841c02051d2454f45a2f2af84a965a0ff1c1a1027dfa745ba2d5b778a3af1c92ee40772769930e9532f707d8515485baba1e0a2a7da40aba1c3a6ae68c8a59e4fb55793c91462f77d181013e9f4c82d47a4b65faa9c2412be4978e74a8f6759785120a4f7970a0b96c5a917ad5bcffbdb3ed35c0ea97fa1b3a0e0d7c09957700f8bf2d9b569e8eee72cbc4192b626",
            x: "d93045718d309ecb878d85015f7fc167c9ec7d1e4bcac230d832f98c1dda2322",
            y: "b674a542a27590edcafc8dba94f6506bab95072e1b7245bf87c483d5f9e6e6335add4ad9283c214d8e3344158cd20b86ff143a27f976f5c4d56de71bb16094309f68c6f0f11c46dab3a88da3ec4a4be35de37467f6984448351b8b22e6388cfbab759290a8b9fa699354c981de5379147cced3797d89c0e3f8e22646387f500a3f4f4675f918109ce707ee0b81d26efb72998ef5c9f14f99c1a49553df505c35a1e555405b93fd65c280a8da8adc0b01e5c2a38afc88a8846301b038a6e55b0b130ca62ec248c6486357763ca7d6adf377db648fed21df3a1633ae949194776d7bc1a42fa3848b5855cd01dcae3016fdbb43656ebd8dbc7cd584ffbd7199e7ccb6cf00329de19f48f679e71f982932b4422d5450c60862ed2fa78b2d01d0e7e318a0eab15a214394e8ce0fa12f0e35d49760cb84cee0757f44617413e6de4f1bf6ea780a76fbc6b71771b4f7cfa52de5c596dbe76349e106929401b998b6433423c5c863b1954abe6d1569e3e680fea6723c68993dfc24568c1b744df2fa1003",
            message: "8598872b6dd3dbfe3d49369630105ef618580afe74d459bafd803d3da76f5ac010e0d4aa113b1ee3b4d329e527de99df3d3bb65dc8e963d2d553afb271d0600c1fd2d8a36c7e5a58c5ab2838e1b9d362a60cc70851114471fec89e83f80f1e17aa4c794ab08c273a47f0c2ae7fe445b0063fc87e1fc0865482c636899856369d",
            r: "d69bb325a255a2c6990237d27d871093f3f9a1cf4bcee333ab01c189abed84e0",
            s: "562b9e611160320aafe7753b72e1d9935d128c2f2c0ae76e603c79d1692eefa3",
            valid: true,
        },
    ];
}

"""Keys, signatures and ciphertexts between a server and two other implementations, the openssl command and the
cryptography package, in both directions. Prints a line a case: `ok NAME` or `FAIL NAME: why`.

Usage: python exchange URL [--only TEXT]"""
import argparse
import sys
import traceback

from cryptography import x509
from cryptography.hazmat.primitives import hashes, keywrap, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat, pkcs7, pkcs12

from kmip import (
    CERTIFICATE_SIGN, DECRYPT, ENCRYPT, SIGN, VERIFY, Client, Refused, big_integer, byte_string, enumeration, link, parameters,
    structure, text)
from other import new_key, openssl, spki, to_pem

DATA = b"some data to sign"
CASES = []


def case(function):
    CASES.append(function)
    return function


def equal(one, other, what="values"):
    assert one == other, f"{what} differ"


def refused(attempt, otherwise):
    try:
        attempt()
    except Refused:
        return
    raise AssertionError(otherwise)


def private_key(der):
    return serialization.load_der_private_key(der, None)


# ------------------------------------------------------------------------------------------------ keys

# Name, how openssl makes one, the formats of the private and of the public key.
KINDS = {
    "rsa": (["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"], ["PKCS_1", "PKCS_8"], ["PKCS_1", "X_509"]),
    "dsa": (None, ["PKCS_8"], ["X_509"]),
    "p256": (["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], ["ECPrivateKey", "PKCS_8"], ["X_509"]),
    "p384": (["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"], ["ECPrivateKey", "PKCS_8"], ["X_509"]),
    "p521": (["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"], ["ECPrivateKey", "PKCS_8"], ["X_509"]),
    "secp256k1": (["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"], ["ECPrivateKey", "PKCS_8"], ["X_509"]),
    "ed25519": (["-algorithm", "ED25519"], ["PKCS_8"], ["X_509"]),
    "ed448": (["-algorithm", "ED448"], ["PKCS_8"], ["X_509"]),
    "x25519": (["-algorithm", "X25519"], ["PKCS_8"], ["X_509"]),
    "x448": (["-algorithm", "X448"], ["PKCS_8"], ["X_509"]),
}


def make(kind):
    """A private key of openssl's."""
    if kind == "dsa":
        group = openssl("genpkey", "-genparam", "-algorithm", "DSA", "-pkeyopt", "dsa_paramgen_bits:2048")
        return new_key("-paramfile", group)
    return new_key(*KINDS[kind][0])


def encoded(key, key_format):
    """A private key in a format, as openssl writes it."""
    if key_format == "PKCS_8":
        return openssl("pkcs8", "-topk8", "-nocrypt", "-in", key, "-inform", "DER", "-outform", "DER")
    command = "rsa" if key_format == "PKCS_1" else "ec"
    traditional = ["-traditional"] if command == "rsa" else []
    return openssl(command, "-in", key, "-inform", "DER", "-outform", "DER", *traditional)


def encoded_public(public, key_format):
    """A public key in a format, as openssl writes it."""
    if key_format == "X_509":
        return public
    return openssl("rsa", "-pubin", "-in", public, "-inform", "DER", "-RSAPublicKey_out", "-outform", "DER")


def registers_keys_of_openssl(client, kind):
    """Each format, given as DER or as PEM, comes back as DER in each format as openssl reads and, mostly, writes it."""
    key = make(kind)
    public = spki(key)
    _, private_formats, public_formats = KINDS[kind]
    for given in private_formats:
        der = encoded(key, given)
        labels = {"PKCS_1": "rsa", "ECPrivateKey": "ec"}
        command = labels.get(given, "pkey")
        traditional = ["-traditional"] if given == "PKCS_1" else []
        pem = openssl(command, "-in", der, "-inform", "DER", *traditional)
        for bytes_given in (der, pem):
            identifier = client.register("PrivateKey", given, bytes_given, SIGN)
            equal(client.get(identifier), der, f"{given} as it came")
            for wanted in private_formats:
                got = client.get(identifier, wanted)
                equal(spki(got), public, f"{given} to {wanted}")
    for given in public_formats:
        der = encoded_public(public, given)
        identifier = client.register("PublicKey", given, der, VERIFY)
        for wanted in public_formats:
            equal(client.get(identifier, wanted), encoded_public(public, wanted), f"{given} to {wanted}")
    pem = openssl("pkey", "-pubin", "-in", public, "-inform", "DER")
    equal(client.get(client.register("PublicKey", "X_509", pem, VERIFY)), public, "PEM as DER")


for kind in KINDS:
    def registers(client, kind=kind):
        registers_keys_of_openssl(client, kind)

    registers.__name__ = f"registers_{kind}_keys_of_openssl"
    case(registers)


# Name, the algorithm, length and curve that are asked for.
PAIRS = {
    "rsa": ("RSA", 2048, None),
    "p256": ("ECDSA", None, "P_256"),
    "p384": ("ECDSA", None, "P_384"),
    "p521": ("ECDSA", None, "P_521"),
    "secp256k1": ("ECDSA", None, "SECP256K1"),
    "ed25519": ("Ed25519", None, None),
    "ed448": ("Ed448", None, None),
}


def pair(client, kind, private_mask, public_mask):
    algorithm, length, curve = PAIRS[kind]
    return client.create_pair(algorithm, private_mask, public_mask, length, curve)


def pairs_are_read(client, kind):
    private, public = pair(client, kind, SIGN, VERIFY)
    _, private_formats, public_formats = KINDS[kind]
    expected = client.get(public, "X_509")
    for key_format in private_formats:
        got = client.get(private, key_format)
        equal(spki(got), expected, f"the public key of {key_format}")
        if kind in ("rsa", "p256", "p384", "p521", "secp256k1"):
            openssl("pkey", "-in", got, "-inform", "DER", "-check", "-noout")
    for key_format in public_formats:
        equal(client.get(public, key_format), encoded_public(expected, key_format), key_format)


for kind in PAIRS:
    def pairs(client, kind=kind):
        pairs_are_read(client, kind)

    pairs.__name__ = f"makes_{kind}_pairs_that_others_read"
    case(pairs)


@case
def transparent_rsa_keys_have_the_numbers_of_cryptography(client):
    key = rsa.generate_private_key(65537, 2048)
    numbers = key.private_numbers()
    public = numbers.public_numbers
    whole = {
        "Modulus": public.n, "PrivateExponent": numbers.d, "PublicExponent": public.e, "P": numbers.p, "Q": numbers.q,
        "PrimeExponentP": numbers.dmp1, "PrimeExponentQ": numbers.dmq1, "CRTCoefficient": numbers.iqmp,
    }
    subsets = [
        list(whole),
        ["Modulus", "PrivateExponent"],
        ["Modulus", "PublicExponent", "P", "Q"],
        ["Modulus", "PublicExponent", "PrimeExponentP", "PrimeExponentQ"],
    ]
    for subset in subsets:
        material = [big_integer(tag, whole[tag]) for tag in subset]
        identifier = client.register("PrivateKey", "TransparentRSAPrivateKey", material, SIGN, "RSA")
        got = private_key(client.get(identifier, "PKCS_8")).private_numbers()
        equal({got.p, got.q}, {numbers.p, numbers.q}, f"the primes from {subset}")
        equal(got.public_numbers, public, f"the public key from {subset}")
    der = key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    identifier = client.register("PrivateKey", "PKCS_1", der, SIGN)
    got = client.get(identifier, "TransparentRSAPrivateKey")
    equal({tag: int(value, 16) for tag, value in got.items()}, whole, "the numbers")


@case
def keys_under_a_passphrase_come_back_as_they_came(client):
    key = make("rsa")
    encrypted = openssl("pkcs8", "-topk8", "-in", key, "-inform", "DER", "-outform", "DER", "-passout", "pass:secret")
    identifier = client.register("PrivateKey", "PKCS_8", encrypted, SIGN, "RSA", 2048)
    equal(client.get(identifier, "PKCS_8"), encrypted)
    for attempt in (lambda: client.get(identifier, "PKCS_1"), lambda: client.sign(identifier, DATA)):
        refused(attempt, "a key is used whose passphrase nobody told")


# ------------------------------------------------------------------------------------------------ containers

PASSWORD = b"secret"


def protected(client):
    """Attributes that name the password."""
    return [link("PKCS_12PasswordLink", client.register_password(PASSWORD))]


def authority(name, issuer=None):
    """A key and a certificate of openssl's, in PEM."""
    key = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
    if issuer is None:
        return key, openssl("req", "-x509", "-new", "-key", key, "-subj", f"/CN={name}", "-days", 30)
    return key, issued(key, name, issuer, b"basicConstraints=critical,CA:TRUE")


def issued(key, name, issuer, extensions=b""):
    request = openssl("req", "-new", "-key", key, "-subj", f"/CN={name}")
    return openssl(
        "x509", "-req", "-in", request, "-CAkey", issuer[0], "-CA", issuer[1], "-days", 20, "-set_serial", 7,
        "-extfile", extensions)


def chain():
    """A private key, its certificate and those of its issuers, all in PEM."""
    root = authority("root")
    middle = authority("middle", root)
    key = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
    return key, issued(key, "end", middle), middle[1], root[1]


def in_der(certificate):
    return openssl("x509", "-in", certificate, "-outform", "DER")


LEGACY = ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"]


@case
def keys_in_pkcs_12_of_openssl_come_out_and_go_in_with_their_chain(client):
    key, end, middle, root = chain()
    public = spki(key)
    for options in ([], LEGACY, ["-nomac"], ["-keypbe", "NONE"]):
        container = openssl(
            "pkcs12", "-export", "-inkey", key, "-in", end, "-certfile", middle + root, "-name", "mine",
            "-passout", "pass:secret", *options)
        identifier = client.register("PrivateKey", "PKCS_12", container, SIGN, more=protected(client))
        equal(spki(client.get(identifier, "PKCS_8")), public, "the key")
        for wanted in ("PKCS_12", "Pkcs12Legacy"):
            got = client.get(identifier, wanted)
            loaded = pkcs12.load_pkcs12(got, PASSWORD)
            equal(loaded.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo), public)
            equal((loaded.cert.friendly_name, loaded.cert.certificate.public_bytes(Encoding.DER)), (b"mine", in_der(end)))
            issuers = [one.certificate.public_bytes(Encoding.DER) for one in loaded.additional_certs]
            equal(issuers, [in_der(middle), in_der(root)], "the chain")
            read = openssl("pkcs12", "-in", got, "-passin", "pass:secret", "-nodes")
            equal(spki(openssl("pkey", "-in", read)), public, "the key that openssl reads")
            equal(read.count(b"BEGIN CERTIFICATE"), 3, "the certificates that openssl reads")


@case
def keys_in_pkcs_12_of_cryptography_come_out(client):
    key, end, middle, root = chain()
    certificates = [x509.load_pem_x509_certificate(one) for one in (end, middle, root)]
    private = serialization.load_pem_private_key(key, None)
    builders = [
        PrivateFormat.PKCS12.encryption_builder().kdf_rounds(5000)
        .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC).hmac_hash(hashes.SHA256()),
        PrivateFormat.PKCS12.encryption_builder().kdf_rounds(5000)
        .key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC).hmac_hash(hashes.SHA1()),
    ]
    for builder in builders:
        container = pkcs12.serialize_key_and_certificates(
            b"mine", private, certificates[0], certificates[1:], builder.build(PASSWORD))
        identifier = client.register("PrivateKey", "PKCS_12", container, SIGN, more=protected(client))
        equal(spki(client.get(identifier, "PKCS_8")), spki(key), "the key")
        loaded = pkcs12.load_pkcs12(client.get(identifier, "PKCS_12"), PASSWORD)
        equal([one.certificate for one in loaded.additional_certs], certificates[1:], "the chain")
        wrong = [link("PKCS_12PasswordLink", client.register_password(b"Secret"))]
        refused(
            lambda: client.register("PrivateKey", "PKCS_12", container, SIGN, more=wrong),
            "a wrong password opens a container")


@case
def certificates_are_had_in_pkcs_7_and_taken_from_it(client):
    _, end, middle, root = chain()
    bundle = openssl("crl2pkcs7", "-nocrl", "-certfile", root + end + middle, "-outform", "DER")
    identifier = client.register_certificate(bundle)
    equal(client.get(identifier), in_der(end), "the end of the chain")
    equal(client.get(identifier, "X_509"), in_der(end), "the certificate as X.509")
    got = client.get(identifier, "PKCS7")
    read = pkcs7.load_der_pkcs7_certificates(got)
    equal([one.public_bytes(Encoding.DER) for one in read], [in_der(one) for one in (end, middle, root)], "the chain")
    printed = openssl("pkcs7", "-in", got, "-inform", "DER", "-print_certs")
    equal(printed.count(b"BEGIN CERTIFICATE"), 3, "the certificates that openssl reads")


@case
def encrypted_keys_are_opened_and_sealed(client):
    key = new_key("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
    more = protected(client)
    options = (["-v2", "aes-256-cbc"], ["-v2", "des3"], ["-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA512"], ["-scrypt"])
    for option in options:
        encrypted = openssl(
            "pkcs8", "-topk8", "-in", key, "-inform", "DER", "-outform", "DER", "-passout", "pass:secret", *option)
        identifier = client.register("PrivateKey", "PKCS_8", encrypted, SIGN, "RSA", 2048, more)
        equal(spki(client.get(identifier, "PKCS_8")), spki(key), f"the key in {option}")
        sealed = client.get(identifier, "PKCS_8Encrypted")
        equal(serialization.load_der_private_key(sealed, PASSWORD).private_numbers(), private_key(key).private_numbers())
        read = openssl("pkcs8", "-in", sealed, "-inform", "DER", "-passin", "pass:secret")
        equal(spki(read), spki(key), "the key that openssl reads")


# ------------------------------------------------------------------------------------------------ certificates


@case
def requests_of_openssl_are_certified_as_openssl_verifies(client):
    key, root = authority("root")
    der = openssl("pkcs8", "-topk8", "-nocrypt", "-in", key, "-outform", "DER")
    issuer = client.register("PrivateKey", "PKCS_8", der, SIGN | CERTIFICATE_SIGN)
    certificate = client.register_certificate(root)
    for kind in ("rsa", "p256", "p521", "ed25519"):
        request = openssl("req", "-new", "-key", to_pem(make(kind)), "-subj", f"/CN={kind}", "-outform", "DER")
        got = client.get(client.certify(request, issuer, certificate))
        assert b"OK" in openssl("verify", "-CAfile", root, openssl("x509", "-in", got, "-inform", "DER"))
        subject = x509.load_der_x509_certificate(got).subject.rfc4514_string()
        equal(subject, f"CN={kind}", "the subject")


def vendor(name, value):
    return structure(
        "VendorAttributes", text("VendorIdentification", "cosmian"), text("AttributeName", name),
        byte_string("AttributeValue", value.encode()))


@case
def a_chain_that_rest_clients_ask_for_is_verified_by_openssl(client):
    def certificate(identifier):
        answer = client.rest("Get", text("UniqueIdentifier", identifier))
        value = [child for child in answer["value"] if child["tag"] == "Object"][0]["value"]
        der = bytes.fromhex([child for child in value if child["tag"] == "CertificateValue"][0]["value"])
        return openssl("x509", "-in", der, "-inform", "DER")

    asked = structure(
        "VendorAttributes", vendor("certificate_subject", "leaf"), vendor("certificate_ca", "Exchange Root/Exchange Sub"),
        vendor("tag", '["exchange"]'))
    answer = client.rest(
        "Certify", structure("Attributes", enumeration("ObjectType", "Certificate"), asked))
    leaf = certificate(answer["value"][0]["value"])
    root, sub = (certificate(f'["_cert", "_cert_ca=Exchange {name}"]') for name in ("Root", "Sub"))
    assert b"OK" in openssl("verify", "-CAfile", root, "-untrusted", sub, leaf)


# ------------------------------------------------------------------------------------------------ signatures

HASHES = {"SHA_256": "sha256", "SHA_384": "sha384", "SHA_512": "sha512", "SHA3_256": "sha3-256"}


def signatures_agree(client, private, public, using, *options):
    """The server signs and openssl verifies, and the reverse; the server refuses other data."""
    key, spki_der = client.get(private, "PKCS_8"), client.get(public, "X_509")
    for name, short in HASHES.items():
        chosen = using(name)
        signature = client.sign(private, DATA, chosen)
        verify = ["dgst", f"-{short}", *options, "-verify", to_public_pem(spki_der), "-signature", signature]
        openssl(*verify, stdin=DATA)
        theirs = openssl("dgst", f"-{short}", *options, "-sign", to_pem(key), stdin=DATA)
        assert client.verify(public, DATA, theirs, chosen), f"{name}: the server refuses the signature of openssl"
        assert not client.verify(public, DATA + b"!", theirs, chosen), f"{name}: the server verifies other data"


def to_public_pem(der):
    return openssl("pkey", "-pubin", "-in", der, "-inform", "DER")


@case
def rsa_pkcs1_signatures_agree_with_openssl(client):
    private, public = pair(client, "rsa", SIGN, VERIFY)
    signatures_agree(client, private, public, lambda hash: parameters(padding="PKCS1V1_5", hash=hash))


@case
def rsa_pss_signatures_agree_with_openssl(client):
    private, public = pair(client, "rsa", SIGN, VERIFY)
    longest = {"SHA_256": 222, "SHA_384": 206, "SHA_512": 190, "SHA3_256": 222}
    for length, option in ((None, "digest"), (longest, "max"), ({}, 0), (dict.fromkeys(HASHES, 20), 20)):
        signatures_agree(
            client, private, public,
            lambda hash: parameters(padding="PSS", hash=hash, salt=None if length is None else length.get(hash, 0)),
            "-sigopt", "rsa_padding_mode:pss", "-sigopt", f"rsa_pss_saltlen:{option}",
        )


@case
def rsa_pss_signatures_with_another_mask_agree_with_cryptography(client):
    private, public = pair(client, "rsa", SIGN, VERIFY)
    key = private_key(client.get(private, "PKCS_8"))
    chosen = parameters(padding="PSS", hash="SHA_256", mask="SHA_1", salt=32)
    scheme = padding.PSS(padding.MGF1(hashes.SHA1()), 32)
    key.public_key().verify(client.sign(private, DATA, chosen), DATA, scheme, hashes.SHA256())
    assert client.verify(public, DATA, key.sign(DATA, scheme, hashes.SHA256()), chosen)


for kind in ("p256", "p384", "p521", "secp256k1"):
    def ecdsa(client, kind=kind):
        private, public = pair(client, kind, SIGN, VERIFY)
        signatures_agree(client, private, public, lambda hash: parameters(hash=hash))

    ecdsa.__name__ = f"ecdsa_signatures_on_{kind}_agree_with_openssl"
    case(ecdsa)


@case
def dsa_signatures_agree_with_openssl(client):
    key = make("dsa")
    private = client.register("PrivateKey", "PKCS_8", key, SIGN)
    public = client.register("PublicKey", "X_509", spki(key), VERIFY)
    signatures_agree(client, private, public, lambda hash: parameters(hash=hash))


for kind in ("ed25519", "ed448"):
    def eddsa(client, kind=kind):
        private, public = pair(client, kind, SIGN, VERIFY)
        key = private_key(client.get(private, "PKCS_8"))
        signature = client.sign(private, DATA)
        equal(signature, key.sign(DATA), "the signatures")
        assert client.verify(public, DATA, signature)
        assert not client.verify(public, DATA + b"!", signature)

    eddsa.__name__ = f"{kind}_signatures_are_those_of_cryptography"
    case(eddsa)


# ------------------------------------------------------------------------------------------------ encryption


def ciphertexts_agree(client, using, *options):
    private, public = pair(client, "rsa", DECRYPT, ENCRYPT)
    key, spki_der = client.get(private, "PKCS_8"), client.get(public, "X_509")
    settings = [word for option in options for word in ("-pkeyopt", option)]
    ours = client.encrypt(public, DATA, using)
    equal(openssl("pkeyutl", "-decrypt", "-inkey", to_pem(key), "-in", ours, *settings), DATA, "what openssl decrypts")
    theirs = openssl("pkeyutl", "-encrypt", "-pubin", "-inkey", to_public_pem(spki_der), "-in", DATA, *settings)
    equal(client.decrypt(private, theirs, using), DATA, "what the server decrypts")
    return private, theirs


def ciphertexts_agree_and_no_others(client, using, *options):
    private, theirs = ciphertexts_agree(client, using, *options)
    changed = theirs[:-1] + bytes([theirs[-1] ^ 1])
    refused(lambda: client.decrypt(private, changed, using), "a changed ciphertext is decrypted")


@case
def rsa_oaep_agrees_with_openssl(client):
    oaep = "rsa_padding_mode:oaep"
    for name, short in HASHES.items():
        ciphertexts_agree_and_no_others(
            client, parameters(padding="OAEP", hash=name), oaep, f"rsa_oaep_md:{short}", f"rsa_mgf1_md:{short}")
    ciphertexts_agree_and_no_others(
        client, parameters(padding="OAEP", hash="SHA_256", mask="SHA_1", label=b"label"),
        oaep, "rsa_oaep_md:sha256", "rsa_mgf1_md:sha1", f"rsa_oaep_label:{b'label'.hex()}")


@case
def rsa_pkcs1_encryption_agrees_with_openssl(client):
    using = parameters(padding="PKCS1V1_5")
    private, theirs = ciphertexts_agree(client, using, "rsa_padding_mode:pkcs1")
    # Nobody is told that the padding is wrong: the answer is what newer versions of openssl give, too.
    changed = theirs[:-1] + bytes([theirs[-1] ^ 1])
    expected = private_key(client.get(private, "PKCS_8")).decrypt(changed, padding.PKCS1v15())
    equal(client.decrypt(private, changed, using), expected, "what stands for a ciphertext with wrong padding")


@case
def rsa_aes_key_wrap_agrees_with_cryptography(client):
    private, public = pair(client, "rsa", DECRYPT, ENCRYPT)
    key = private_key(client.get(private, "PKCS_8"))
    chosen = parameters(padding="OAEP", hash="SHA_256", algorithm="AES")
    scheme = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    for plain in (b"x", bytes(range(256)) * 20):
        ours = client.encrypt(public, plain, chosen)
        aes = key.decrypt(ours[:256], scheme)
        equal(keywrap.aes_key_unwrap_with_padding(aes, ours[256:]), plain, "what cryptography unwraps")
        for aes in (b"1" * 16, b"2" * 24, b"3" * 32):
            theirs = key.public_key().encrypt(aes, scheme) + keywrap.aes_key_wrap_with_padding(aes, plain)
            equal(client.decrypt(private, theirs, chosen), plain, "what the server unwraps")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("url")
    arguments.add_argument("--only", default="")
    options = arguments.parse_args()
    client = Client(options.url)
    passed = failed = 0
    for function in CASES:
        name = f"exchange/{function.__name__}"
        if options.only not in name:
            continue
        try:
            function(client)
            passed += 1
            print("ok", name, flush=True)
        except Exception as error:  # whatever goes wrong is the result of the case
            why = str(error).replace("\n", " ") or traceback.format_exc(limit=-1).replace("\n", " ")
            failed += 1
            print(f"FAIL {name}: {type(error).__name__}: {why}", flush=True)
    print(f"{passed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


sys.exit(main())

"""The openssl command, and what both it and the cryptography package read."""
import os
import subprocess
import tempfile

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def openssl(*arguments, stdin=b""):
    """Runs openssl and returns what it prints. An argument that is bytes is the name of a file that holds them."""
    with tempfile.TemporaryDirectory() as folder:
        words = []
        for argument in arguments:
            if isinstance(argument, bytes):
                name = os.path.join(folder, str(len(words)))
                with open(name, "wb") as file:
                    file.write(argument)
                argument = name
            words.append(str(argument))
        ran = subprocess.run(["openssl", *words], input=stdin, capture_output=True)
        if ran.returncode != 0:
            raise AssertionError(f"openssl {' '.join(words)}: {ran.stderr.decode(errors='replace')[-300:]}")
        return ran.stdout


def new_key(*arguments):
    """A new private key of openssl's, PKCS #8 in DER."""
    # In DER, genpkey writes the older formats of some algorithms.
    return openssl("pkcs8", "-topk8", "-nocrypt", "-in", openssl("genpkey", *arguments), "-outform", "DER")


def spki(private):
    """The public key of a private one: SubjectPublicKeyInfo in DER, on which both agree."""
    theirs = openssl("pkey", "-in", private, "-inform", form(private), "-pubout", "-outform", "DER")
    load = serialization.load_der_private_key if form(private) == "DER" else serialization.load_pem_private_key
    ours = load(private, None).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert ours == theirs, "openssl and cryptography disagree about the public key"
    return theirs


def form(key):
    return "PEM" if key.startswith(b"-----") else "DER"


def to_pem(key):
    return openssl("pkey", "-in", key, "-inform", "DER")

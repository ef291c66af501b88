"""A KMIP 2.1 client that speaks JSON over HTTP: as much as the exchange needs."""
import datetime
import json
import urllib.request


class Refused(Exception):
    """The server answered that an operation failed."""


def item(tag, kind, value):
    return {"tag": tag, "type": kind, "value": value}


def structure(tag, *children):
    return {"tag": tag, "type": "Structure", "value": [child for child in children if child is not None]}


def enumeration(tag, name):
    return None if name is None else item(tag, "Enumeration", name)


def integer(tag, value):
    return None if value is None else item(tag, "Integer", value)


def byte_string(tag, value):
    return None if value is None else item(tag, "ByteString", value.hex())


def text(tag, value):
    return item(tag, "TextString", value)


def big_integer(tag, value):
    """The shortest two's complement in whole groups of eight bytes."""
    size = 8 * (value.bit_length() // 64 + 1)
    return item(tag, "BigInteger", "0x" + value.to_bytes(size, "big").hex())


SIGN, VERIFY, ENCRYPT, DECRYPT, CERTIFICATE_SIGN = 1, 2, 4, 8, 0x1000


def link(kind, identifier):
    return structure("Link", enumeration("LinkType", kind), text("LinkedObjectIdentifier", identifier))


def attributes(tag, mask, *more):
    past = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
    activation = item("ActivationDate", "DateTime", past.isoformat())
    return structure(tag, integer("CryptographicUsageMask", mask), activation, *more)


def parameters(padding=None, hash=None, mask=None, salt=None, label=None, algorithm=None, signature=None):
    """Cryptographic Parameters."""
    return structure(
        "CryptographicParameters",
        enumeration("PaddingMethod", padding),
        enumeration("HashingAlgorithm", hash),
        enumeration("DigitalSignatureAlgorithm", signature),
        enumeration("CryptographicAlgorithm", algorithm),
        integer("SaltLength", salt),
        enumeration("MaskGenerator", mask and "MGF1"),
        enumeration("MaskGeneratorHashingAlgorithm", mask),
        byte_string("PSource", label),
    )


class Client:
    def __init__(self, url):
        self.url = url

    def call(self, operation, *payload):
        """The fields of the response, by tag; fails with what the server says."""
        version = structure("ProtocolVersion", integer("ProtocolVersionMajor", 2), integer("ProtocolVersionMinor", 1))
        message = structure(
            "RequestMessage",
            structure("RequestHeader", version, integer("BatchCount", 1)),
            structure("BatchItem", enumeration("Operation", operation), structure("RequestPayload", *payload)),
        )
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.url, json.dumps(message).encode(), headers)
        with urllib.request.urlopen(request, timeout=60) as response:
            answer = fields(json.load(response))["BatchItem"]
        if answer["ResultStatus"] != "Success":
            raise Refused(f"{operation}: {answer.get('ResultReason')}: {answer.get('ResultMessage')}")
        return answer.get("ResponsePayload", {})

    def rest(self, operation, *payload):
        """The answer to one operation as clients of the REST family send it."""
        request = urllib.request.Request(
            self.url + "/2_1", json.dumps(structure(operation, *payload)).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)

    def create_pair(self, algorithm, private_mask, public_mask, length=None, curve=None):
        domain = curve and structure("CryptographicDomainParameters", enumeration("RecommendedCurve", curve))
        common = structure(
            "CommonAttributes",
            enumeration("CryptographicAlgorithm", algorithm),
            integer("CryptographicLength", length),
            domain,
        )
        made = self.call(
            "CreateKeyPair",
            common,
            attributes("PrivateKeyAttributes", private_mask),
            attributes("PublicKeyAttributes", public_mask),
        )
        return made["PrivateKeyUniqueIdentifier"], made["PublicKeyUniqueIdentifier"]

    def register(self, kind, key_format, material, mask, algorithm=None, length=None, more=()):
        """Registers a PrivateKey or PublicKey, with more attributes. The material is bytes, or the fields of a
        transparent key."""
        if isinstance(material, bytes):
            value = byte_string("KeyMaterial", material)
        else:
            value = structure("KeyMaterial", *material)
        key = structure(
            kind,
            structure(
                "KeyBlock",
                enumeration("KeyFormatType", key_format),
                structure("KeyValue", value),
                enumeration("CryptographicAlgorithm", algorithm),
                integer("CryptographicLength", length),
            ),
        )
        made = self.call("Register", enumeration("ObjectType", kind), attributes("Attributes", mask, *more), key)
        return made["UniqueIdentifier"]

    def register_password(self, password):
        value = structure("KeyValue", byte_string("KeyMaterial", password))
        block = structure("KeyBlock", enumeration("KeyFormatType", "Raw"), value)
        secret = structure("SecretData", enumeration("SecretDataType", "Password"), block)
        kind = enumeration("ObjectType", "SecretData")
        return self.call("Register", kind, attributes("Attributes", 0), secret)["UniqueIdentifier"]

    def register_certificate(self, value, more=()):
        certificate = structure(
            "Certificate", enumeration("CertificateType", "X_509"), byte_string("CertificateValue", value))
        kind = enumeration("ObjectType", "Certificate")
        return self.call("Register", kind, attributes("Attributes", VERIFY, *more), certificate)["UniqueIdentifier"]

    def certify(self, request, issuer_key, issuer_certificate):
        """A certificate for a PKCS #10 request."""
        links = link("PrivateKeyLink", issuer_key), link("CertificateLink", issuer_certificate)
        return self.call(
            "Certify",
            enumeration("CertificateRequestType", "PKCS_10"),
            byte_string("CertificateRequestValue", request),
            # An activation date would be the beginning of its validity.
            structure("Attributes", integer("CryptographicUsageMask", VERIFY), *links),
        )["UniqueIdentifier"]

    def get(self, identifier, key_format=None):
        """The material: bytes, or the fields of a transparent key by tag."""
        answer = self.call("Get", text("UniqueIdentifier", identifier), enumeration("KeyFormatType", key_format))
        if "Certificate" in answer:
            return bytes.fromhex(answer["Certificate"]["CertificateValue"])
        key = answer.get("PrivateKey") or answer["PublicKey"]
        material = key["KeyBlock"]["KeyValue"]["KeyMaterial"]
        return bytes.fromhex(material) if isinstance(material, str) else material

    def sign(self, identifier, data, using=None):
        answer = self.call("Sign", text("UniqueIdentifier", identifier), using, byte_string("Data", data))
        return bytes.fromhex(answer["SignatureData"])

    def verify(self, identifier, data, signature, using=None):
        answer = self.call(
            "SignatureVerify",
            text("UniqueIdentifier", identifier),
            using,
            byte_string("Data", data),
            byte_string("SignatureData", signature),
        )
        return answer["ValidityIndicator"] == "Valid"

    def encrypt(self, identifier, data, using=None):
        answer = self.call("Encrypt", text("UniqueIdentifier", identifier), using, byte_string("Data", data))
        return bytes.fromhex(answer["Data"])

    def decrypt(self, identifier, data, using=None):
        answer = self.call("Decrypt", text("UniqueIdentifier", identifier), using, byte_string("Data", data))
        return bytes.fromhex(answer["Data"])


def fields(node):
    """The children of a structure by tag, each a value or fields again."""
    if isinstance(node["value"], list):
        return {child["tag"]: fields(child) for child in node["value"]}
    return node["value"]

"""Copies what PyKMIP's own server has by `claviger-server db copy-from-kmip`, and compares what both servers then say.

  python copy_from_pykmip.py CLAVIGER-SERVER CERTIFICATES FOLDER VERSION PORT PORT PORT [--only TEXT]

PyKMIP's server speaks versions up to VERSION alone. Prints `ok NAME`, `FAIL NAME reason` a case, and
how many of each in the end.
"""
import os, signal, socket, subprocess, sys, time, traceback, warnings

warnings.filterwarnings("ignore")
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from kmip.core import enums
from kmip.core.factories.attributes import AttributeFactory
from kmip.core.messages.contents import ProtocolVersion
from kmip.core.objects import TemplateAttribute
from kmip.pie import objects
from kmip.pie.client import ProxyKmipClient

AES, Mask = enums.CryptographicAlgorithm.AES, enums.CryptographicUsageMask
USE = [Mask.ENCRYPT, Mask.DECRYPT]
PATIENCE = 60


def serve(certificates, folder, version, port):
    """PyKMIP's server, until it is killed."""
    from kmip.services.server import engine, server

    latest = ProtocolVersion(*map(int, version.split(".")))
    with_all = engine.KmipEngine.__init__

    def limited(self, *arguments, **named):
        with_all(self, *arguments, **named)
        self._protocol_versions = [each for each in self._protocol_versions if each <= latest]

    engine.KmipEngine.__init__ = limited
    policies = os.path.join(folder, "policies")
    os.mkdir(policies)
    with server.KmipServer(
        hostname="127.0.0.1", port=port, config_path=None, auth_suite="TLS1.2", policy_path=policies,
        certificate_path=os.path.join(certificates, "server.pem"), key_path=os.path.join(certificates, "server.key"),
        ca_path=os.path.join(certificates, "ca.pem"), log_path=os.path.join(folder, "pykmip.log"),
        database_path=os.path.join(folder, "pykmip.db"),
    ) as running:
        running.serve()


class Place:
    """Where everything is."""

    def __init__(self, binary, certificates, folder, version, *ports):
        self.binary, self.certificates, self.folder, self.version = binary, certificates, folder, version
        self.there, self.http, self.here = map(int, ports)

    def of(self, user):
        return [os.path.join(self.certificates, user + ending) for ending in (".pem", ".key")]

    def authority(self):
        return os.path.join(self.certificates, "ca.pem")

    def start(self, name, port, command):
        """A process of a group of its own that listens."""
        log = open(os.path.join(self.folder, name + ".out"), "wb")
        clean = {key: value for key, value in os.environ.items() if not key.startswith("KMS_")}
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, env=clean)
        start = time.monotonic()
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return process
            except OSError:
                if process.poll() is not None or time.monotonic() - start > PATIENCE:
                    raise RuntimeError("%s does not listen:\n%s" % (name, open(log.name).read()[-4000:]))
                time.sleep(0.02)

    def start_there(self):
        arguments = ["--serve", self.certificates, self.folder, self.version, str(self.there)]
        return self.start("pykmip", self.there, [sys.executable, __file__, *arguments])

    def database(self, user):
        return ["--root-data-path", os.path.join(self.folder, user), "--sqlite-path", os.path.join(self.folder, user)]

    def start_here(self, user):
        certificate, key = self.of("server")
        return self.start("claviger", self.here, [
            self.binary, "--hostname", "127.0.0.1", "--port", str(self.http), "--ttlv-port", str(self.here),
            "--https-cert-file", certificate, "--https-key-file", key,
            "--authority-cert-file", self.authority(), *self.database(user)])

    def client(self, user, port):
        certificate, key = self.of(user)
        configuration = os.path.join(self.folder, "client.conf")
        with open(configuration, "w") as file:
            file.write("[client]\n")
        version = enums.KMIPVersion["KMIP_" + self.version.replace(".", "_")]
        return ProxyKmipClient(
            hostname="127.0.0.1", port=port, cert=certificate, key=key, ca=self.authority(),
            ssl_version="PROTOCOL_SSLv23", config_file=configuration, kmip_version=version)

    def copy(self, user, *further):
        certificate, key = self.of(user)
        command = [
            self.binary, *self.database(user), "db", "copy-from-kmip", "--from-ttlv", "127.0.0.1:%d" % self.there,
            "--from-ca", self.authority(), "--from-cert", certificate, "--from-key", key, "--owner", user, *further]
        clean = {name: value for name, value in os.environ.items() if not name.startswith("KMS_")}
        ended = subprocess.run(command, capture_output=True, text=True, env=clean, timeout=PATIENCE)
        return ended.returncode, ended.stdout + ended.stderr


def end(process):
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def created(client):
    """A key with attributes that come in the form of the version."""
    factory, kinds = AttributeFactory(), enums.AttributeType
    attributes = [
        factory.create_attribute(kinds.CRYPTOGRAPHIC_ALGORITHM, AES),
        factory.create_attribute(kinds.CRYPTOGRAPHIC_LENGTH, 256),
        factory.create_attribute(kinds.CRYPTOGRAPHIC_USAGE_MASK, USE),
        factory.create_attribute(kinds.OBJECT_GROUP, "payments"),
        factory.create_attribute(
            kinds.APPLICATION_SPECIFIC_INFORMATION,
            {"application_namespace": "ssl", "application_data": "www.example.org"}),
    ]
    made = client.proxy.create(enums.ObjectType.SYMMETRIC_KEY, TemplateAttribute(attributes=attributes))
    if made.result_status.value != enums.ResultStatus.SUCCESS:
        raise RuntimeError("PyKMIP does not create a key: %s" % made.result_message)
    return made.uuid


def fill(client, certificates):
    """Makes some of everything."""
    with open(os.path.join(certificates, "ca.pem"), "rb") as file:
        der = x509.load_pem_x509_certificate(file.read()).public_bytes(serialization.Encoding.DER)
    active = client.register(objects.SymmetricKey(AES, 128, bytes(range(16)), masks=USE, name="active"))
    client.activate(active)
    revoked = client.create(AES, 256, name="revoked", cryptographic_usage_mask=USE)
    client.activate(revoked)
    client.revoke(enums.RevocationReasonCode.CESSATION_OF_OPERATION, revoked, "done")
    compromised = client.create(AES, 192, name="compromised", cryptographic_usage_mask=USE)
    client.revoke(enums.RevocationReasonCode.KEY_COMPROMISE, compromised, "leaked", int(time.time()) - 60)
    pair = client.create_key_pair(
        enums.CryptographicAlgorithm.RSA, 2048, public_name="public", public_usage_mask=[Mask.VERIFY],
        private_name="private", private_usage_mask=[Mask.SIGN])
    secret = client.register(
        objects.SecretData(b"correct horse", enums.SecretDataType.PASSWORD, masks=[Mask.VERIFY], name="secret"))
    certificate = client.register(objects.X509Certificate(der, masks=[Mask.VERIFY], name="certificate"))
    return [active, revoked, compromised, *pair, secret, certificate, created(client)]


COMPARED = [
    "Name", "State", "Object Type", "Cryptographic Algorithm", "Cryptographic Length", "Cryptographic Usage Mask",
    "Object Group", "Application Specific Information", "Initial Date"]


def described(client, id):
    """Its object and its attributes, as text."""
    gotten, (_, listed) = client.get(id), client.get_attributes(id, COMPARED)
    attributes = {}
    for attribute in listed:
        value = attribute.attribute_value
        attributes.setdefault(attribute.attribute_name.value, []).append(str(getattr(value, "value", value)))
    kept = {name: sorted(attributes[name]) for name in COMPARED if name in attributes}
    return type(gotten).__name__, gotten.value.hex(), kept


def same(left, right, what):
    if left != right:
        raise AssertionError("%s: %r here, %r there" % (what, left, right))


def compare(place, user, ids):
    """Compares what both servers say of each."""
    process = place.start_here(user)
    try:
        with place.client(user, place.here) as here, place.client(user, place.there) as there:
            for id in ids:
                left, right = described(here, id), described(there, id)
                same(left[:2], right[:2], id)
                for name, value in right[2].items():
                    same(left[2].get(name), value, "%s of %s" % (name, id))
    finally:
        end(process)


def objects_and_their_attributes_are_copied(place):
    with place.client("alice", place.there) as client:
        ids = fill(client, place.certificates)
        _, listed = client.get_attributes(ids[-1], COMPARED)
        same({"Object Group", "Application Specific Information"} - {a.attribute_name.value for a in listed}, set(), "lacks")
    for copied, present in ((len(ids), 0), (0, len(ids))):
        code, said = place.copy("alice")
        if code or "%d were copied for alice, %d were here already" % (copied, present) not in said:
            raise AssertionError(said)
    compare(place, "alice", ids)


def keys_travel_wrapped_and_are_found_the_same(place):
    with place.client("bob", place.there) as client:
        both = [Mask.WRAP_KEY, Mask.UNWRAP_KEY]
        transport = client.create(AES, 256, name="transport", cryptographic_usage_mask=both)
        client.activate(transport)
        code, said = place.copy("bob")
        same((code, "1 were copied" in said), (0, True), said)
        key = client.register(objects.SymmetricKey(AES, 256, bytes(range(32)), masks=USE, name="travelled"))
    for copied, present in ((1, 1), (0, 2)):
        code, said = place.copy("bob", "--wrapped-under", transport)
        if code or "%d were copied for bob, %d were here already" % (copied, present) not in said:
            raise AssertionError(said)
    compare(place, "bob", [transport, key])


def main(arguments):
    if arguments[0] == "--serve":
        return serve(*arguments[1:4], int(arguments[4]))
    only = arguments[arguments.index("--only") + 1] if "--only" in arguments else ""
    place = Place(*arguments[:7])
    process = place.start_there()
    passed = failed = 0
    try:
        # In this order, since PyKMIP shows public keys and certificates to everyone.
        for case in (keys_travel_wrapped_and_are_found_the_same, objects_and_their_attributes_are_copied):
            name = "%s@%s" % (case.__name__, place.version)
            if only not in name:
                continue
            try:
                case(place)
                print("ok", name, flush=True)
                passed += 1
            except Exception as error:
                print("FAIL %s %s" % (name, " ".join(str(error).split()) or repr(error)), flush=True)
                traceback.print_exc()
                failed += 1
    finally:
        end(process)
    print(f"{passed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed else 0)


main(sys.argv[1:])

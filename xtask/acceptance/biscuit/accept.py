"""Tokens that a library for biscuits narrows and makes, against a running server. Prints a line a case: `ok NAME` or
`FAIL NAME: why`.

Usage: python accept.py FILE [--only TEXT], where FILE is JSON: the `url` of the server, a `token` of the user alice, and the
private root key (`root`), as `token keygen` writes it.
"""

import json
import sys
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone

from biscuit_auth import Biscuit, BiscuitBuilder, BlockBuilder, KeyPair, PrivateKey

SETUP = json.load(open(sys.argv[1], encoding="utf-8"))
ONLY = sys.argv[3] if sys.argv[2:3] == ["--only"] else ""
ROOT = PrivateKey(SETUP["root"].strip())
PUBLIC = KeyPair.from_private_key(ROOT).public_key


def narrowed(token, source, **values):
    block = BlockBuilder(source, values) if values else BlockBuilder(source)
    return Biscuit.from_base64(token, PUBLIC).append(block).to_base64()


def call(token, tag, *fields):
    """The status and the body of one operation of the REST family."""
    body = json.dumps({"tag": tag, "type": "Structure", "value": list(fields)}).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    request = urllib.request.Request(SETUP["url"] + "/kmip_2_1", body, headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as answer:
        return answer.code, answer.read().decode()


def field(tag, kind, value):
    return {"tag": tag, "type": kind, "value": value}


def create(token):
    attributes = [
        field("CryptographicAlgorithm", "Enumeration", "AES"),
        field("CryptographicLength", "Integer", 256),
        field("CryptographicUsageMask", "Integer", 12),
        field("ObjectType", "Enumeration", "SymmetricKey"),
    ]
    object_type = field("ObjectType", "Enumeration", "SymmetricKey")
    return call(token, "Create", object_type, field("Attributes", "Structure", attributes))


def made(token):
    status, body = create(token)
    assert status == 200, (status, body)
    return next(each["value"] for each in body["value"] if each["tag"] == "UniqueIdentifier")


def get(token, key):
    return call(token, "Get", field("UniqueIdentifier", "TextString", key))[0]


def encrypt(token, key):
    data = [field("UniqueIdentifier", "TextString", key), field("Data", "ByteString", "00")]
    return call(token, "Encrypt", *data)[0]


def allowed(status):
    assert status == 200, status


def denied(status):
    assert status not in (200, 401), status


def refused(status):
    assert status == 401, status


def a_token_that_the_library_makes_is_accepted():
    end = datetime.now(timezone.utc) + timedelta(minutes=5)
    token = BiscuitBuilder('user("alice"); check if time($t), $t < {end}', {"end": end}).build(ROOT).to_base64()
    allowed(get(token, made(SETUP["token"])))


def operations_are_narrowed():
    key = made(SETUP["token"])
    token = narrowed(SETUP["token"], 'check if operation($op), ["Encrypt", "Decrypt"].contains($op)')
    allowed(encrypt(token, key))
    denied(get(token, key))
    denied(create(token)[0])


def objects_are_narrowed():
    one, other = made(SETUP["token"]), made(SETUP["token"])
    token = narrowed(SETUP["token"], "check if object({id})", id=one)
    allowed(get(token, one))
    denied(get(token, other))
    denied(create(token)[0])
    status, found = call(token, "Locate")
    allowed(status)
    assert one in json.dumps(found) and other not in json.dumps(found), found


def a_narrowed_token_is_narrowed_further_and_never_widened():
    key = made(SETUP["token"])
    token = narrowed(SETUP["token"], 'check if operation("Get")')
    allowed(get(token, key))
    token = narrowed(token, 'check if operation("Get") or operation("Encrypt")')
    allowed(get(token, key))
    denied(encrypt(token, key))


def time_ends_a_token():
    key = made(SETUP["token"])
    now = datetime.now(timezone.utc)
    allowed(get(narrowed(SETUP["token"], "check if time($t), $t < {end}", end=now + timedelta(minutes=5)), key))
    refused(get(narrowed(SETUP["token"], "check if time($t), $t < {end}", end=now - timedelta(minutes=5)), key))


def uses_are_counted():
    key = made(SETUP["token"])
    token = narrowed(SETUP["token"], "check if uses($n), $n <= 2")
    allowed(get(token, key))
    allowed(get(token, key))
    refused(get(token, key))


def what_cannot_be_applied_is_refused():
    key = made(SETUP["token"])
    for source in [
        'check if object($id), $id.starts_with("a")',
        "a(1); check if a(1)",
        "a($x) <- operation($x); check if a($x)",
        'check if operation("get")',
        'check if resource("a")',
    ]:
        refused(get(narrowed(SETUP["token"], source), key))


def another_root_key_proves_nobody():
    token = BiscuitBuilder('user("alice")').build(KeyPair().private_key).to_base64()
    refused(create(token)[0])


CASES = [
    a_token_that_the_library_makes_is_accepted,
    operations_are_narrowed,
    objects_are_narrowed,
    a_narrowed_token_is_narrowed_further_and_never_widened,
    time_ends_a_token,
    uses_are_counted,
    what_cannot_be_applied_is_refused,
    another_root_key_proves_nobody,
]

passed = failed = 0
for case in CASES:
    if ONLY in case.__name__:
        try:
            case()
            passed += 1
            print(f"ok {case.__name__}", flush=True)
        except Exception as why:  # whatever it is, the next case can be told, too
            failed += 1
            print(f"FAIL {case.__name__}: {type(why).__name__}: {why}", flush=True)
print(f"{passed} passed, {failed} failed", flush=True)
sys.exit(1 if failed else 0)

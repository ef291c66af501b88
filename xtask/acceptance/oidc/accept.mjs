// Bearer tokens of a real OpenID Connect provider against running servers. Prints a line a case: `ok NAME` or
// `FAIL NAME: why`.
//
// Usage: node accept.mjs FILE [--only TEXT], where FILE is JSON: the ports of the two issuers, which are not running yet,
// the servers (`http`; `any` and `all` speak HTTPS) with their audit files, and the folder with the certificates.
import { readFileSync } from "node:fs";

import { SignJWT } from "jose";

import { Issuer, makeKey, publicPem } from "./issuer.mjs";
import { Server, sleep } from "./server.mjs";

const setup = JSON.parse(readFileSync(process.argv[2], "utf8"));
const only = process.argv[3] === "--only" ? process.argv[4] : "";

const certificate = (name) => ({
  cert: readFileSync(`${setup.certificates}/${name}.pem`),
  key: readFileSync(`${setup.certificates}/${name}.key`),
});
const plain = new Server(setup.http);
const any = new Server(setup.any, readFileSync(`${setup.certificates}/ca.pem`));
const all = new Server(setup.all, readFileSync(`${setup.certificates}/ca.pem`));

const ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "EdDSA"];
const issuer = await Issuer.make(`http://127.0.0.1:${setup.issuer}`, ALGORITHMS);
const second = await Issuer.make(`https://localhost:${setup.secondIssuer}`, ["ES256"], certificate("server"));

function equal(one, other, what) {
  if (JSON.stringify(one) !== JSON.stringify(other)) {
    throw new Error(`${what}: ${JSON.stringify(one)} instead of ${JSON.stringify(other)}`);
  }
}

/** That nobody is proven, as clients of the REST family and RFC 6750 expect it, and that audit is told. */
async function refused(server, token, certificate) {
  const refusals = () => server.records().filter((record) => record.reason === "AuthenticationNotSuccessful").length;
  const before = refusals();
  const answer = await server.create(token, certificate);
  equal([answer.status, answer.body], [401, ""], "status and body");
  const challenge = token === undefined ? 'Bearer realm="claviger"' : 'Bearer realm="claviger", error="invalid_token"';
  equal(answer.challenge, challenge, "WWW-Authenticate");
  await server.audited((_, place) => place === 0 && refusals() > before);
}

/** That the server takes the caller for this user. */
async function accepted(server, token, user, provenBy = "oidc", certificate = undefined) {
  const answer = await server.create(token, certificate);
  equal(answer.status, 200, `status (${answer.body})`);
  const record = await server.audited((record) => record.objects?.includes(answer.id));
  equal([record.user, record.proven_by], [user, provenBy], "who acted");
}

/** A token like those of the issuer, signed by a key of its own or another, with changes. */
async function forged(changes = {}, { by = issuer.key("ES256"), header = {} } = {}) {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer.url, aud: "kms", sub: "mallory", iat: now, exp: now + 60, ...changes };
  return new SignJWT(claims).setProtectedHeader({ alg: by.alg, kid: by.kid, ...header }).sign(by.private);
}

const base64url = (text) => Buffer.from(text).toString("base64url");

const cases = {
  async requests_without_a_token_are_refused() {
    await refused(plain);
  },

  async a_server_starts_without_its_issuer_and_finds_it_later() {
    await refused(plain, await forged());
    await issuer.start();
    await second.start();
    const token = await forged({ sub: "late" });
    for (const server of [plain, any, all]) {
      await server.until(token, server === all ? certificate("alice") : undefined);
    }
    await accepted(plain, token, "late");
  },

  async a_program_logs_in_by_client_credentials() {
    await accepted(plain, await issuer.clientCredentials("RS256"), "backup");
  },

  async a_person_logs_in_by_authorization_code_and_is_known_by_the_email_address() {
    await accepted(plain, await issuer.logIn("ann"), "ann@example.org");
  },

  async tokens_of_every_algorithm_are_accepted() {
    for (const algorithm of ALGORITHMS) {
      await accepted(plain, await issuer.clientCredentials(algorithm), "backup");
    }
  },

  async a_second_issuer_over_https_is_accepted_for_its_own_audience() {
    const by = second.key("ES256");
    await accepted(plain, await forged({ iss: second.url, aud: "other", sub: "carol" }, { by }), "carol");
    await refused(plain, await forged({ iss: second.url, aud: "kms" }, { by }));
    await refused(plain, await forged({ iss: issuer.url }, { by }));
    await refused(plain, await forged({ iss: second.url, aud: "other" }));
  },

  async groups_of_a_token_have_the_grants_of_the_group() {
    const answer = await plain.create(await forged({ sub: "owner" }));
    const member = await forged({ sub: "member", groups: ["custodians"] });
    const stranger = await forged({ sub: "stranger", groups: ["guests"] });
    // The operators of these servers are the group of custodians, who may give what is another's away.
    equal(await plain.changeOwner(answer.id, "heir", stranger), false, "a stranger changed the owner");
    equal(await plain.changeOwner(answer.id, "heir", member), true, "a custodian changed the owner");
  },

  async altered_tokens_are_refused() {
    const [header, , signature] = (await issuer.clientCredentials("RS256")).split(".");
    const other = base64url(JSON.stringify({ iss: issuer.url, aud: "kms", sub: "admin", exp: 9999999999 }));
    await refused(plain, `${header}.${other}.${signature}`);
    await refused(plain, `${header}.${other}.`);
    await refused(plain, `${header}.${other}`);
    await refused(plain, "nonsense");
  },

  async a_token_without_signature_is_refused() {
    const claims = base64url(JSON.stringify({ iss: issuer.url, aud: "kms", sub: "admin", exp: 9999999999 }));
    for (const alg of ["none", "None", "NONE"]) {
      const header = base64url(JSON.stringify({ alg, kid: issuer.key("RS256").kid }));
      await refused(plain, `${header}.${claims}.`);
    }
  },

  async a_public_key_is_no_secret() {
    const { kid } = issuer.key("RS256");
    const secret = Buffer.from(await publicPem(issuer.key("RS256")));
    await refused(plain, await forged({}, { by: { alg: "HS256", kid, private: secret } }));
  },

  async a_key_of_the_same_name_that_is_anothers_is_refused() {
    for (const alg of ALGORITHMS) {
      const by = { ...(await makeKey(alg)), kid: issuer.key(alg).kid };
      await refused(plain, await forged({}, { by }));
    }
  },

  async keys_in_a_token_and_places_of_keys_in_a_token_do_not_count() {
    const by = await makeKey("ES256");
    await refused(plain, await forged({}, { by, header: { jwk: by.public } }));
    await refused(plain, await forged({}, { by, header: { jku: `${second.url}/jwks` } }));
  },

  async another_issuer_is_refused() {
    await refused(plain, await forged({ iss: "https://elsewhere.example" }));
    await refused(plain, await forged({ iss: `${issuer.url}/` }));
  },

  async another_audience_is_refused() {
    await refused(plain, await forged({ aud: "somebody-else" }));
    await refused(plain, await forged({ aud: undefined }));
    await accepted(plain, await forged({ aud: ["somebody-else", "kms"], sub: "one-of-two" }), "one-of-two");
  },

  async a_token_that_is_not_valid_yet_is_refused() {
    await refused(plain, await forged({ nbf: Math.floor(Date.now() / 1000) + 30 }));
  },

  async a_token_that_has_expired_is_refused() {
    await refused(plain, await forged({ exp: Math.floor(Date.now() / 1000) - 5 }));
    const token = await issuer.clientCredentials("RS256", "short");
    await accepted(plain, token, "backup");
    await sleep(4500);
    await refused(plain, token);
  },

  async users_that_nobody_is_called_are_refused() {
    await refused(plain, await forged({ sub: "*" }));
    await refused(plain, await forged({ email: "" }));
    await refused(plain, await forged({ email: "ann@example.org", email_verified: false }));
  },

  async any_proof_suffices_where_that_is_configured_and_the_token_tells_who() {
    const token = await issuer.clientCredentials("RS256");
    await accepted(any, token, "backup");
    await accepted(any, undefined, "alice", "mtls", certificate("alice"));
    await accepted(any, token, "backup", "oidc", certificate("alice"));
    await refused(any);
  },

  async a_wrong_token_is_not_made_good_by_a_certificate() {
    await refused(any, await forged({ aud: "somebody-else" }), certificate("alice"));
    await refused(any, "nonsense", certificate("alice"));
  },

  async all_proofs_are_needed_where_that_is_configured_and_the_token_tells_who() {
    const token = await issuer.clientCredentials("RS256");
    await accepted(all, token, "backup", "oidc", certificate("alice"));
    await refused(all, undefined, certificate("alice"));
    const answer = await all.create(token).catch((error) => error);
    equal(answer instanceof Error, true, "a client without a certificate got a connection");
  },

  async the_issuer_changes_its_keys_without_a_restart() {
    const old = await issuer.clientCredentials("RS256");
    await accepted(plain, old, "backup");
    await issuer.rotate();
    // A look that the forged tokens above have caused may be less than its pause ago.
    await sleep(5500);
    await accepted(plain, await issuer.clientCredentials("RS256"), "backup");
    await refused(plain, old);
  },

  async an_issuer_that_has_stopped_does_not_stop_tokens_whose_keys_are_known() {
    const [machine, person] = [await issuer.clientCredentials("PS256"), await issuer.logIn("bob")];
    await issuer.stop();
    await accepted(plain, machine, "backup");
    await accepted(plain, person, "bob@example.org");
    await refused(plain, await forged({}, { by: await makeKey("ES256") }));
  },

  async refusals_are_audited_without_a_user() {
    const count = () => plain.records().filter((record) => record.reason === "AuthenticationNotSuccessful").length;
    // What came before is in the file by then.
    await sleep(300);
    const before = count();
    await refused(plain, await forged({ aud: "somebody-else" }));
    await plain.audited(() => count() === before + 1);
    const record = plain.records().findLast((record) => record.reason === "AuthenticationNotSuccessful");
    equal([record.user, record.proven_by, record.result], [undefined, undefined, "OperationFailed"], "the record");
  },

  async tokens_are_in_no_log() {
    const log = readFileSync(setup.http.log, "utf8");
    equal(/eyJ[A-Za-z0-9_-]{20}/.test(log), false, "a token is in the log");
    equal(log.includes("the keys of an issuer cannot be fetched"), true, "the log tells of an issuer that is gone");
  },
};

let passed = 0;
let failed = 0;
for (const [name, run] of Object.entries(cases)) {
  // The others need a running issuer.
  const needed = name === "a_server_starts_without_its_issuer_and_finds_it_later";
  if (!needed && !name.includes(only)) continue;
  try {
    await run();
    passed += 1;
    console.log(`ok ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${name}: ${error.message}`.replaceAll("\n", " "));
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);

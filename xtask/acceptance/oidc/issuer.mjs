// An OpenID Connect provider on loopback, by the package oidc-provider, whose keys change when they are told to.
import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";

import { exportJWK, exportSPKI, generateKeyPair } from "jose";
import Provider from "oidc-provider";

const REDIRECT = "http://127.0.0.1:1/callback";
let keysMade = 0;

/** A key pair for an algorithm, with a name that no other has. */
export async function makeKey(alg) {
  const pair = await generateKeyPair(alg, { extractable: true });
  const kid = `${alg}-${(keysMade += 1)}`;
  const names = { kid, alg, use: "sig" };
  return {
    alg,
    kid,
    private: pair.privateKey,
    pair,
    public: { ...(await exportJWK(pair.publicKey)), ...names },
    secret: { ...(await exportJWK(pair.privateKey)), ...names },
  };
}

export const publicPem = (key) => exportSPKI(key.pair.publicKey);

export class Issuer {
  static async make(url, algorithms, tls) {
    const issuer = new Issuer();
    Object.assign(issuer, { url, algorithms });
    issuer.server = tls ? createTlsServer(tls) : createServer();
    await issuer.rotate();
    return issuer;
  }

  /** Takes new keys, and forgets the old ones. */
  async rotate() {
    this.keys = await Promise.all(this.algorithms.map(makeKey));
    const provider = new Provider(this.url, this.configuration());
    this.server.removeAllListeners("request");
    this.server.on("request", provider.callback());
  }

  key(alg) {
    return this.keys.find((key) => key.alg === alg);
  }

  start() {
    return new Promise((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen(new URL(this.url).port, "127.0.0.1", resolve);
    });
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }

  /** An access token for a program. The resource tells which algorithm signs it and how long it lasts. */
  async clientCredentials(alg, lasting = "long") {
    const authorization = `Basic ${Buffer.from("backup:a-secret-of-tests").toString("base64")}`;
    const body = new URLSearchParams({ grant_type: "client_credentials", resource: `urn:kms:${alg}:${lasting}` });
    const answer = await fetch(`${this.url}/token`, { method: "POST", headers: { authorization }, body });
    return (await this.json(answer)).access_token;
  }

  /** An identity token for a person, who signs in and consents on the provider's pages. */
  async logIn(name) {
    const verifier = randomBytes(32).toString("base64url");
    const challenge = createHash("sha256").update(verifier).digest("base64url");
    const query = new URLSearchParams({
      client_id: "kms-cli",
      response_type: "code",
      scope: "openid email",
      redirect_uri: REDIRECT,
      code_challenge: challenge,
      code_challenge_method: "S256",
    });
    const browser = new Browser();
    let place = await browser.follow(`${this.url}/auth?${query}`);
    for (const form of [{ prompt: "login", login: name, password: "any" }, { prompt: "consent" }]) {
      if (place.startsWith(REDIRECT)) break;
      place = await browser.follow(place, new URLSearchParams(form));
    }
    const code = new URL(place).searchParams.get("code");
    if (!code) throw new Error(`no code in ${place}`);
    const body = new URLSearchParams({
      grant_type: "authorization_code",
      client_id: "kms-cli",
      redirect_uri: REDIRECT,
      code_verifier: verifier,
      code,
    });
    return (await this.json(await fetch(`${this.url}/token`, { method: "POST", body }))).id_token;
  }

  async json(answer) {
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`the issuer answers ${answer.status}: ${text}`);
    return JSON.parse(text);
  }

  configuration() {
    return {
      jwks: { keys: this.keys.map((key) => key.secret) },
      cookies: { keys: ["for tests alone"] },
      clients: [
        {
          client_id: "backup",
          client_secret: "a-secret-of-tests",
          grant_types: ["client_credentials"],
          response_types: [],
          redirect_uris: [],
          id_token_signed_response_alg: this.algorithms[0],
        },
        {
          client_id: "kms-cli",
          application_type: "native",
          token_endpoint_auth_method: "none",
          grant_types: ["authorization_code"],
          response_types: ["code"],
          redirect_uris: [REDIRECT],
          id_token_signed_response_alg: "ES256",
        },
      ],
      enabledJWA: { idTokenSigningAlgValues: this.algorithms },
      claims: { openid: ["sub"], email: ["email", "email_verified"] },
      conformIdTokenClaims: false,
      findAccount: (_, id) => ({
        accountId: id,
        claims: () => ({ sub: id, email: `${id}@example.org`, email_verified: true }),
      }),
      pkce: { required: () => true },
      ttl: {
        ClientCredentials: (_, token) => token.resourceServer.accessTokenTTL,
        ...Object.fromEntries(["AccessToken", "Grant", "IdToken", "Interaction", "Session"].map((kind) => [kind, 300])),
      },
      features: {
        devInteractions: { enabled: true },
        clientCredentials: { enabled: true },
        resourceIndicators: {
          enabled: true,
          defaultResource: () => undefined,
          getResourceServerInfo: (_, resource) => {
            const [, , alg, lasting] = resource.split(":");
            const accessTokenTTL = lasting === "short" ? 2 : 300;
            return { scope: "", audience: "kms", accessTokenFormat: "jwt", accessTokenTTL, jwt: { sign: { alg } } };
          },
        },
      },
    };
  }
}

/** Follows redirects with cookies until a page or the client's own address. */
class Browser {
  cookies = new Map();

  async follow(place, form) {
    for (let redirects = 0; redirects < 10; redirects += 1) {
      const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
      const options = { redirect: "manual", headers: { cookie }, method: form ? "POST" : "GET", body: form };
      const answer = await fetch(place, options);
      await answer.text();
      for (const line of answer.headers.getSetCookie()) {
        const [name, value] = line.split(";")[0].split("=");
        this.cookies.set(name, value);
      }
      const next = answer.headers.get("location");
      if (answer.status === 200) return place;
      if (!next) throw new Error(`${place} is answered by ${answer.status}`);
      place = new URL(next, place).href;
      form = undefined;
      if (place.startsWith(REDIRECT)) return place;
    }
    throw new Error("too many redirects");
  }
}

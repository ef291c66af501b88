// A running Claviger server, asked over its REST JSON form.
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { request as requestTls } from "node:https";

export const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const text = (tag, value) => ({ tag, type: "TextString", value });
const structure = (tag, value) => ({ tag, type: "Structure", value });
const enumeration = (tag, value) => ({ tag, type: "Enumeration", value });
const integer = (tag, value) => ({ tag, type: "Integer", value });

const CREATE = structure("Create", [
  enumeration("ObjectType", "SymmetricKey"),
  structure("Attributes", [
    enumeration("CryptographicAlgorithm", "AES"),
    integer("CryptographicLength", 256),
    integer("CryptographicUsageMask", 12),
    enumeration("KeyFormatType", "TransparentSymmetricKey"),
    enumeration("ObjectType", "SymmetricKey"),
  ]),
]);

export class Server {
  constructor({ url, audit }, authority) {
    Object.assign(this, { url, audit, authority });
  }

  /** Makes a key. */
  async create(token, certificate) {
    const answer = await this.post(CREATE, token, certificate);
    const fields = answer.status === 200 ? JSON.parse(answer.body).value : [];
    return { ...answer, id: fields.find((field) => field.tag === "UniqueIdentifier")?.value };
  }

  /** Gives a key to another user. Says whether that was allowed. */
  async changeOwner(id, user, token) {
    const fields = [text("UniqueIdentifier", id), text("Username", user)];
    return (await this.post(structure("ChangeOwner", fields), token)).status === 200;
  }

  /** Sends a bare operation. */
  post(operation, token, certificate) {
    const headers = { "content-type": "application/json" };
    if (token !== undefined) headers.authorization = `Bearer ${token}`;
    const send = this.url.startsWith("https:") ? requestTls : request;
    const options = { method: "POST", headers, ca: this.authority, agent: false, ...certificate };
    return new Promise((resolve, reject) => {
      const asking = send(`${this.url}/kmip/2_1`, options, (answer) => {
        let body = "";
        answer.setEncoding("utf8");
        answer.on("data", (part) => (body += part));
        answer.on("error", reject);
        answer.on("end", () =>
          resolve({ status: answer.statusCode, body, challenge: answer.headers["www-authenticate"] }),
        );
      });
      asking.on("error", reject);
      asking.end(JSON.stringify(operation));
    });
  }

  /** Waits until a token is accepted. */
  async until(token, certificate) {
    for (let tries = 0; tries < 60; tries += 1) {
      if ((await this.create(token, certificate)).status === 200) return;
      await sleep(500);
    }
    throw new Error(`${this.url} does not accept the token`);
  }

  /** All audit records so far. */
  records() {
    const lines = readFileSync(this.audit, "utf8").split("\n");
    lines.pop();
    return lines.map((line) => JSON.parse(line));
  }

  /** The first audit record that is asked for; audit is written a moment after the answer. */
  async audited(wanted) {
    for (let tries = 0; tries < 100; tries += 1) {
      const found = this.records().find(wanted);
      if (found) return found;
      await sleep(20);
    }
    throw new Error("audit has no such record");
  }
}

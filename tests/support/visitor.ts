import { randomBytes } from "node:crypto";
import { Api, type Answer } from "./api.ts";

const PASSWORD = "a long enough password";

/** A person with a browser's cookies. */
export class Visitor {
  readonly url: string;
  #cookies = "";

  private constructor(url: string) {
    this.url = url;
  }

  static async signUp(
    url: string,
    email = `p${randomBytes(6).toString("hex")}@studio.example`,
  ): Promise<Visitor> {
    const visitor = new Visitor(url);
    const body = { email, password: PASSWORD, name: "Visitor" };
    const answer = await visitor.call("POST", "/api/auth/sign-up/email", body);
    if (answer.status !== 200) throw new Error(`no sign-up: ${JSON.stringify(answer.body)}`);
    return visitor;
  }

  static async signIn(url: string, who: { email: string; password: string }): Promise<Visitor> {
    const visitor = new Visitor(url);
    const answer = await visitor.call("POST", "/api/auth/sign-in/email", {
      email: who.email,
      password: who.password,
    });
    if (answer.status !== 200) throw new Error(`no sign-in: ${JSON.stringify(answer.body)}`);
    return visitor;
  }

  /** A new person with an organization of their own, and a key to it. */
  static async withOrganization(
    url: string,
    name: string,
    email?: string,
  ): Promise<{ visitor: Visitor; api: Api; key: string; password: string }> {
    const visitor = await Visitor.signUp(url, email);
    const slug = `org-${randomBytes(5).toString("hex")}`;
    await visitor.call("POST", "/api/auth/organization/create", { name, slug });
    const key = await visitor.call<{ key: string }>("POST", "/api/v1/api-keys", { name: "key" });
    if (key.status !== 201) throw new Error(`no key: ${JSON.stringify(key.body)}`);
    return { visitor, api: Api.withKey(url, key.body.key), key: key.body.key, password: PASSWORD };
  }

  /** Their cookies, as a browser takes them. */
  cookies(): { name: string; value: string; url: string }[] {
    return this.#cookies.split("; ").map((cookie) => {
      const [name = "", ...value] = cookie.split("=");
      return { name, value: value.join("="), url: this.url };
    });
  }

  async call<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    options: { headers?: Record<string, string> } = {},
  ): Promise<Answer<T>> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        cookie: this.#cookies,
        origin: this.url,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...options.headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const set = response.headers.getSetCookie().map((cookie) => cookie.split(";")[0] ?? "");
    if (set.length > 0) this.#cookies = set.join("; ");
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (text ? JSON.parse(text) : null) as T,
    };
  }
}

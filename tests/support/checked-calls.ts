import { expect } from "vitest";
import { addressOf } from "#contracts/address.ts";
import type { RouteDeclaration } from "#contracts/route.ts";
import { type JsonOf, type RouteName, ROUTES, type SentBody } from "#contracts/routes.ts";
import { checkJson } from "#server/http/check-response.ts";
import type { Api } from "./api.ts";

interface Sent<N extends RouteName> {
  params?: Record<string, string>;
  query?: Record<string, string | number>;
  body?: SentBody<N>;
}
interface Caller {
  call: (method: string, path: string, body?: unknown) => Promise<{ status: number; body: unknown }>;
}

/** Calls that succeed as their routes declare, and which routes were called so. */
export function checkedCalls(api: Api) {
  const called = new Set<string>();

  /** Calls a route, expects success, and checks the response here, too: as declared, and nothing more. */
  async function succeed<N extends RouteName>(
    name: N,
    { body, ...at }: Sent<N> = {},
    as: Caller = api,
  ): Promise<JsonOf<N>> {
    const { response }: RouteDeclaration = ROUTES[name];
    const { method, path } = addressOf(name, at);
    const answer = await as.call(method, path, body);
    expect(answer, name).toMatchObject({ status: response.status });
    called.add(name);
    if ("json" in response) checkJson(name, response.json, answer.body);
    else expect(answer.body).toBeNull();
    return answer.body as JsonOf<N>;
  }

  /** Opens a route that sends a stream or a file, and reads until `has` is in it; all of it without `has`. */
  async function opened(
    name: RouteName,
    media: string,
    at: Parameters<typeof addressOf>[1] = {},
    has?: string,
  ) {
    const response = await api.open(addressOf(name, at).path);
    const said = response.ok ? "" : await response.text();
    expect(response.status, `${name}: ${said}`).toBe(200);
    expect(response.headers.get("content-type"), name).toContain(media);
    called.add(name);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
      text += part.value;
      if (has !== undefined && text.includes(has)) break;
    }
    await reader?.cancel();
    if (has !== undefined) expect(text, name).toContain(has);
    return text;
  }

  return { called, succeed, opened };
}

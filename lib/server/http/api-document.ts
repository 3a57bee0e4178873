import { openApiDocument } from "#contracts/openapi/document.ts";
import type { OpenApiDocument } from "#contracts/openapi/types.ts";
import { VERSION } from "#domain/version.ts";
import { env } from "../env.ts";
import { singleton } from "../singleton.ts";

const plain = (url: string) => url.replace(/\/+$/, "");

/** The API's OpenAPI document, with the addresses of this Studio; made once. */
export function apiDocument(): OpenApiDocument {
  return singleton("api-document", () => {
    return openApiDocument({ studioUrl: plain(env().STUDIO_PUBLIC_URL), version: VERSION });
  });
}

import { openApiDocument } from "../../contracts/openapi/document.ts";
import type { OpenApiDocument } from "../../contracts/openapi/types.ts";
import { VERSION } from "../../domain/version.ts";
import { env } from "../env.ts";
import { singleton } from "../singleton.ts";

const plain = (url: string) => url.replace(/\/+$/, "");

/** The API's OpenAPI document, with the addresses of this Studio; made once. */
export function apiDocument(): OpenApiDocument {
  return singleton("api-document", () => {
    const { STUDIO_PUBLIC_URL, CONVEX_SITE_URL } = env();
    return openApiDocument({
      studioUrl: plain(STUDIO_PUBLIC_URL),
      siteUrl: plain(CONVEX_SITE_URL),
      version: VERSION,
    });
  });
}

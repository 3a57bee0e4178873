import type { Metadata } from "next";
import { ApiReference } from "../../../components/docs/api-reference.tsx";
import { referenceOf } from "../../../lib/client/api-reference.ts";
import { apiDocument } from "../../../lib/server/http/api-document.ts";

export const dynamic = "force-dynamic";

export const generateMetadata = (): Metadata => ({ title: referenceOf(apiDocument()).title });

/** The reference of the API, for anybody. */
export default function ApiReferencePage() {
  return <ApiReference view={referenceOf(apiDocument())} />;
}

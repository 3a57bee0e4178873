import type { Metadata } from "next";
import { ApiReference } from "#components/docs/api-reference.tsx";
import { type ReferenceView, referenceOf } from "#client/api-reference.ts";
import { apiDocument } from "#server/http/api-document.ts";

export const dynamic = "force-dynamic";

let made: ReferenceView | undefined;
/** The page's content: the same for everybody, so it is made once. */
const reference = () => (made ??= referenceOf(apiDocument()));

export const generateMetadata = (): Metadata => ({ title: reference().title });

/** The reference of the API, for anybody. */
export default function ApiReferencePage() {
  return <ApiReference view={reference()} />;
}

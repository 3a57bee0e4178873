import { headers } from "next/headers";
import { notFound } from "next/navigation";
import { cache } from "react";
import { operatorOf } from "#server/auth/operators.ts";

const found = cache(async () => await operatorOf(await headers()));

/** The operator who opens this page. To anybody else there is no such page. */
export async function pageOperator() {
  return (await found()) ?? notFound();
}

import type { Metadata } from "next";
import { PriceListScreen } from "#components/settings/price-list.tsx";
import { meansOf } from "#server/catalog.ts";
import { env } from "#server/env.ts";
import { priceList } from "#server/price-list.ts";
import { pageMember } from "../../member.ts";

export const metadata: Metadata = { title: "Models and prices" };

export default async function ModelsPage() {
  const { member } = await pageMember("/settings/models");
  return (
    <PriceListScreen
      providers={priceList(await meansOf(member))}
      markupPercent={env().STUDIO_MARKUP_PERCENT}
    />
  );
}

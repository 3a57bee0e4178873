import { NoRight } from "../../../../components/common/no-right.tsx";
import { app as t } from "../../../../lib/client/messages/app.ts";

export default function BillingForbidden() {
  return <NoRight title={t.viewersDoNotSeeBilling} why={t.membersSeeBalanceAndUsage} />;
}

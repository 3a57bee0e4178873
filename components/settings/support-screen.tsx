"use client";

import { useState } from "react";
import { useAction } from "#client/action.ts";
import { useForm } from "#client/form.ts";
import { type SupportAccess, useSupportAccess } from "#client/live-support.ts";
import { endSupportAccess, grantSupportAccess } from "#client/settings.ts";
import { SUPPORT_HOURS, SUPPORT_LIMITS, type SupportHours } from "#domain/support.ts";
import { Moment } from "../common/moment.tsx";
import { Button } from "../ui/button.tsx";
import { Card, CardHead } from "../ui/card.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { Fact, Facts } from "../ui/facts.tsx";
import { Field } from "../ui/field.tsx";
import { FormCard } from "../ui/form-card.tsx";
import { Live } from "../ui/live.tsx";
import { Loading } from "../ui/loaded.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { Choice } from "../ui/select.tsx";
import { PageHead } from "./page-head.tsx";
import { ViewOnly } from "./view-only.tsx";

const LENGTHS: Record<SupportHours, string> = { 1: "1 hour", 8: "8 hours", 24: "24 hours", 168: "7 days" };
const OPTIONS = SUPPORT_HOURS.map((hours) => ({ value: String(hours), name: LENGTHS[hours] }));

/** Whether the operator may read the organization's sessions. @param disabledReason why the reader may not change that */
export function SupportScreen({ disabledReason }: { disabledReason: string | undefined }) {
  return (
    <Live refused="Couldn't load the support access" meanwhile="nothing changes" head={<Head />}>
      <Head />
      <div className="grid gap-4">
        <ViewOnly why={disabledReason} />
        <LiveAccess off={disabledReason !== undefined} />
      </div>
    </Live>
  );
}

function Head() {
  return (
    <PageHead title="Support access">
      The operator of this Studio can't see what is in your sessions. To get help, an admin can let them read
      sessions and their logs for a while. Keys, variables and files stay closed to them, and they can change
      nothing.
    </PageHead>
  );
}

function LiveAccess({ off }: { off: boolean }) {
  const access = useSupportAccess();
  if (access === undefined) return <Loading>Loading the support access</Loading>;
  return <ToldAccess access={access} off={off} />;
}

/** What is granted, or the form that grants it. */
export function ToldAccess({ access, off }: { access: SupportAccess; off: boolean }) {
  return access ? <Granted access={access} off={off} /> : <GrantForm off={off} />;
}

function Granted({ access, off }: { access: NonNullable<SupportAccess>; off: boolean }) {
  const [asking, setAsking] = useState(false);
  const end = useAction(endSupportAccess, "Couldn't end the support access");
  return (
    <Card aria-labelledby="support-granted">
      <CardHead id="support-granted" title="The operator can read your sessions" />
      <div className="grid gap-3 p-3.5">
        <Facts>
          <Fact name="Until">
            <Moment at={access.until} />
          </Fact>
          <Fact name="Reason">
            <span className="wrap-anywhere">{access.reason}</span>
          </Fact>
          <Fact name="Granted">
            {access.by}, <Moment at={access.at} />
          </Fact>
        </Facts>
        <p className="text-ink-2">What they look at is in the audit log. It ends by itself.</p>
        <ActionProblem failure={end.failure} />
        <div>
          <Button look="danger" off={off || end.pending} onClick={() => setAsking(true)}>
            End now
          </Button>
        </div>
      </div>
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        title="End the support access?"
        confirm="End it"
        cancel="Leave it"
        onConfirm={() => end.run()}
      >
        The operator can read no session from then on.
      </Confirm>
    </Card>
  );
}

function GrantForm({ off }: { off: boolean }) {
  const { max } = SUPPORT_LIMITS.reason;
  const form = useForm({
    initial: { hours: "8", reason: "" },
    check: ({ reason }) => ({ reason: reason.trim() === "" && "Give a reason, such as a ticket." }),
    send: async ({ hours, reason }) => {
      const chosen = SUPPORT_HOURS.find((known) => String(known) === hours) ?? SUPPORT_HOURS[0];
      await grantSupportAccess({ hours: chosen, reason });
    },
    failed: "Couldn't grant the support access",
  });
  return (
    <FormCard title="Grant support access" form={form} submit={{ label: "Grant", busy: "Granting", off }}>
      <div className="grid max-w-[640px] grid-cols-[200px_minmax(0,1fr)] items-start gap-4 max-sm:grid-cols-1">
        <Choice label="For" {...form.choice("hours")} options={OPTIONS} disabled={off} />
        <Field
          label="Reason or ticket"
          hint="The operator and all members see it."
          {...form.field("reason")}
          maxLength={max}
          autoComplete="off"
          disabled={off}
        />
      </div>
    </FormCard>
  );
}

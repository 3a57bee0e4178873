"use client";

import { useState } from "react";
import { useAction } from "#client/action.ts";
import { useFormat } from "#client/locale.tsx";
import { adjustCredit, type OperatorOrganization } from "#client/operator.ts";
import { MAX_OPERATOR_REASON_CHARS } from "#domain/operator.ts";
import { Button } from "../ui/button.tsx";
import { Card, CardHead } from "../ui/card.tsx";
import { Field } from "../ui/field.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

/** An amount as it is typed, in micro-USD; null where it is none. */
export function typedMicroUsd(text: string): number | null {
  const [, sign, whole = "", cents = ""] = /^([-−]?)(\d{1,7})(?:\.(\d{1,2}))?$/.exec(text.trim()) ?? [];
  const size = Number(whole) * 1_000_000 + Number(cents.padEnd(2, "0")) * 10_000;
  if (sign === undefined || size === 0) return null;
  return sign === "" ? size : -size;
}

/** Gives an organization credits, or takes some back. */
export function CreditForm({
  organization: { id },
  onDone,
}: {
  organization: OperatorOrganization;
  onDone: () => Promise<void>;
}) {
  const f = useFormat();
  const [amount, setAmount] = useState("");
  const [reason, setReason] = useState("");
  // The same until it is done: pressed again after an answer was lost, it is entered once.
  const [key, setKey] = useState(() => crypto.randomUUID());
  const [balance, setBalance] = useState<number>();
  const amountMicroUsd = typedMicroUsd(amount);
  const adjust = useAction(async (microUsd: number) => {
    const { balanceMicroUsd } = await adjustCredit(id, { amountMicroUsd: microUsd, reason, key });
    setKey(crypto.randomUUID());
    setAmount("");
    setReason("");
    setBalance(balanceMicroUsd);
    await onDone();
  }, "Couldn't adjust the credits");
  const edit = (set: (value: string) => void) => (value: string) => {
    set(value);
    // Other values are another adjustment.
    setKey(crypto.randomUUID());
    setBalance(undefined);
  };
  const isOff = amountMicroUsd === null || reason.trim() === "";
  return (
    <Card>
      <CardHead title="Adjust credits" />
      <form
        className="grid gap-3 p-3.5"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isOff) adjust.run(amountMicroUsd);
        }}
      >
        <Field
          label="Amount in US dollars"
          hint="Such as 25, or -2.50 to take credits back."
          problem={
            amount !== "" && amountMicroUsd === null ? "Enter an amount, such as 25 or -2.50." : undefined
          }
          frameClass="max-w-[320px]"
          inputMode="text"
          fact
          value={amount}
          onChange={(event) => edit(setAmount)(event.target.value)}
        />
        <Field
          label="Reason for the adjustment"
          hint="It stands in the organization's ledger."
          maxLength={MAX_OPERATOR_REASON_CHARS}
          value={reason}
          onChange={(event) => edit(setReason)(event.target.value)}
        />
        <ActionProblem failure={adjust.failure} />
        <div className="flex items-center gap-3">
          <Button type="submit" off={isOff || adjust.pending}>
            Adjust credits
          </Button>
          <output className="text-small text-ink-2">
            {balance !== undefined && `The balance is now ${f.amount(balance)}.`}
          </output>
        </div>
      </form>
    </Card>
  );
}

import type { ReactNode } from "react";
import { OperatorFrame } from "#components/operator/operator-frame.tsx";
import { KeepSignedIn } from "../keep-signed-in.tsx";
import { pageOperator } from "./operator.ts";

export default async function OperatorLayout({ children }: { children: ReactNode }) {
  const { by } = await pageOperator();
  return (
    <KeepSignedIn>
      <OperatorFrame by={by}>{children}</OperatorFrame>
    </KeepSignedIn>
  );
}

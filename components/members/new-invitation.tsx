"use client";

import { UserPlus } from "lucide-react";
import { useEffect, useRef } from "react";
import type { MemberRole } from "../../lib/domain/members.ts";
import { CopyButton } from "../common/copy-button.tsx";
import { ROLE_LABELS } from "./role-labels.ts";

/** The link of an invitation that was just made. */
export function NewInvitation({
  email,
  role,
  link,
  onDone,
}: {
  email: string;
  role: MemberRole;
  link: string;
  onDone: () => void;
}) {
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    box.current?.focus();
    box.current?.scrollIntoView({ block: "nearest" });
  }, []);
  return (
    <section
      ref={box}
      className="card border-success-fill! px-4 py-3"
      aria-labelledby="new-invitation"
      tabIndex={-1}
      data-testid="new-invitation"
    >
      <div className="flex gap-3">
        <UserPlus className="i mt-0.5 text-success" aria-hidden="true" />
        <div className="min-w-0 flex-1">
          <h2 id="new-invitation" className="text-base font-semibold wrap-anywhere">
            Share this link with {email}
          </h2>
          <p className="text-ink-2">
            We don't send email. Share the link with them only; they join as {ROLE_LABELS[role].as}.
          </p>
          <div className="mt-2 flex flex-wrap items-center gap-2">
            <code className="approval-cmd min-w-0 flex-1 basis-60 py-1!">{link}</code>
            <CopyButton label={`the invitation for ${email}`} name="Copy link" text={link} />
            <button type="button" className="btn btn-quiet" onClick={onDone}>
              Done
            </button>
          </div>
        </div>
      </div>
    </section>
  );
}

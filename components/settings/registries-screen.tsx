"use client";

import { useState } from "react";
import { useAction } from "#client/action.ts";
import { type RegistryRow, useRegistries } from "#client/live-settings.ts";
import { removeRegistry, testRegistry } from "#client/settings.ts";
import { Button } from "../ui/button.tsx";
import { Card, Empty } from "../ui/card.tsx";
import { Chip } from "../ui/chip.tsx";
import { type Column, DataTable } from "../ui/data-table.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { Live } from "../ui/live.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { PageHead } from "./page-head.tsx";
import { RegistryForm } from "./registry-form.tsx";
import { ViewOnly } from "./view-only.tsx";

/** The organization's own package registries. */
export function RegistriesScreen({ disabledReason }: { disabledReason: string | undefined }) {
  return (
    <>
      <PageHead title="Registries">
        Package registries of your own, for npm and pip in new sandboxes. Credentials are encrypted and stay
        outside the sandboxes: package managers go through Studio, which reads packages and their files alone.
      </PageHead>
      <Live refused="Couldn't load the registries" meanwhile="sandboxes keep using them">
        <Registries disabledReason={disabledReason} />
      </Live>
    </>
  );
}

const STATUSES = {
  active: { name: "Connected", tone: "success" },
  inactive: { name: "Not tested", tone: "warning" },
  error: { name: "Refused", tone: "danger" },
} as const;

/** What comes from a registry, in words. */
const packagesOf = ({ kind, scopes }: RegistryRow) => {
  if (kind === "pypi") return "Python packages";
  return scopes.length === 0 ? "All npm packages" : scopes.join(", ");
};

function Registries({ disabledReason }: { disabledReason: string | undefined }) {
  const rows = useRegistries();
  const [editing, setEditing] = useState<RegistryRow>();
  const [asked, setAsked] = useState<RegistryRow>();
  const remove = useAction(removeRegistry, "Couldn't remove the registry");
  const test = useAction(testRegistry, "Couldn't test the registry");
  const isOff = disabledReason !== undefined;
  const columns: Column<RegistryRow>[] = [
    {
      name: "Registry",
      isRowName: true,
      className: "fact max-w-[200px] wrap-anywhere max-sm:basis-full",
      render: ({ slug }) => slug,
    },
    { name: "URL", className: "fact wrap-anywhere", render: ({ url }) => url },
    { name: "Packages", className: "max-w-[280px] wrap-anywhere", render: packagesOf },
    {
      name: "Status",
      className: "max-sm:basis-full",
      render: ({ status, statusDetail }) => (
        <span className="grid justify-items-start gap-1">
          <Chip tone={STATUSES[status].tone}>{STATUSES[status].name}</Chip>
          {statusDetail !== null && <span className="text-small text-ink-2">{statusDetail}</span>}
        </span>
      ),
    },
    ...(isOff
      ? []
      : [
          {
            name: "Actions",
            isNameHidden: true,
            className: "text-end whitespace-nowrap max-sm:ml-auto",
            render: (row: RegistryRow) => (
              <span className="inline-flex gap-2">
                <Button
                  size="sm"
                  aria-label={`Test ${row.slug}`}
                  action={{ pending: test.pending, run: () => test.run(row.slug) }}
                >
                  Test
                </Button>
                <Button size="sm" aria-label={`Change ${row.slug}`} onClick={() => setEditing(row)}>
                  Change
                </Button>
                <Button
                  size="sm"
                  look="danger"
                  aria-label={`Remove ${row.slug}`}
                  onClick={() => setAsked(row)}
                >
                  Remove
                </Button>
              </span>
            ),
          },
        ]),
  ];
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <ViewOnly why={disabledReason} />
      <ActionProblem failure={remove.failure ?? test.failure} retryable />
      {rows?.length === 0 ? (
        <Empty card title="No registries yet">
          Public packages come from where the network policy lets sandboxes. Add a registry here if yours asks
          for a token.
        </Empty>
      ) : (
        <Card>
          <DataTable
            caption="Package registries"
            stack
            busy={rows === undefined}
            rows={rows ?? []}
            rowKey={({ slug }) => slug}
            columns={columns}
          />
        </Card>
      )}
      {!isOff && (
        <RegistryForm key={editing?.slug ?? "new"} editing={editing} onDone={() => setEditing(undefined)} />
      )}
      <Confirm
        open={asked !== undefined}
        onClose={() => setAsked(undefined)}
        title={`Remove “${asked?.slug ?? ""}”?`}
        confirm="Remove registry"
        cancel="Keep it"
        onConfirm={() => asked && remove.run(asked.slug)}
      >
        Sandboxes can no longer install from it, and its credential can't be restored.
      </Confirm>
    </div>
  );
}

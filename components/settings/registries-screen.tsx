"use client";

import { useAction } from "#client/action.ts";
import { type RegistryRow, useRegistries } from "#client/live-settings.ts";
import { removeRegistry, testRegistry } from "#client/settings.ts";
import type { Column } from "../ui/data-table.tsx";
import { Live } from "../ui/live.tsx";
import { slugColumn, statusColumn } from "./connection-status.tsx";
import { EditableList } from "./editable-list.tsx";
import { PageHead } from "./page-head.tsx";
import { RegistryForm } from "./registry-form.tsx";

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

/** What comes from a registry, in words. */
const packagesOf = ({ kind, scopes }: RegistryRow) => {
  if (kind === "pypi") return "Python packages";
  return scopes.length === 0 ? "All npm packages" : scopes.join(", ");
};

function Registries({ disabledReason }: { disabledReason: string | undefined }) {
  const rows = useRegistries();
  const remove = useAction(removeRegistry, "Couldn't remove the registry");
  const test = useAction(testRegistry, "Couldn't test the registry");
  const columns: Column<RegistryRow>[] = [
    slugColumn("Registry"),
    { name: "URL", className: "fact wrap-anywhere", render: ({ url }) => url },
    { name: "Packages", className: "max-w-[280px] wrap-anywhere", render: packagesOf },
    statusColumn(),
  ];
  return (
    <EditableList
      caption="Package registries"
      rows={rows}
      rowKey={({ slug }) => slug}
      nameOf={({ slug }) => slug}
      columns={columns}
      disabledReason={disabledReason}
      failure={remove.failure ?? test.failure}
      empty={{
        title: "No registries yet",
        text: "Public packages come from where the network policy lets sandboxes. Add a registry here if yours asks for a token.",
      }}
      test={{ pending: test.pending, run: ({ slug }) => test.run(slug) }}
      form={RegistryForm}
      removal={{
        confirm: "Remove registry",
        text: "Sandboxes can no longer install from it, and its credential can't be restored.",
        run: ({ slug }) => remove.run(slug),
      }}
    />
  );
}

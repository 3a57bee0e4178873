"use client";

import { type RegistryRow, useRegistries } from "#client/live-settings.ts";
import { removeRegistry, testRegistry } from "#client/settings.ts";
import type { Column } from "../ui/data-table.tsx";
import { Live } from "../ui/live.tsx";
import { ConnectionList } from "./connection-list.tsx";
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
  const columns: Column<RegistryRow>[] = [
    { name: "URL", className: "fact wrap-anywhere", render: ({ url }) => url },
    { name: "Packages", className: "max-w-[280px] wrap-anywhere", render: packagesOf },
  ];
  return (
    <ConnectionList
      caption="Package registries"
      one="registry"
      rows={rows}
      columns={columns}
      disabledReason={disabledReason}
      test={testRegistry}
      remove={removeRegistry}
      removalText="Sandboxes can no longer install from it, and its credential can't be restored."
      empty={{
        title: "No registries yet",
        text: "Public packages come from where the network policy lets sandboxes. Add a registry here if yours asks for a token.",
      }}
      form={RegistryForm}
    />
  );
}

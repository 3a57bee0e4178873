// @vitest-environment happy-dom
import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { SandboxTab } from "#components/dock/sandbox-tab.tsx";
import { AllowHost } from "#components/session/allow-host.tsx";
import { NetworkCard } from "#components/settings/network-card.tsx";
import { DEFAULT_POLICY, type StoredPolicy } from "#domain/network.ts";
import { draw } from "./render.tsx";
import { type Drafted, drawSession, stubBackend } from "./session.tsx";

vi.mock("next/navigation", () => ({ useRouter: () => ({ refresh: () => undefined }) }));
afterEach(() => vi.unstubAllGlobals());

/** What was sent, and what comes back for it: the same, one revision later. */
function sent(): { url: string; body: object }[] {
  const requests: { url: string; body: object }[] = [];
  vi.stubGlobal("fetch", async (url: string, { body }: { body: string }) => {
    const value = JSON.parse(body) as StoredPolicy;
    requests.push({ url, body: value });
    return Response.json({ policy: { ...DEFAULT_POLICY, ...value, revision: (value.revision ?? 0) + 1 } });
  });
  return requests;
}
const card = (policy: Partial<StoredPolicy> = {}, more: { ports?: boolean; off?: boolean } = {}) =>
  draw(
    <NetworkCard
      environment="development"
      policy={{ ...DEFAULT_POLICY, revision: 4, ...policy }}
      ports={more.ports ?? true}
      off={more.off ?? false}
    />,
  );
const hostField = () => screen.getByLabelText<HTMLInputElement>("Add a host");
const save = () => screen.getByRole("button", { name: "Save" });

test("presets, hosts and mode are saved together, based on what was shown", async () => {
  const requests = sent();
  const user = card();
  await user.click(screen.getByRole("checkbox", { name: /crates\.io/ }));
  await user.click(screen.getByRole("checkbox", { name: /^GitHub/ }));
  await user.type(hostField(), "Registry.Example.com");
  await user.click(screen.getByRole("button", { name: "Add" }));
  expect(screen.getByText("registry.example.com")).toBeTruthy();
  // What is typed when it is saved counts, too.
  await user.type(hostField(), "*.example.org:8443");
  await user.click(save());
  await screen.findByText("Saved");
  await user.click(screen.getByRole("button", { name: "Remove registry.example.com" }));
  await user.click(save());
  await waitFor(() => expect(requests).toHaveLength(2));
  expect(requests.map(({ body }) => body)).toEqual([
    {
      mode: "listed",
      presets: ["npm", "pypi", "crates"],
      hosts: ["registry.example.com", "*.example.org:8443"],
      revision: 4,
    },
    { mode: "listed", presets: ["npm", "pypi", "crates"], hosts: ["*.example.org:8443"], revision: 5 },
  ]);
  expect(requests[0]?.url).toContain("/api/v1/network/development");
});

test("a host that cannot be listed is said to be so, and is not sent", async () => {
  const requests = sent();
  const user = card();
  await user.type(hostField(), "10.0.0.1");
  await user.click(screen.getByRole("button", { name: "Add" }));
  await screen.findByText(/IP addresses can't be listed/);
  await user.click(save());
  await screen.findByText(/IP addresses can't be listed/);
  expect(requests).toEqual([]);
});

test("where the service knows no ports, none can be entered, and the page says so", async () => {
  const user = card({}, { ports: false });
  expect(screen.getByText(/can't limit a host to one port/)).toBeTruthy();
  await user.type(hostField(), "a.example.com:8443");
  await user.click(screen.getByRole("button", { name: "Add" }));
  await screen.findByText(/Enter it without a port/);
});

test("an open policy warns, and who may not change it sees it", async () => {
  const user = card();
  await user.click(screen.getByRole("radio", { name: /^Open/ }));
  await screen.findByText(/can send what it sees anywhere/);
  document.body.innerHTML = "";
  card({ hosts: ["a.example.com"] }, { off: true });
  expect(screen.getByText("a.example.com")).toBeTruthy();
  expect(screen.queryByRole("button", { name: /Remove|Add/ })).toBeNull();
  expect(screen.getByRole<HTMLInputElement>("radio", { name: /^Closed/ }).disabled).toBe(true);
});

const applied = (hosts: string[], mode = "listed"): Drafted => [
  "network.applied",
  { mode, presets: ["npm"], hosts, cause: "start" },
];
const refused = { host: "registry.example.com", port: 443, reason: "policy" as const };

test("an admin allows a refused host with one press", async () => {
  const { requests } = stubBackend(() => Response.json({ policy: { ...DEFAULT_POLICY, revision: 1 } }));
  const user = drawSession([applied([])], <AllowHost refused={refused} />);
  await user.click(screen.getByRole("button", { name: "Allow registry.example.com for this organization" }));
  await screen.findByText(/Allowed\. The sandbox follows/);
  expect(requests.filter(({ method }) => method === "POST")).toMatchObject([
    { path: expect.stringMatching(/\/hosts$/) as string, body: { host: "registry.example.com" } },
  ]);
});

test.each([
  ["that is allowed by now", applied(["*.example.com"]), refused, /allowed now/],
  ["under a closed policy", applied([], "closed"), refused, /policy is closed/],
  [
    "that is an address",
    applied([]),
    { ...refused, host: "169.254.169.254", port: 80 },
    /IP addresses can't be listed/,
  ],
])("a host %s has no button", (_what, event, item, words) => {
  stubBackend();
  drawSession([event], <AllowHost refused={item} />);
  expect(screen.getByText(words)).toBeTruthy();
  expect(screen.queryByRole("button", { name: /Allow/ })).toBeNull();
});

test("the Sandbox tab says what holds, and counts what was refused", () => {
  stubBackend();
  drawSession(
    [applied(["a.example.com"]), ["network.refused", refused], ["network.refused", { ...refused, port: 22 }]],
    <SandboxTab />,
  );
  const fact = (name: string) =>
    within(screen.getByText(name).parentElement!).getByText(/./, { selector: "dd, dd *" });
  expect(fact("Network").textContent).toBe("Listed: npm and 1 host");
  expect(fact("Refused").textContent).toBe("2 hosts");
});

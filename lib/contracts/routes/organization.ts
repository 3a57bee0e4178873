import { z } from "zod";
import { SETTING_KEYS } from "#domain/settings.ts";
import { problemFor } from "#domain/problems.ts";
import { apiKeysResponse, createApiKeyBody, createApiKeyResponse } from "../account.ts";
import { auditQuery, auditResponse } from "../audit.ts";
import { accountExport } from "../exports.ts";
import {
  allowHostBody,
  environmentParam,
  networkPoliciesResponse,
  networkPolicyResponse,
  putNetworkPolicyBody,
} from "../network.ts";
import { providerKeyResponse, providerKeysResponse, putProviderKeyBody } from "../providers.ts";
import { idParam, type RouteTable } from "../route.ts";
import { pageQuery } from "../sessions.ts";
import { grantedSupportResponse, grantSupportBody, supportAccessResponse } from "../support.ts";
import {
  putSettingBody,
  retentionPreviewQuery,
  retentionPreviewResponse,
  settingResponse,
  settingsResponse,
} from "../settings.ts";
import { putVariableBody, variableQuery, variableResponse, variablesResponse } from "../variables.ts";

const provider = z.object({
  provider: idParam.describe(
    "`xai`, `anthropic`, `openai`, `google`, `openrouter`, or `compatible:<name>` for an endpoint of your own.",
  ),
});
const setting = z.object({
  key: z.enum(SETTING_KEYS, {
    error: ({ input }) =>
      problemFor("setting_unknown", { name: String(input), known: [...SETTING_KEYS] }).message,
  }),
});
const variable = z.object({ name: idParam.describe("Letters, digits and `_`, beginning with no digit.") });

export const ORGANIZATION_ROUTES = {
  "GET /api/v1/settings": {
    id: "getSettings",
    tag: "Organization",
    summary: "Get all settings",
    description: "Each with its value, or its default.",
    access: { scope: "settings:read" },
    response: { status: 200, json: settingsResponse },
  },
  "GET /api/v1/settings/{key}": {
    id: "getSetting",
    tag: "Organization",
    summary: "Get a setting",
    access: { scope: "settings:read" },
    params: setting,
    response: { status: 200, json: settingResponse },
  },
  "PUT /api/v1/settings/{key}": {
    id: "setSetting",
    tag: "Organization",
    summary: "Change a setting",
    access: { scope: "settings:write" },
    params: setting,
    body: putSettingBody,
    example: { value: 30 },
    response: { status: 200, json: settingResponse },
    errors: ["unknown_provider", "unknown_model"],
  },
  "GET /api/v1/retention-preview": {
    id: "previewRetention",
    tag: "Organization",
    summary: "See what a retention would delete",
    description:
      "What would go now if `session_log_retention_days` were so many days: counted up to a bound. Nothing is deleted by asking. For admins.",
    access: { scope: "settings:read" },
    query: retentionPreviewQuery,
    response: { status: 200, json: retentionPreviewResponse },
  },
  "GET /api/v1/support-access": {
    id: "getSupportAccess",
    tag: "Organization",
    summary: "Get the operator's support access",
    access: { scope: "settings:read" },
    response: { status: 200, json: supportAccessResponse },
  },
  "POST /api/v1/support-access": {
    id: "grantSupportAccess",
    tag: "Organization",
    summary: "Let the operator read sessions",
    description:
      "For some hours the operator of this Studio can list the organization's sessions and read their logs, and nothing else. The audit log has what they look at. It takes the place of what was granted before. For admins.",
    access: { scope: "settings:write" },
    body: grantSupportBody,
    example: { hours: 8, reason: "Ticket 4711: a session that hangs" },
    response: { status: 201, json: grantedSupportResponse },
  },
  "DELETE /api/v1/support-access": {
    id: "endSupportAccess",
    tag: "Organization",
    summary: "End the operator's support access",
    description: "At once; where there is none, nothing changes. For admins.",
    access: { scope: "settings:write" },
    response: { status: 204 },
  },
  "GET /api/v1/network": {
    id: "getNetworkPolicies",
    tag: "Organization",
    summary: "Get the network policies",
    description: "How far the sandboxes of each environment may reach.",
    access: { scope: "settings:read" },
    response: { status: 200, json: networkPoliciesResponse },
  },
  "PUT /api/v1/network/{environment}": {
    id: "setNetworkPolicy",
    tag: "Organization",
    summary: "Change a network policy",
    description: "Live sandboxes follow within seconds; connections that it no longer allows are cut.",
    access: { scope: "settings:write" },
    params: environmentParam,
    body: putNetworkPolicyBody,
    example: {
      mode: "listed",
      presets: ["npm", "pypi"],
      hosts: ["registry.example.com", "*.example.org:8443"],
    },
    response: { status: 200, json: networkPolicyResponse },
  },
  "POST /api/v1/network/{environment}/hosts": {
    id: "allowHost",
    tag: "Organization",
    summary: "Allow a host",
    description:
      "Adds it to the list of a `listed` policy. A host that is let through already changes nothing.",
    access: { scope: "settings:write" },
    params: environmentParam,
    body: allowHostBody,
    example: { host: "registry.example.com" },
    response: { status: 200, json: networkPolicyResponse },
  },
  "GET /api/v1/api-keys": {
    id: "listApiKeys",
    tag: "Organization",
    summary: "List API keys",
    description: "Newest first; of each key no more than its last four characters.",
    access: { scope: "keys:read" },
    query: pageQuery,
    response: { status: 200, json: apiKeysResponse },
  },
  "POST /api/v1/api-keys": {
    id: "createApiKey",
    tag: "Organization",
    summary: "Create an API key",
    description: "The key itself is in this response, and in no other.",
    access: { scope: "keys:write" },
    body: createApiKeyBody,
    example: { name: "CI", scopes: ["sessions:read", "sessions:write"] },
    response: { status: 201, json: createApiKeyResponse },
  },
  "DELETE /api/v1/api-keys/{id}": {
    id: "revokeApiKey",
    tag: "Organization",
    summary: "Revoke an API key",
    access: { scope: "keys:write" },
    params: z.object({ id: idParam }),
    response: { status: 204 },
  },
  "GET /api/v1/provider-keys": {
    id: "listProviderKeys",
    tag: "Organization",
    summary: "List model keys",
    access: { scope: "providers:read" },
    response: { status: 200, json: providerKeysResponse },
  },
  "PUT /api/v1/provider-keys/{provider}": {
    id: "saveProviderKey",
    tag: "Organization",
    summary: "Save a model key",
    description:
      "The key is tested and stored encrypted. One that its provider refuses is stored too, with the status `error`, and is not used. An endpoint of your own needs its `base_url` and its `models`.",
    access: { scope: "providers:write" },
    params: provider,
    body: putProviderKeyBody,
    response: { status: 200, json: providerKeyResponse },
    errors: ["unknown_provider", "key_unreadable"],
  },
  "DELETE /api/v1/provider-keys/{provider}": {
    id: "removeProviderKey",
    tag: "Organization",
    summary: "Remove a model key",
    description: "Sessions that use it fail at their next model call.",
    access: { scope: "providers:write" },
    params: provider,
    response: { status: 204 },
    errors: ["unknown_provider"],
  },
  "POST /api/v1/provider-keys/{provider}/test": {
    id: "testProviderKey",
    tag: "Organization",
    summary: "Test a model key",
    access: { scope: "providers:write" },
    params: provider,
    response: { status: 200, json: providerKeyResponse },
    errors: ["unknown_provider", "key_unreadable"],
  },
  "GET /api/v1/variables": {
    id: "listVariables",
    tag: "Organization",
    summary: "List variables",
    description: "What the organization's sandboxes find in their environment, without the values.",
    access: { scope: "settings:read" },
    response: { status: 200, json: variablesResponse },
  },
  "PUT /api/v1/variables/{name}": {
    id: "saveVariable",
    tag: "Organization",
    summary: "Save a variable",
    description:
      "Its value is stored encrypted and never shown again; it is hidden in every session's log. Sessions that begin from now on get it.",
    access: { scope: "settings:write" },
    params: variable,
    body: putVariableBody,
    example: { value: "postgres://app:secret@db.example/app", description: "The database of the tests" },
    response: { status: 200, json: variableResponse },
    errors: ["key_unreadable"],
  },
  "DELETE /api/v1/variables/{name}": {
    id: "removeVariable",
    tag: "Organization",
    summary: "Remove a variable",
    description: "Sessions that have begun with it keep it until they end.",
    access: { scope: "settings:write" },
    params: variable,
    query: variableQuery,
    response: { status: 204 },
  },
  "GET /api/v1/audit": {
    id: "listAuditEntries",
    tag: "Organization",
    summary: "Read the audit log",
    description:
      "Newest first. With `format=csv` it is a download of at most 1,000 rows; where there are more, the `Link` header names the next part.",
    access: { scope: "audit:read" },
    query: auditQuery,
    response: {
      status: 200,
      json: auditResponse,
      or: [{ media: "text/csv", text: "The same entries, one a line, below a line of column names." }],
    },
  },
  "GET /api/v1/account/export": {
    id: "exportAccount",
    tag: "Organization",
    summary: "Export your own data",
    description: "What Studio knows of the caller, as a download.",
    access: { scope: "sessions:read" },
    response: { status: 200, json: accountExport, download: "studio-account.json" },
  },
  "GET /api/v1/organization/export": {
    id: "exportOrganization",
    tag: "Organization",
    summary: "Export the organization's data",
    description: "A file without its last line (`end`) was cut off.",
    access: { scope: "organization:export" },
    response: {
      status: 200,
      media: "application/x-ndjson",
      text: "One JSON object (`ExportLine`) a line: the organization, then its rows, then how many rows there were.",
    },
  },
} as const satisfies RouteTable;

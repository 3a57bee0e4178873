/* eslint-disable */
/**
 * Generated `api` utility.
 *
 * THIS CODE IS AUTOMATICALLY GENERATED.
 *
 * To regenerate, run `npx convex dev`.
 * @module
 */

import type {
  ApiFromModules,
  FilterApi,
  FunctionReference,
} from "convex/server";
import type * as agents from "../agents.js";
import type * as apiKeys from "../apiKeys.js";
import type * as approvals from "../approvals.js";
import type * as artifacts from "../artifacts.js";
import type * as audit from "../audit.js";
import type * as checkpointFiles from "../checkpointFiles.js";
import type * as checkpointKeys from "../checkpointKeys.js";
import type * as checkpoints from "../checkpoints.js";
import type * as credits from "../credits.js";
import type * as crons from "../crons.js";
import type * as due from "../due.js";
import type * as events from "../events.js";
import type * as exports from "../exports.js";
import type * as functions from "../functions.js";
import type * as gitConnections from "../gitConnections.js";
import type * as gitHooks from "../gitHooks.js";
import type * as greenPursuits from "../greenPursuits.js";
import type * as greenWork from "../greenWork.js";
import type * as headlessRuns from "../headlessRuns.js";
import type * as http from "../http.js";
import type * as identity from "../identity.js";
import type * as migrations from "../migrations.js";
import type * as model_agents from "../model/agents.js";
import type * as model_approvals from "../model/approvals.js";
import type * as model_audit_list from "../model/audit-list.js";
import type * as model_audit_migration from "../model/audit-migration.js";
import type * as model_audit from "../model/audit.js";
import type * as model_begin_session from "../model/begin-session.js";
import type * as model_bounds from "../model/bounds.js";
import type * as model_branches from "../model/branches.js";
import type * as model_checkpoint_files from "../model/checkpoint-files.js";
import type * as model_checkpoint_keys from "../model/checkpoint-keys.js";
import type * as model_checkpoint_turn from "../model/checkpoint-turn.js";
import type * as model_checkpoints from "../model/checkpoints.js";
import type * as model_counts from "../model/counts.js";
import type * as model_credits from "../model/credits.js";
import type * as model_data_keys from "../model/data-keys.js";
import type * as model_deletion from "../model/deletion.js";
import type * as model_driven_repository from "../model/driven-repository.js";
import type * as model_erase from "../model/erase.js";
import type * as model_events from "../model/events.js";
import type * as model_exports from "../model/exports.js";
import type * as model_forget_name from "../model/forget-name.js";
import type * as model_fruitless from "../model/fruitless.js";
import type * as model_git from "../model/git.js";
import type * as model_green from "../model/green.js";
import type * as model_hooks from "../model/hooks.js";
import type * as model_leases from "../model/leases.js";
import type * as model_models from "../model/models.js";
import type * as model_network from "../model/network.js";
import type * as model_new_session from "../model/new-session.js";
import type * as model_paging from "../model/paging.js";
import type * as model_people from "../model/people.js";
import type * as model_questions from "../model/questions.js";
import type * as model_recap from "../model/recap.js";
import type * as model_refunds from "../model/refunds.js";
import type * as model_refusal from "../model/refusal.js";
import type * as model_registries from "../model/registries.js";
import type * as model_removals from "../model/removals.js";
import type * as model_results from "../model/results.js";
import type * as model_resume from "../model/resume.js";
import type * as model_retention from "../model/retention.js";
import type * as model_returns from "../model/returns.js";
import type * as model_rewind from "../model/rewind.js";
import type * as model_runs from "../model/runs.js";
import type * as model_search_texts from "../model/search-texts.js";
import type * as model_secrets from "../model/secrets.js";
import type * as model_session_list from "../model/session-list.js";
import type * as model_session_writer from "../model/session-writer.js";
import type * as model_sessions from "../model/sessions.js";
import type * as model_settings from "../model/settings.js";
import type * as model_setup from "../model/setup.js";
import type * as model_skill_prompts from "../model/skill-prompts.js";
import type * as model_skills from "../model/skills.js";
import type * as model_slot_rows from "../model/slot-rows.js";
import type * as model_slots from "../model/slots.js";
import type * as model_spent from "../model/spent.js";
import type * as model_starter from "../model/starter.js";
import type * as model_totals from "../model/totals.js";
import type * as model_usage_daily from "../model/usage-daily.js";
import type * as model_values from "../model/values.js";
import type * as model_variables from "../model/variables.js";
import type * as model_zod_validator from "../model/zod-validator.js";
import type * as networkPolicies from "../networkPolicies.js";
import type * as networkRefusals from "../networkRefusals.js";
import type * as organizationEvents from "../organizationEvents.js";
import type * as organizationSettings from "../organizationSettings.js";
import type * as projectSummaries from "../projectSummaries.js";
import type * as providerKeys from "../providerKeys.js";
import type * as questions from "../questions.js";
import type * as registries from "../registries.js";
import type * as removals from "../removals.js";
import type * as runs from "../runs.js";
import type * as sandboxSessions from "../sandboxSessions.js";
import type * as savedWork from "../savedWork.js";
import type * as sessionAgent from "../sessionAgent.js";
import type * as sessionBranches from "../sessionBranches.js";
import type * as sessionCheckpoints from "../sessionCheckpoints.js";
import type * as sessionCommands from "../sessionCommands.js";
import type * as sessionDeletion from "../sessionDeletion.js";
import type * as sessionLeases from "../sessionLeases.js";
import type * as sessionLists from "../sessionLists.js";
import type * as sessionPayer from "../sessionPayer.js";
import type * as sessionRepositories from "../sessionRepositories.js";
import type * as sessionResume from "../sessionResume.js";
import type * as sessionRewinds from "../sessionRewinds.js";
import type * as sessionSetup from "../sessionSetup.js";
import type * as setupBuilds from "../setupBuilds.js";
import type * as setupScripts from "../setupScripts.js";
import type * as skillOffers from "../skillOffers.js";
import type * as skills from "../skills.js";
import type * as sweepLease from "../sweepLease.js";
import type * as sweeps from "../sweeps.js";
import type * as sync from "../sync.js";
import type * as tables_agents from "../tables/agents.js";
import type * as tables_audit from "../tables/audit.js";
import type * as tables_checkpoints from "../tables/checkpoints.js";
import type * as tables_git from "../tables/git.js";
import type * as tables_identity from "../tables/identity.js";
import type * as tables_money from "../tables/money.js";
import type * as tables_network from "../tables/network.js";
import type * as tables_registries from "../tables/registries.js";
import type * as tables_sandboxes from "../tables/sandboxes.js";
import type * as tables_setup from "../tables/setup.js";
import type * as tables_skills from "../tables/skills.js";
import type * as tables_variables from "../tables/variables.js";
import type * as usage from "../usage.js";
import type * as usageReports from "../usageReports.js";
import type * as variables from "../variables.js";
import type * as warmSandboxes from "../warmSandboxes.js";
import type * as workspaceFiles from "../workspaceFiles.js";

/**
 * A utility for referencing Convex functions in your app's API.
 *
 * Usage:
 * ```js
 * const myFunctionReference = api.myModule.myFunction;
 * ```
 */
declare const fullApi: ApiFromModules<{
  agents: typeof agents;
  apiKeys: typeof apiKeys;
  approvals: typeof approvals;
  artifacts: typeof artifacts;
  audit: typeof audit;
  checkpointFiles: typeof checkpointFiles;
  checkpointKeys: typeof checkpointKeys;
  checkpoints: typeof checkpoints;
  credits: typeof credits;
  crons: typeof crons;
  due: typeof due;
  events: typeof events;
  exports: typeof exports;
  functions: typeof functions;
  gitConnections: typeof gitConnections;
  gitHooks: typeof gitHooks;
  greenPursuits: typeof greenPursuits;
  greenWork: typeof greenWork;
  headlessRuns: typeof headlessRuns;
  http: typeof http;
  identity: typeof identity;
  migrations: typeof migrations;
  "model/agents": typeof model_agents;
  "model/approvals": typeof model_approvals;
  "model/audit-list": typeof model_audit_list;
  "model/audit-migration": typeof model_audit_migration;
  "model/audit": typeof model_audit;
  "model/begin-session": typeof model_begin_session;
  "model/bounds": typeof model_bounds;
  "model/branches": typeof model_branches;
  "model/checkpoint-files": typeof model_checkpoint_files;
  "model/checkpoint-keys": typeof model_checkpoint_keys;
  "model/checkpoint-turn": typeof model_checkpoint_turn;
  "model/checkpoints": typeof model_checkpoints;
  "model/counts": typeof model_counts;
  "model/credits": typeof model_credits;
  "model/data-keys": typeof model_data_keys;
  "model/deletion": typeof model_deletion;
  "model/driven-repository": typeof model_driven_repository;
  "model/erase": typeof model_erase;
  "model/events": typeof model_events;
  "model/exports": typeof model_exports;
  "model/forget-name": typeof model_forget_name;
  "model/fruitless": typeof model_fruitless;
  "model/git": typeof model_git;
  "model/green": typeof model_green;
  "model/hooks": typeof model_hooks;
  "model/leases": typeof model_leases;
  "model/models": typeof model_models;
  "model/network": typeof model_network;
  "model/new-session": typeof model_new_session;
  "model/paging": typeof model_paging;
  "model/people": typeof model_people;
  "model/questions": typeof model_questions;
  "model/recap": typeof model_recap;
  "model/refunds": typeof model_refunds;
  "model/refusal": typeof model_refusal;
  "model/registries": typeof model_registries;
  "model/removals": typeof model_removals;
  "model/results": typeof model_results;
  "model/resume": typeof model_resume;
  "model/retention": typeof model_retention;
  "model/returns": typeof model_returns;
  "model/rewind": typeof model_rewind;
  "model/runs": typeof model_runs;
  "model/search-texts": typeof model_search_texts;
  "model/secrets": typeof model_secrets;
  "model/session-list": typeof model_session_list;
  "model/session-writer": typeof model_session_writer;
  "model/sessions": typeof model_sessions;
  "model/settings": typeof model_settings;
  "model/setup": typeof model_setup;
  "model/skill-prompts": typeof model_skill_prompts;
  "model/skills": typeof model_skills;
  "model/slot-rows": typeof model_slot_rows;
  "model/slots": typeof model_slots;
  "model/spent": typeof model_spent;
  "model/starter": typeof model_starter;
  "model/totals": typeof model_totals;
  "model/usage-daily": typeof model_usage_daily;
  "model/values": typeof model_values;
  "model/variables": typeof model_variables;
  "model/zod-validator": typeof model_zod_validator;
  networkPolicies: typeof networkPolicies;
  networkRefusals: typeof networkRefusals;
  organizationEvents: typeof organizationEvents;
  organizationSettings: typeof organizationSettings;
  projectSummaries: typeof projectSummaries;
  providerKeys: typeof providerKeys;
  questions: typeof questions;
  registries: typeof registries;
  removals: typeof removals;
  runs: typeof runs;
  sandboxSessions: typeof sandboxSessions;
  savedWork: typeof savedWork;
  sessionAgent: typeof sessionAgent;
  sessionBranches: typeof sessionBranches;
  sessionCheckpoints: typeof sessionCheckpoints;
  sessionCommands: typeof sessionCommands;
  sessionDeletion: typeof sessionDeletion;
  sessionLeases: typeof sessionLeases;
  sessionLists: typeof sessionLists;
  sessionPayer: typeof sessionPayer;
  sessionRepositories: typeof sessionRepositories;
  sessionResume: typeof sessionResume;
  sessionRewinds: typeof sessionRewinds;
  sessionSetup: typeof sessionSetup;
  setupBuilds: typeof setupBuilds;
  setupScripts: typeof setupScripts;
  skillOffers: typeof skillOffers;
  skills: typeof skills;
  sweepLease: typeof sweepLease;
  sweeps: typeof sweeps;
  sync: typeof sync;
  "tables/agents": typeof tables_agents;
  "tables/audit": typeof tables_audit;
  "tables/checkpoints": typeof tables_checkpoints;
  "tables/git": typeof tables_git;
  "tables/identity": typeof tables_identity;
  "tables/money": typeof tables_money;
  "tables/network": typeof tables_network;
  "tables/registries": typeof tables_registries;
  "tables/sandboxes": typeof tables_sandboxes;
  "tables/setup": typeof tables_setup;
  "tables/skills": typeof tables_skills;
  "tables/variables": typeof tables_variables;
  usage: typeof usage;
  usageReports: typeof usageReports;
  variables: typeof variables;
  warmSandboxes: typeof warmSandboxes;
  workspaceFiles: typeof workspaceFiles;
}>;
export declare const api: FilterApi<
  typeof fullApi,
  FunctionReference<any, "public">
>;
export declare const internal: FilterApi<
  typeof fullApi,
  FunctionReference<any, "internal">
>;

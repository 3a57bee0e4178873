import { notFound } from "next/navigation";
import { type Environment, ENVIRONMENTS } from "#domain/catalog.ts";
import { type Role, roleAtLeast } from "#domain/roles.ts";
import { pageMember } from "../member.ts";

const whyNot = (environment: Environment, role: Role): string | undefined => {
  const needed = environment === "production" ? "admin" : "member";
  return roleAtLeast(role, needed)
    ? undefined
    : `Only ${needed}s can change the project in ${environment}; you're a ${role}.`;
};

/** Who opens a page of the project, and why they may change nothing in each environment; undefined where they may. */
export async function projectMember(
  named: string,
  path: string,
): Promise<{ environment: Environment; reasons: Record<Environment, string | undefined> }> {
  const environment = ENVIRONMENTS.find((one) => one === named);
  if (!environment) notFound();
  const { role } = (await pageMember(`/project/${environment}/${path}`)).member;
  return {
    environment,
    reasons: { development: whyNot("development", role), production: whyNot("production", role) },
  };
}

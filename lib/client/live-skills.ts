"use client";

import { usePaginatedQuery, useQuery } from "convex/react";
import type { FunctionReturnType } from "convex/server";
import { useEffect } from "react";
import { api } from "#convex/_generated/api.js";
import { MAX_SKILLS } from "#domain/skills.ts";

/** A skill without its text. */
export type SkillRow = FunctionReturnType<typeof api.skills.list>["page"][number];
/** A skill with its text. */
export type WholeSkill = FunctionReturnType<typeof api.skills.get>;
/** A skill that a message can name. */
export interface MentionableSkill {
  name: string;
  description: string;
  mention: string;
}

const PAGE = 50;

/** The organization's skills, as they change, by root and name; undefined until there are any to show. */
export function useSkills(): readonly SkillRow[] | undefined {
  const { results, status, loadMore } = usePaginatedQuery(api.skills.list, {}, { initialNumItems: PAGE });
  useEffect(() => {
    if (status === "CanLoadMore" && results.length < MAX_SKILLS) loadMore(PAGE);
  }, [status, results.length, loadMore]);
  return status === "LoadingFirstPage" ? undefined : results;
}

/** A skill with its text, as it changes; undefined until it is there. */
export function useSkill(skillId: string): WholeSkill | undefined {
  return useQuery(api.skills.get, { skillId });
}

/** What a message can name: in a session, the skills of its roots that are on; before one, those of the default root. */
export function useMentionable(sessionId: string | undefined): readonly MentionableSkill[] {
  const ofSession = useQuery(api.skills.ofSession, sessionId === undefined ? "skip" : { sessionId });
  const before = useQuery(api.skills.mentionable, sessionId === undefined ? {} : "skip");
  return ofSession?.skills.filter(({ enabled }) => enabled) ?? before ?? [];
}

/** A change that an agent has made to a skill. */
export type SkillOffer = FunctionReturnType<typeof api.skillOffers.list>["page"][number];

/** The newest of the changes that nobody has decided on yet, as they come. */
export function useSkillOffers(): readonly SkillOffer[] {
  return usePaginatedQuery(api.skillOffers.list, {}, { initialNumItems: 10 }).results;
}

/** The role of the project that its agents act through. */
export const AGENT_ROLE = "agent";

/** Who wants something of a record. */
export interface ProjectActor {
  kind: "user" | "agent" | "system";
  organizationId: string;
  userId?: string;
  /** True for an admin of the organization, whom roles do not bind. */
  isAdmin?: boolean;
  /** Names of the roles they have. An agent has {@link AGENT_ROLE}, whatever stands here. */
  roles: readonly string[];
  /** The record that stands for them, of an entity type that is bound to a role. */
  entityId?: string;
  /** Ids of records that are related to them, by the relation's name. */
  relatedIds?: Readonly<Record<string, readonly string[]>>;
}

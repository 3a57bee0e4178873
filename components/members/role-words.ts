import type { PersonRole } from "../../lib/domain/people.ts";
import { members as t } from "../../lib/client/messages/members.ts";

/** A role's name, and what it is in a sentence: "as an admin". */
export const ROLE_WORDS: Record<PersonRole, { name: string; as: string; may: string }> = {
  owner: { name: t.owner, as: "an owner", may: t.doesEverythingAndCanDelete },
  admin: { name: t.admin, as: "an admin", may: t.managesPeopleKeysAndMoney },
  member: {
    name: t.member,
    as: "a member",
    may: t.startsSessionsInDevelopmentAnd,
  },
  viewer: { name: t.viewer, as: "a viewer", may: t.seesSessionsLiveAndWhat },
};

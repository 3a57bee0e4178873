/** What the title of a branch begins with, before its session's own. */
export const BRANCH_OF = "Branch of ";

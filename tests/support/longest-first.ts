import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The files that take longest, longest first. One that begins last is what all others have to be waited for. */
const LONGEST = [
  "integration/faults",
  "integration/session",
  "integration/setup",
  "integration/every-response",
  "integration/two-servers",
  "integration/rewind",
  "integration/mcp",
  "integration/git",
  "integration/random-faults",
  "integration/silence",
  "integration/start",
  "contract/demo-model/opencode",
  "contract/gateway/opencode",
  "contract/agent/workspace",
  "contract/auth/embedded",
  "contract/sandbox-host/isolation",
  "contract/agent/bridge",
  "contract/sandbox-host/lasting",
];

const rank = ({ moduleId }: TestSpecification) => {
  const found = LONGEST.findIndex((name) => moduleId.endsWith(`/tests/${name}.test.ts`));
  return found < 0 ? LONGEST.length : found;
};

/** Begins with the files of {@link LONGEST}; the others keep Vitest's own order, the larger first. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- a method of Vitest's, not of an array
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => (a.project.name === b.project.name ? rank(a) - rank(b) : 0));
  }
}

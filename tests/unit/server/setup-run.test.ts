import { CommandExitError, NotFoundError, type Sandbox } from "e2b";
import { expect, test } from "vitest";
import { Masker } from "#domain/mask.ts";
import { runSetupScript, SetupFailed } from "#server/sandbox-start/setup-run.ts";

/** A sandbox in which a script prints something and then ends so. */
function sandboxThat(prints: string, ends: Error): Sandbox {
  const run = async (_command: string, { onStdout }: { onStdout?: (text: string) => void } = {}) => {
    onStdout?.(prints);
    return { wait: async () => await Promise.reject(ends), kill: async () => true };
  };
  const files = { write: async () => undefined };
  return { sandboxId: "none", files, commands: { run } } as unknown as Sandbox;
}

async function failureOf(sandbox: Sandbox): Promise<{ error: SetupFailed; printed: string }> {
  let printed = "";
  const error: unknown = await runSetupScript(sandbox, {
    script: "npm ci",
    folder: null,
    timeoutMs: 5_000,
    env: {},
    masker: new Masker(["secret-of-set-up"]),
    onOutput: async (text) => void (printed += text),
  }).catch((thrown: unknown) => thrown);
  if (!(error instanceof SetupFailed)) throw error;
  return { error, printed };
}

test("a full disk that the script is told of is named by its last words, masked", async () => {
  const words = "npm error ENOSPC: no space left on device, secret-of-set-up";
  const exit = new CommandExitError({ exitCode: 228, error: "", stdout: "", stderr: "" });
  const { error, printed } = await failureOf(sandboxThat(`fetching\n${words}\n`, exit));
  expect(error.message).toMatch(
    /^Set-up failed with exit code 228: npm error ENOSPC: no space left on device, ••/,
  );
  expect(error.endedSandbox).toBe(false);
  expect(printed).toContain("fetching");
  expect(printed).not.toContain("secret-of-set-up");
});

test("one that ends the sandbox is named, too, and the next sandbox begins without the script", async () => {
  const { error, printed } = await failureOf(sandboxThat("filling\n", new NotFoundError("gone")));
  expect(error.message).toContain("more disk or memory");
  expect(error.endedSandbox).toBe(true);
  expect(printed).toContain("filling");
});

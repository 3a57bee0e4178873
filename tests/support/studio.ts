import { afterAll } from "vitest";
import { Api } from "./api.ts";
import { Stack } from "./stack.ts";

/**
 * Studio for one test file, and the API with its owner's key. To be awaited at the top of the file; it is stopped
 * after the file's last test, after whatever the file itself ends in an `afterAll`.
 */
export async function startStudio(
  ...options: Parameters<typeof Stack.start>
): Promise<{ stack: Stack; api: Api }> {
  const stack = await Stack.start(...options);
  afterAll(async () => await stack.stop());
  return { stack, api: Api.withKey(stack.url, stack.credentials.apiKey) };
}

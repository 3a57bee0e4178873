/** What Clerk's script leaves in a page, as far as it is used here. */
interface ClerkScript {
  session?: { getToken: (options: { skipCache: boolean }) => Promise<string | null> } | null;
}

/** Clerk's script tries for minutes where Clerk can't be reached: nobody waits that long for a refusal. */
const RENEW_MS = 10_000;

/**
 * Has Clerk's script renew a sign-in that has run out, such as after the computer slept.
 * @returns whether there is a new one, so that a refused request is worth another try; false where Clerk is not used
 */
export async function renewSignIn(): Promise<boolean> {
  const { Clerk } = globalThis as { Clerk?: ClerkScript };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), RENEW_MS);
  });
  try {
    return (await Promise.race([Clerk?.session?.getToken({ skipCache: true }), late])) != null;
  } catch {
    // Clerk can't be reached: the refusal stands.
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/** What Clerk's script leaves in a page, as far as it is used here. */
interface ClerkScript {
  session?: { getToken: (options: { skipCache: boolean }) => Promise<string | null> } | null;
}

/**
 * Has Clerk's script renew a sign-in that has run out, such as after the computer slept.
 * @returns whether there is a new one, so that a refused request is worth another try; false where Clerk is not used
 */
export async function renewSignIn(): Promise<boolean> {
  const { Clerk } = globalThis as { Clerk?: ClerkScript };
  try {
    return (await Clerk?.session?.getToken({ skipCache: true })) != null;
  } catch {
    // Clerk can't be reached: the refusal stands.
    return false;
  }
}

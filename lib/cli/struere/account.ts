import { keepLogin, loginsFor, readCredentials, settingsOf, writeCredentials } from "./credentials.ts";
import { CliError, EXIT } from "./options.ts";
import { type Call, readProjectFile, type Report } from "./project.ts";
import { type Environment, Remote, siteUrl } from "./remote.ts";

/** Keeps a key for the address, once it has been seen to work. @param input what was typed or piped in */
export async function loginByKey(environment: Environment, input: string): Promise<Report> {
  const key = input.trim();
  if (key === "" || /\s/.test(key))
    throw new CliError(
      "Pipe one API key in: struere login < key-file. Create it in Studio's settings.",
      EXIT.usage,
    );
  const url = siteUrl(environment);
  const state = await new Remote({ STRUERE_API_KEY: key, STRUERE_CONVEX_SITE_URL: url }).state();
  const { organization } = state;
  await keepLogin(environment, {
    url,
    key,
    organization,
    environment: state.environment,
    expiresAt: null,
  });
  return {
    exitCode: 0,
    lines: [`Logged in to ${organization.name}, ${state.environment}.`],
    json: { organization, environment: state.environment },
  };
}

interface Folder {
  folder: string;
  environment: Environment;
  /** What `--env` says. */
  named: string | undefined;
}

/**
 * Revokes and forgets the logins of the folder's organization, or of the one in use. A key that was typed in is only
 * forgotten, since others may use it, too.
 */
export async function logout({
  folder,
  environment,
  named,
  force,
}: Folder & { force: boolean }): Promise<Report> {
  const all = await readCredentials(environment);
  const found = (await loginsFor(folder, all, undefined)).filter(
    (login) => named === undefined || login.environment === named,
  );
  const lines: string[] = [];
  for (const login of found) {
    const remote = new Remote({ STRUERE_API_KEY: login.key, STRUERE_CONVEX_SITE_URL: login.url });
    const name = `${login.organization.name}, ${login.environment}`;
    try {
      const { revoked } = await remote.logout();
      lines.push(
        revoked
          ? `Logged out of ${name}: the key is revoked.`
          : `Logged out of ${name}. The key itself stays valid until it's revoked in Studio.`,
      );
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      // A key that Studio no longer takes is as good as revoked.
      if (error.exitCode === EXIT.access || error.exitCode === EXIT.expired)
        lines.push(`Logged out of ${name}: the key was no longer valid.`);
      else if (force) lines.push(`Forgot ${name}. The key may still be valid: ${error.message}`);
      else
        throw new CliError(
          `The key of ${name} could not be revoked, so it's kept. ${error.message} With --force, it's forgotten all the same.`,
          error.exitCode,
        );
    }
    // Each for itself: what was revoked must not stay because of another one.
    const now = await readCredentials(environment);
    const logins = now.logins.filter(({ key }) => key !== login.key);
    await writeCredentials(environment, {
      ...now,
      logins,
      current: logins.some(({ organization }) => organization.id === now.current?.organizationId)
        ? now.current
        : null,
    });
  }
  return {
    exitCode: 0,
    lines: lines.length > 0 ? lines : ["There was no login."],
    json: { was: found.length > 0 },
  };
}

/** Whose key it is, and what it may do. */
export async function whoami({ remote }: Call): Promise<Report> {
  const { organization, environment, role, read_only } = await remote.state();
  return {
    exitCode: 0,
    lines: [
      `${organization.name} (${organization.slug}), ${environment}`,
      role === null ? "A sandbox's own key" : `Role: ${role}`,
      read_only === null ? "May pull and push." : `May pull. ${read_only}`,
    ],
    json: { organization, environment, role, read_only },
  };
}

/** Which organization the key and this folder belong to. */
async function shownOrg({ folder, environment, named }: Folder): Promise<Report> {
  const { organization } = await new Remote(await settingsOf(folder, environment, named)).state();
  const own = (await readProjectFile(folder))?.organization ?? null;
  return {
    exitCode: 0,
    lines: [
      `Key: ${organization.name} (${organization.slug})`,
      own ? `This folder: ${own.slug}` : "This folder has no struere.json: struere init makes one.",
    ],
    json: { organization, folder: own },
  };
}

/** The organizations that there are logins for, and the one that is used where a folder names none. */
export async function org(given: Folder, [word, slug]: readonly string[]): Promise<Report> {
  if (word === undefined) return await shownOrg(given);
  const all = await readCredentials(given.environment);
  const isCurrent = ({ url, organization }: { url: string; organization: { id: string } }) =>
    url === all.current?.url && organization.id === all.current.organizationId;
  if (word === "list" && slug === undefined)
    return {
      exitCode: 0,
      lines:
        all.logins.length === 0
          ? ["There's no login. struere login makes one."]
          : all.logins.map(
              (login) =>
                `${isCurrent(login) ? "*" : " "} ${login.organization.slug} (${login.organization.name}), ${login.environment}${login.expiresAt === null ? "" : `, until ${login.expiresAt.slice(0, 10)}`}`,
            ),
      json: {
        logins: all.logins.map(({ url, organization, environment, expiresAt }) => ({
          url,
          organization,
          environment,
          expires_at: expiresAt,
          current: isCurrent({ url, organization }),
        })),
      },
    };
  if (word !== "use" || slug === undefined)
    throw new CliError("Say struere org, struere org list, or struere org use SLUG.", EXIT.usage);
  const login = all.logins.find(({ organization }) => organization.slug === slug);
  if (!login)
    throw new CliError(
      `There's no login for ${slug}. Choose that organization in Studio, and run struere login.`,
      EXIT.access,
    );
  await writeCredentials(given.environment, {
    ...all,
    current: { url: login.url, organizationId: login.organization.id },
  });
  return {
    exitCode: 0,
    lines: [`Folders without a struere.json now mean ${login.organization.name}.`],
    json: { organization: login.organization },
  };
}

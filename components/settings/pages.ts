/** The pages of the settings by what they are about, with further words that find each in the palette. */
export const SETTINGS_GROUPS = [
  {
    name: "Models",
    pages: [
      { href: "/settings/providers", name: "Providers", keywords: "settings keys models" },
      { href: "/settings/models", name: "Models", keywords: "settings prices catalog cost tokens context" },
    ],
  },
  {
    name: "Agent",
    pages: [
      { href: "/settings/agents", name: "Agents", keywords: "settings prompt instructions role tools model" },
      { href: "/settings/rules", name: "Rules", keywords: "settings approvals allow deny ask commands" },
      { href: "/settings/mcp", name: "MCP servers", keywords: "settings tools model context protocol" },
      { href: "/settings/skills", name: "Skills", keywords: "settings instructions mentions skill.md" },
    ],
  },
  {
    name: "Workspace",
    pages: [
      { href: "/settings/sessions", name: "Sessions", keywords: "settings defaults limits" },
      { href: "/settings/variables", name: "Variables", keywords: "settings secrets environment env" },
      {
        href: "/settings/setup",
        name: "Set-up",
        keywords: "settings setup script install snapshot prepare",
      },
      { href: "/settings/git", name: "Git", keywords: "settings repositories github connections token" },
      {
        href: "/settings/registries",
        name: "Registries",
        keywords: "settings packages npm pypi pip private token",
      },
      {
        href: "/settings/network",
        name: "Network",
        keywords: "settings policy hosts allow registry sandbox",
      },
    ],
  },
  {
    name: "Money",
    pages: [
      { href: "/settings/billing", name: "Billing", keywords: "settings credits usage cost" },
      { href: "/settings/limits", name: "Limits", keywords: "settings money budget month spending cap" },
    ],
  },
  {
    name: "Organization",
    pages: [
      { href: "/settings/members", name: "Members & roles", keywords: "settings people invite team" },
      { href: "/settings/api-keys", name: "API keys", keywords: "settings tokens" },
      {
        href: "/settings/support",
        name: "Support access",
        keywords: "settings operator help consent ticket",
      },
      { href: "/settings/audit", name: "Audit log", keywords: "settings history who changed" },
    ],
  },
  {
    name: "You",
    pages: [
      {
        href: "/settings/notifications",
        name: "Notifications",
        keywords: "settings browser alerts tell bell email slack webhook",
      },
      { href: "/settings/account", name: "Account", keywords: "settings password" },
    ],
  },
] as const;

export const SETTINGS_PAGES = SETTINGS_GROUPS.flatMap(({ pages }) => [...pages]);

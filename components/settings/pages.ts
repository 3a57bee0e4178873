/** The pages of the settings, with further words that find each in the palette. */
export const SETTINGS_PAGES = [
  { href: "/settings/providers", name: "Providers", keywords: "settings keys models" },
  { href: "/settings/models", name: "Models", keywords: "settings prices catalog cost tokens context" },
  { href: "/settings/agents", name: "Agents", keywords: "settings prompt instructions role tools model" },
  { href: "/settings/rules", name: "Rules", keywords: "settings approvals allow deny ask commands" },
  { href: "/settings/mcp", name: "MCP servers", keywords: "settings tools model context protocol" },
  { href: "/settings/skills", name: "Skills", keywords: "settings instructions mentions skill.md" },
  { href: "/settings/sessions", name: "Sessions", keywords: "settings defaults limits" },
  { href: "/settings/variables", name: "Variables", keywords: "settings secrets environment env" },
  { href: "/settings/setup", name: "Set-up", keywords: "settings setup script install snapshot prepare" },
  { href: "/settings/git", name: "Git", keywords: "settings repositories github connections token" },
  {
    href: "/settings/registries",
    name: "Registries",
    keywords: "settings packages npm pypi pip private token",
  },
  { href: "/settings/network", name: "Network", keywords: "settings policy hosts allow registry sandbox" },
  { href: "/settings/billing", name: "Billing", keywords: "settings credits usage cost" },
  { href: "/settings/members", name: "Members & roles", keywords: "settings people invite team" },
  { href: "/settings/api-keys", name: "API keys", keywords: "settings tokens" },
  { href: "/settings/audit", name: "Audit log", keywords: "settings history who changed" },
  { href: "/settings/account", name: "Account", keywords: "settings password" },
] as const;

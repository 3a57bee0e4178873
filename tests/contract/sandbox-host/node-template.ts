import fs from "node:fs";
import path from "node:path";

/** Writes a template with this Node and nothing else, for servers and clients inside. Returns its folder. */
export function writeNodeTemplate(folder: string, repo: string): string {
  fs.mkdirSync(path.join(folder, "skeleton"), { recursive: true });
  fs.writeFileSync(path.join(folder, "skeleton", "greeting"), "welcome\n");
  const manifest = {
    mounts: [{ source: path.join(repo, "node_modules/node/bin/node"), target: "/opt/tools/bin/node" }],
    env: { FROM_TEMPLATE: "yes" },
    path: ["/opt/tools/bin"],
    home: "skeleton",
    folders: ["/data/made"],
  };
  fs.writeFileSync(path.join(folder, "template.json"), JSON.stringify(manifest));
  return folder;
}

// A dry run of the next release: changesets gives every public package a version and a changelog, in a copy of the tree.
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { capture } from "../setup/capture.mjs";
import { bin, root } from "../setup/workspace.mjs";
import type { PublicPackage } from "./public-package.ts";

export async function releaseComplaints(packages: readonly PublicPackage[], copy: string): Promise<string[]> {
  await copyTree(copy);
  // Also when no changeset is pending, the run versions every package.
  const everything = packages.map(({ name }) => `"${name}": patch\n`).join("");
  writeFileSync(join(copy, ".changeset", "dry-run.md"), `---\n${everything}---\n\nA change for the dry run.\n`);
  await git(copy, "init", "--quiet", "--initial-branch=main");
  await git(copy, "add", "--all");
  await git(copy, "commit", "--quiet", "--message=The tree as it is");

  const { ok, text } = await capture(join(bin, "changeset"), ["version"], { cwd: copy });
  if (!ok) return [`changeset version failed:\n${text}`];
  return packages.flatMap(({ name, folder }) => {
    const before = versionIn(folder);
    const after = versionIn(join(copy, "packages", basename(folder)));
    console.log(`    ${name} ${before} -> ${after}`);
    const changelog = join(copy, "packages", basename(folder), "CHANGELOG.md");
    return [
      ...(before === after ? [`${name} keeps the version ${before}`] : []),
      ...(existsSync(changelog) && readFileSync(changelog, "utf8").includes(`## ${after}`)
        ? []
        : [`${name} got no changelog for ${after}`]),
    ];
  });
}

/** Copies what git would commit, so neither builds nor dependencies; the latter come in as a link. */
async function copyTree(copy: string): Promise<void> {
  const listed = await capture("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], { cwd: root });
  if (!listed.ok) throw new Error(`git ls-files failed:\n${listed.text}`);
  for (const file of listed.stdout.split("\0").filter((name) => name !== "" && existsSync(join(root, name)))) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file));
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
}

async function git(cwd: string, ...args: string[]): Promise<void> {
  const identity = ["-c", "user.name=dry run", "-c", "user.email=dry-run@p2p.invalid", "-c", "commit.gpgsign=false"];
  const { ok, text } = await capture("git", [...identity, ...args], { cwd });
  if (!ok) throw new Error(`git ${args[0]} failed:\n${text}`);
}

function versionIn(folder: string): string {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version;
}

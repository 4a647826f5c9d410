// Checks what a tarball holds: the built files with their types and the legal text, no test and no source.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { capture } from "../setup/capture.mjs";
import { bin } from "../setup/workspace.mjs";
import type { PublicPackage } from "./public-package.ts";

export async function contentComplaints({ tarball, folder }: PublicPackage): Promise<string[]> {
  const { stdout } = await capture("tar", ["-tzf", tarball], { cwd: folder });
  const files = stdout.split("\n").flatMap((line) => (line.startsWith("package/") ? [line.slice(8)] : []));
  const complaints = ["README.md", "LICENSE", "dist/index.js", "dist/index.d.ts"]
    .filter((file) => !files.includes(file))
    .map((file) => `${file} is missing`);
  const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  if (!exports["./testing"] && files.some((file) => file.startsWith("dist/testing/"))) {
    complaints.push("dist/testing is for tests: leave it out by tsconfig.build.json, or export it as ./testing");
  }
  for (const file of files) {
    const isBuilt = /^dist\/.*\.(js|d\.ts)$/.test(file);
    const isDocument = ["package.json", "README.md", "LICENSE", "CHANGELOG.md"].includes(file);
    if (/\.test\./.test(file)) complaints.push(`${file} is a test`);
    else if (!isBuilt && !isDocument) complaints.push(`${file} does not belong in a package`);
    if (/^dist\/.*\.js$/.test(file) && !files.includes(file.replace(/js$/, "d.ts")))
      complaints.push(`${file} has no types`);
  }
  return complaints;
}

export async function publintComplaints({ tarball }: PublicPackage): Promise<string[]> {
  const bytes = readFileSync(tarball);
  const data = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const { messages, pkg } = await publint({ pack: { tarball: data as ArrayBuffer }, strict: true });
  return messages.flatMap((message) => formatMessage(message, pkg, { color: false }) ?? message.code);
}

export async function typeComplaints({ tarball, folder }: PublicPackage): Promise<string[]> {
  const args = [tarball, "--profile", "esm-only", "--no-definitely-typed", "--no-emoji", "--no-color", "-f", "ascii"];
  const { ok, text } = await capture(join(bin, "attw"), args, { cwd: folder });
  return ok ? [] : [text];
}

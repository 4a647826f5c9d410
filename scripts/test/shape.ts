// Stage: the shape of every public package, as a user would install it: content, types, README, browser, release.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Bundle } from "../browser/bundle.ts";
import { isChromiumInstalled } from "../browser/chromium.ts";
import { machineNode, pinnedNode, root } from "../setup/workspace.mjs";
import { bundlePage, type Page, pages, runComplaints, sizeComplaints } from "../shape/browser.ts";
import { errorCodeComplaints } from "../shape/error-codes.ts";
import { type Example, readExamples } from "../shape/example.ts";
import { compileExample, runExample } from "../shape/example-run.ts";
import { comesWith, installPacked, installWith } from "../shape/installed-package.ts";
import { type PublicPackage, packAll } from "../shape/public-package.ts";
import { releaseComplaints } from "../shape/release.ts";
import { chromiumComplaints, nodeTestComplaints } from "../shape/simulated.ts";
import { contentComplaints, publintComplaints, typeComplaints } from "../shape/tarball.ts";
import { type StageResult, single, sum } from "./result.ts";

export async function shape(): Promise<StageResult> {
  const folder = mkdtempSync(join(tmpdir(), "p2p-shape-"));
  try {
    const packages = await packAll(folder);
    if (packages.length === 0) throw new Error("found no public package");
    const results: StageResult[] = [];
    for (const target of packages) results.push(await shapeOf(target, packages, join(folder, basename(target.folder))));
    const sync = packages.find(({ name }) => name === "@p2p/sync");
    if (!sync) throw new Error("the examples of the workspace need @p2p/sync");
    results.push(await examplesOf("the workspace", root, sync, packages, join(folder, "sync")));
    for (const page of pages) results.push(await shapeInBrowser(page, join(folder, page.name)));
    results.push(await shapeOfSimulation(join(folder, "simulator")));
    results.push(await check("all: changesets versions them", () => releaseComplaints(packages, join(folder, "copy"))));
    return sum(results);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function shapeOf(target: PublicPackage, all: readonly PublicPackage[], folder: string): Promise<StageResult> {
  const results = [
    await check(`${target.name}: content of the tarball`, () => contentComplaints(target)),
    await check(`${target.name}: publint`, () => publintComplaints(target)),
    await check(`${target.name}: are the types wrong`, () => typeComplaints(target)),
    await check(`${target.name}: error codes in the README`, () => errorCodeComplaints(target)),
    await check(`${target.name}: installs from its tarball`, () => installPacked(target, all, folder)),
  ];
  return sum([...results, await examplesOf(target.name, target.folder, target, all, folder)]);
}

/** Runs the examples of the README.md in `source`: in `folder`, where `target` is installed, or beside it with what else they import. */
async function examplesOf(
  label: string,
  source: string,
  target: PublicPackage,
  all: readonly PublicPackage[],
  folder: string,
): Promise<StageResult> {
  const examples = readExamples(source);
  if (examples.length === 0) return check(`${label}: README`, () => ["it has no ```ts or ```js example"]);
  const results: StageResult[] = [];
  for (const [index, example] of examples.entries()) {
    const name = index === 0 ? label : `${label}, example ${index + 1}`;
    const { imports } = example;
    let place = folder;
    if (!comesWith(target, imports)) {
      place = `${folder}-with-${imports.join("-").replaceAll(/[@/]/g, "")}`;
      const where = place;
      results.push(
        await check(`${name}: installs ${imports.join(", ")}`, () => installWith(target, imports, all, where)),
      );
    }
    results.push(await exampleOf(name, example, place));
  }
  return sum(results);
}

async function exampleOf(label: string, example: Example, folder: string): Promise<StageResult> {
  const results = [await check(`${label}: types of the README example`, () => compileExample(example, folder))];
  for (const [name, node] of nodes()) {
    results.push(await check(`${label}: README example on ${name}`, () => runExample(example, folder, node)));
  }
  return sum(results);
}

async function shapeInBrowser(page: Page, folder: string): Promise<StageResult> {
  const label = `@p2p/${page.name}`;
  const bundles: Bundle[] = [];
  const bundled = await check(`${label}: bundles for browsers`, async () => {
    bundles.push(await bundlePage(page, folder));
    return [];
  });
  const [bundle] = bundles;
  if (!bundle) return bundled;
  const size = await check(`${label}: size of the bundle`, () => sizeComplaints(page, bundle));
  const run = isChromiumInstalled()
    ? await check(`${label}: ${page.does} in Chromium`, () => runComplaints(page, bundle))
    : { passed: 0, failed: 0, skips: [`Chromium is not installed: ${label} was not run in a browser`] };
  return sum([bundled, size, run]);
}

async function shapeOfSimulation(folder: string): Promise<StageResult> {
  const results: StageResult[] = [];
  for (const [name, node] of nodes()) {
    const label = `@p2p/simulator: a world under node --test, on ${name}`;
    results.push(await check(label, () => nodeTestComplaints(folder, node)));
  }
  const run = isChromiumInstalled()
    ? await check("@p2p/simulator: the same run in Chromium as on Node", () => chromiumComplaints(folder, pinnedNode))
    : { passed: 0, failed: 0, skips: ["Chromium is not installed: no world was run in a browser"] };
  return sum([...results, run]);
}

/** What users may run packages on, as far as it is here. */
function nodes(): ReadonlyMap<string, string> {
  const machine = machineNode();
  return new Map([["the pinned Node", pinnedNode], ...(machine ? [["this machine's Node", machine] as const] : [])]);
}

/** Runs one check, prints its outcome, and counts it as one test. */
async function check(name: string, run: () => readonly string[] | Promise<readonly string[]>): Promise<StageResult> {
  let complaints: readonly string[];
  try {
    complaints = await run();
  } catch (error) {
    complaints = [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  }
  console.log(`  ${complaints.length === 0 ? "✓" : "✗"} ${name}`);
  for (const complaint of complaints) console.log(complaint.replace(/^/gm, "      "));
  return single(complaints.length === 0);
}

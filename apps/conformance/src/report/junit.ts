// The report as JUnit XML: one suite a chapter of cases, one test case a case.
import type { CaseResult } from "../runner/case.js";
import { summarise } from "./json.js";

export function formatJunit(target: string, results: readonly CaseResult[], problems: readonly string[]): string {
  const suites = new Map<string, CaseResult[]>();
  for (const result of results) {
    const suite = result.id.split("/").slice(0, 2).join("/");
    suites.set(suite, [...(suites.get(suite) ?? []), result]);
  }
  const { failed, skipped } = summarise(results);
  const total = results.length + problems.length;
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${escaped(`conformance of ${target}`)}" tests="${total}" failures="${failed + problems.length}" skipped="${skipped}">`,
  ];
  for (const [name, cases] of suites) lines.push(...suiteLines(name, cases));
  if (problems.length > 0) {
    lines.push(`  <testsuite name="coverage" tests="${problems.length}" failures="${problems.length}" skipped="0">`);
    for (const problem of problems) {
      lines.push(
        `    <testcase classname="coverage" name="${escaped(problem)}"><failure message="${escaped(problem)}"/></testcase>`,
      );
    }
    lines.push("  </testsuite>");
  }
  lines.push("</testsuites>", "");
  return lines.join("\n");
}

function suiteLines(name: string, cases: readonly CaseResult[]): string[] {
  const { failed, skipped } = summarise(cases);
  const seconds = (durationMs: number): string => (durationMs / 1000).toFixed(3);
  const time = seconds(cases.reduce((sum, one) => sum + one.durationMs, 0));
  const lines = [
    `  <testsuite name="${escaped(name)}" tests="${cases.length}" failures="${failed}" skipped="${skipped}" time="${time}">`,
  ];
  for (const one of cases) {
    const title = escaped(`${one.requirements.join(" ")} ${one.id}`);
    const open = `    <testcase classname="${escaped(name)}" name="${title}" time="${seconds(one.durationMs)}"`;
    const reason = escaped(one.reason ?? "");
    if (one.outcome === "passed") lines.push(`${open}/>`);
    else if (one.outcome === "failed") lines.push(`${open}><failure message="${reason}"/></testcase>`);
    else lines.push(`${open}><skipped message="${reason}"/></testcase>`);
  }
  return [...lines, "  </testsuite>"];
}

function escaped(text: string): string {
  const names: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  // XML 1.0 cannot hold other control characters at all.
  return text.replaceAll(/[&<>"]/g, (sign) => names[sign] ?? sign).replaceAll(/[^\P{Cc}\t\n\r]/gu, "?");
}

// Prints results as tables for a terminal.
import { type BenchResult, type Comparison, type Measurement, median } from "./result.js";

/** Lines of one group: what was measured, what was compared, what to know about it. */
export function reportLines(result: BenchResult): readonly string[] {
  const lines = ["", `== ${result.group} ==`, ""];
  if (result.measurements.length > 0) {
    lines.push(
      ...table(["measured", "side", "median", "min – max", "unit"], result.measurements.map(measurementRow)),
      "",
    );
  }
  if (result.comparisons.length > 0) {
    lines.push(...table(["compared", "ratio", "min – max", "target", ""], result.comparisons.map(comparisonRow)), "");
  }
  lines.push(...result.notes.map((note) => `note: ${note}`));
  return lines;
}

/** One sentence on how many of the targets were met. */
export function summaryLine(results: readonly BenchResult[]): string {
  const aimed = results.flatMap((result) => result.comparisons).filter((comparison) => comparison.target);
  const met = aimed.filter((comparison) => comparison.isMet).length;
  return `${met} of ${aimed.length} targets met`;
}

function measurementRow({ scenario, side, samples, unit }: Measurement): readonly string[] {
  const spread = `${figure(Math.min(...samples))} – ${figure(Math.max(...samples))}`;
  return [scenario, side, figure(median(samples)), spread, unit];
}

function comparisonRow(comparison: Comparison): readonly string[] {
  const { scenario, side, other, ratio, ratioMin, ratioMax, target, isMet } = comparison;
  const aim = target ? `${target.bound === "at-least" ? "≥" : "≤"} ${figure(target.ratio)}` : "";
  const verdict = isMet === undefined ? "" : isMet ? "met" : "NOT MET";
  return [`${scenario}: ${side} / ${other}`, figure(ratio), `${figure(ratioMin)} – ${figure(ratioMax)}`, aim, verdict];
}

/** Three figures of what counts: 12,345,678 → 12,300,000; 3.14159 → 3.14. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return Number(value.toPrecision(3)).toLocaleString("en", { maximumSignificantDigits: 3 });
}

/** Columns as wide as their widest cell, two spaces apart. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? "").length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd();
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)];
}

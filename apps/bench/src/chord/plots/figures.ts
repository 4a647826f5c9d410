// The figures of the papers, from what was simulated.
import type { Churn } from "./churn.js";
import type { Deaths } from "./deaths.js";
import type { Load } from "./load.js";
import type { PathLengths } from "./paths.js";
import type { Axis, Figure } from "./svg.js";

/** A figure, and the name of its file without the ending. */
export interface NamedFigure extends Figure {
  readonly name: string;
}

export function pathFigure(paths: readonly PathLengths[], seed: number): NamedFigure {
  const sizes = paths.map(({ members }) => members);
  return {
    name: "path-length",
    title: "Path length of a lookup, by the size of the ring",
    subtitle: `mean, and 1st to 99th percentile; ${(paths[0]?.hops.length ?? 0).toLocaleString("en")} lookups a size; as SIGCOMM 2001, figure 10 (a); seed ${seed}`,
    x: { ...across("members", sizes), scale: "logarithmic" },
    y: upTo("nodes passed", 2 * Math.ceil(Math.log2(sizes.at(-1) ?? 1) / 3), 2),
    series: [
      {
        name: "measured",
        look: "line",
        points: paths.map(({ members, hops }) => {
          return { x: members, y: mean(hops), spread: [part(hops, 0.01), part(hops, 0.99)] };
        }),
      },
      { name: "½ log2 n, the paper's", look: "dashes", points: sizes.map((x) => ({ x, y: Math.log2(x) / 2 })) },
    ],
  };
}

export function distributionFigure({ members, hops }: PathLengths, seed: number): NamedFigure {
  const longest = hops.at(-1) ?? 0;
  const fractions = Array.from({ length: longest + 1 }, (_, length) => {
    return { x: length, y: hops.filter((each) => each === length).length / hops.length };
  });
  return {
    name: "path-distribution",
    title: `How many of the lookups pass how many nodes, ${members.toLocaleString("en")} members`,
    subtitle: `${hops.length.toLocaleString("en")} lookups, mean ${mean(hops).toFixed(2)}; as SIGCOMM 2001, figure 10 (b); seed ${seed}`,
    x: {
      ...across(
        "nodes passed",
        fractions.map(({ x }) => x),
      ),
      from: -0.6,
      to: longest + 0.6,
      scale: "linear",
    },
    y: { ...upTo("part of the lookups", 0.6, 0.1), written: percent },
    series: [{ name: "measured", look: "bars", points: fractions }],
  };
}

export function deathFigure(found: readonly Deaths[], members: number, seed: number): NamedFigure {
  const points = (pick: (deaths: Deaths) => number) => found.map((each) => ({ x: each.died, y: pick(each) }));
  const fractions = found.map(({ died }) => died);
  const { failedAtOnce = 0, failedLater = 0 } = found.at(-1) ?? {};
  const missed = `${(100 * failedAtOnce).toFixed(2)} % of the last lookups miss at once, ${(100 * failedLater).toFixed(2)} % three rounds later`;
  return {
    name: "failed-lookups",
    title: `What fails when members die at once, of ${members.toLocaleString("en")}`,
    subtitle: `as SIGCOMM 2001, figure 11; ${missed}; seed ${seed}`,
    x: { ...across("part of the members that died", fractions), scale: "linear", written: percent },
    y: { ...upTo("part that failed", 0.6, 0.1), written: percent },
    series: [
      { name: "values with one holder, lost", look: "line", points: points(({ lostAlone }) => lostAlone) },
      { name: "p, the paper's", look: "dashes", points: fractions.map((x) => ({ x, y: x })) },
      { name: "lookups that miss the live owner, at once", look: "line", points: points((each) => each.failedAtOnce) },
      { name: "values with all their copies, lost", look: "rings", points: points((each) => each.lostWithCopies) },
    ],
  };
}

export function loadFigure(found: readonly Load[], members: number, seed: number): NamedFigure {
  const sizes = found.map(({ values }) => values);
  const points = (pick: (load: Load) => number) => found.map((each) => ({ x: each.values, y: pick(each) }));
  const highest = Math.max(...found.map(({ first }) => part(first, 0.99)));
  return {
    name: "load-per-node",
    title: `What members hold, of the mean of all ${members.toLocaleString("en")}`,
    subtitle: `as SIGCOMM 2001, figure 8 (a), where a value has one position; members stand by chance; seed ${seed}`,
    x: { ...across("values", sizes), scale: "logarithmic" },
    y: upTo("parts of the mean", Math.ceil(highest), 1),
    series: [
      { name: "five positions: 99th percentile", look: "line", points: points(({ all }) => part(all, 0.99)) },
      { name: "one position: 99th percentile", look: "dashes", points: points(({ first }) => part(first, 0.99)) },
      { name: "five positions: median", look: "line", points: points(({ all }) => part(all, 0.5)) },
      { name: "one position: median", look: "dashes", points: points(({ first }) => part(first, 0.5)) },
    ],
  };
}

export function churnFigure(found: readonly Churn[], members: number, seed: number): NamedFigure {
  const points = found.map((each) => ({ x: minutes(each), y: each.right / each.gets }));
  const from = Math.min(0.9, Math.floor(10 * Math.min(...points.map(({ y }) => y))) / 10);
  return {
    name: "churn-gets",
    title: "Gets that find what was set, under churn",
    subtitle: `${churnWords(found, members)}; as USENIX 2004 (Bamboo); seed ${seed}`,
    x: sessions(found),
    y: {
      label: "part of the gets",
      from,
      to: 1,
      ticks: Array.from({ length: 6 }, (_, index) => from + (index * (1 - from)) / 5),
      scale: "linear",
      written: percent,
    },
    series: [
      { name: "measured", look: "line", points },
      { name: "99 %, what is aimed at", look: "dashes", points: found.map((each) => ({ x: minutes(each), y: 0.99 })) },
    ],
  };
}

export function latencyFigure(found: readonly Churn[], members: number, seed: number): NamedFigure {
  const highest = Math.max(...found.map(({ tookMs }) => part(tookMs, 0.99)));
  const step = Math.max(100, Math.ceil(highest / 500) * 100);
  return {
    name: "churn-latency",
    title: "How long gets take, under churn",
    subtitle: `${churnWords(found, members)}; 20 to 80 ms one way; seed ${seed}`,
    x: sessions(found),
    y: upTo("ms", Math.ceil(highest / step) * step, step),
    series: [
      { name: "median", look: "line", points: found.map((each) => ({ x: minutes(each), y: part(each.tookMs, 0.5) })) },
      {
        name: "99th percentile",
        look: "line",
        points: found.map((each) => ({ x: minutes(each), y: part(each.tookMs, 0.99) })),
      },
    ],
  };
}

function churnWords(found: readonly Churn[], members: number): string {
  const gets = Math.min(...found.map((each) => each.gets));
  return `${members} members that crash and are replaced, ${gets.toLocaleString("en")} gets or more a point`;
}

function sessions(found: readonly Churn[]): Axis {
  return { ...across("median session, in minutes", found.map(minutes)), scale: "logarithmic" };
}

function minutes({ sessionMs }: Churn): number {
  return sessionMs / 60_000;
}

function across(label: string, values: readonly number[]): Omit<Axis, "scale"> {
  return {
    label,
    from: Math.min(...values),
    to: Math.max(...values),
    ticks: values,
    written: (tick) => tick.toLocaleString("en"),
  };
}

function upTo(label: string, to: number, step: number): Axis {
  const ticks = Array.from({ length: Math.round(to / step) + 1 }, (_, index) => index * step);
  return { label, from: 0, to, ticks, scale: "linear", written: (tick) => tick.toLocaleString("en") };
}

function percent(fraction: number): string {
  return `${Math.round(100 * fraction)} %`;
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0) / Math.max(1, numbers.length);
}

/** @param sorted in order of size */
function part(sorted: readonly number[], fraction: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))] ?? 0;
}

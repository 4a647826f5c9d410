// `pnpm bench chord --plots`: the figures of the papers, drawn from the shipped logic in virtual time.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { churns } from "./churn.js";
import { deaths } from "./deaths.js";
import {
  churnFigure,
  deathFigure,
  distributionFigure,
  latencyFigure,
  loadFigure,
  type NamedFigure,
  pathFigure,
} from "./figures.js";
import { loads } from "./load.js";
import { pathLengths } from "./paths.js";
import { drawSvg } from "./svg.js";

export interface PlotSizes {
  /** Members of the largest ring of the paths: a power of two. */
  readonly paths: number;
  readonly deaths: number;
  readonly load: number;
  readonly churn: number;
  /** Samples of each point. */
  readonly lookups: number;
  /** How long members come and go for each point, in virtual ms. */
  readonly churnMs: number;
}

export const usualSizes: PlotSizes = {
  paths: 4_096,
  deaths: 1_000,
  load: 1_000,
  churn: 100,
  lookups: 2_000,
  churnMs: 90_000,
};

export interface PlotOptions {
  readonly folder: string;
  readonly seed: number;
  readonly sizes: PlotSizes;
  readonly progress: (line: string) => void;
}

/** Writes the figures, and resolves with their files. @throws Error when a lookup fails in a ring in which nobody died */
export async function plotAll({ folder, seed, sizes, progress }: PlotOptions): Promise<readonly string[]> {
  mkdirSync(folder, { recursive: true });
  const files: string[] = [];
  const draw = (figure: NamedFigure): void => {
    const file = join(folder, `${figure.name}.svg`);
    writeFileSync(file, drawSvg(figure));
    files.push(file);
    progress(file);
  };
  const { lookups } = sizes;
  progress(`paths in rings of up to ${sizes.paths} members`);
  const paths = pathLengths({ smallest: 16, largest: sizes.paths, lookups, seed });
  draw(pathFigure(paths, seed));
  const largest = paths.at(-1);
  if (largest !== undefined) draw(distributionFigure(largest, seed));
  progress(`deaths in rings of ${sizes.deaths}`);
  const died = deaths({
    members: sizes.deaths,
    fractions: [0, 0.1, 0.2, 0.3, 0.4, 0.5],
    lookups,
    values: lookups,
    seed,
  });
  draw(deathFigure(died, sizes.deaths, seed));
  progress(`load in rings of ${sizes.load}`);
  const valuesEach = [5, 10, 20, 40, 80];
  const loaded = loads({ members: sizes.load, sizes: valuesEach.map((each) => each * sizes.load), seed });
  draw(loadFigure(loaded, sizes.load, seed));
  progress(`churn in rings of ${sizes.churn}`);
  const sessionsMs = [0.7, 1.4, 2.8, 5.6, 11.2].map((minutes) => minutes * 60_000);
  const churned = await churns({
    members: sizes.churn,
    values: 200,
    sessionsMs,
    durationMs: sizes.churnMs,
    everyMs: 100,
    seed,
  });
  draw(churnFigure(churned, sizes.churn, seed));
  draw(latencyFigure(churned, sizes.churn, seed));
  return files;
}

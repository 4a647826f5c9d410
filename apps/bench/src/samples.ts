// What the rounds of a benchmark measured.
import type { Measurement } from "./result.js";

/** Samples by scenario, side and unit, in the order in which they were first seen. */
export class Samples {
  readonly #all = new Map<string, { scenario: string; side: string; unit: string; samples: number[] }>();

  add(scenario: string, side: string, unit: string, value: number): void {
    const key = JSON.stringify([scenario, side, unit]);
    const row = this.#all.get(key) ?? { scenario, side, unit, samples: [] };
    row.samples.push(value);
    this.#all.set(key, row);
  }

  find(scenario: string, side: string, unit: string): Measurement | undefined {
    return this.#all.get(JSON.stringify([scenario, side, unit]));
  }

  /** @throws Error for what was not measured */
  of(scenario: string, side: string, unit: string): Measurement {
    const found = this.find(scenario, side, unit);
    if (found === undefined) throw new Error(`${scenario} of ${side} was not measured in ${unit}`);
    return found;
  }

  all(): readonly Measurement[] {
    return [...this.#all.values()];
  }
}

// Limits that are whole numbers, laid over their defaults: how each part of the toolkit takes its own from the user [BASE-130].
import { checkObject, shownValue, unknownName } from "../known-names.js";

/**
 * Lays `overrides` over `defaults`; what is undefined keeps its default.
 * @param owner whose limits they are, for messages: `of a mesh`
 * @param lowest the lowest value of those that do not go from 1 up
 * @throws TypeError for an unknown name, RangeError for what is no whole number from its lowest value up
 */
export function wholeLimits<Limits extends object>(
  owner: string,
  defaults: Limits,
  overrides: Partial<Limits> = {},
  lowest: { readonly [Name in keyof Limits]?: number } = {},
): Limits {
  checkObject(`the limits ${owner}`, overrides);
  const given: Partial<Record<string, unknown>> = {};
  for (const [name, value] of Object.entries(overrides)) {
    if (!isNameIn(defaults, name)) throw unknownName("limit", owner, defaults, name);
    if (value === undefined) continue;
    const low = lowest[name] ?? 1;
    if (!(Number.isSafeInteger(value) && Number(value) >= low)) {
      throw new RangeError(`limit ${name} is ${shownValue(value)}; it is a whole number from ${low} up`);
    }
    given[name] = value;
  }
  return Object.freeze({ ...defaults, ...given });
}

function isNameIn<Limits extends object>(limits: Limits, name: string): name is keyof Limits & string {
  return Object.hasOwn(limits, name);
}

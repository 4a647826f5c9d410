// Names that a caller may give, of options and events: a misspelt one is the caller's mistake, told with the nearest that there is.

/** Every name of `T`, and no other: the compiler sees to it. */
export type NamesOf<T> = { readonly [Name in keyof T]-?: true };

/** Of a name that is longer, the rest is not looked at. */
const longestName = 48;

export function isNameOf(known: object, name: unknown): boolean {
  return typeof name === "string" && Object.hasOwn(known, name);
}

/**
 * @param owner whose options they are, for messages: `of a mesh`
 * @param known has a key for each option that there is
 * @throws TypeError for another one, and for what is no object at all
 */
export function checkOptions(owner: string, known: object, options: object): void {
  checkObject(`the options ${owner}`, options);
  for (const name of Object.keys(options)) if (!isNameOf(known, name)) throw unknownName("option", owner, known, name);
}

/** Of callers without types anything may come. @throws TypeError for what is no object */
export function checkObject(what: string, value: unknown): void {
  if (typeof value !== "object" || value === null) throw new TypeError(`${what} are an object`);
}

/** A value as messages show it: a text in quotation marks, so that it is not taken for a number. */
export function shownValue(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value.slice(0, longestName)) : String(value);
}

/** The options of these names alone, for what lies below and knows no others. */
export function takeOptions<Options extends object>(names: NamesOf<Options>, options: Options): Options {
  // Left out are only names that `Options` has not.
  return Object.fromEntries(Object.entries(options).filter(([name]) => isNameOf(names, name))) as Options;
}

/** The error for a name that is not known. */
export function unknownName(kind: string, owner: string, known: object, name: unknown): TypeError {
  const text = String(name);
  const shown = text.length > longestName ? `${text.slice(0, longestName)}…` : text;
  return new TypeError(
    `there is no ${kind} "${shown}" ${owner}; the nearest is "${nearestName(text, Object.keys(known))}"`,
  );
}

/** The name that takes the fewest changes of letters, whatever their case. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const wanted = name.slice(0, longestName).toLowerCase();
  let nearest: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const each of known) {
    const changes = countChanges(wanted, each.toLowerCase());
    if (changes >= least) continue;
    nearest = each;
    least = changes;
  }
  return nearest;
}

/** Letters to insert, remove or replace (V. I. Levenshtein, 1965), row by row. */
function countChanges(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let at = 1; at <= from.length; at += 1) {
    const next = [at];
    for (let index = 1; index <= to.length; index += 1) {
      const replaced = (row[index - 1] ?? 0) + (from[at - 1] === to[index - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[index] ?? 0) + 1, (next[index - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

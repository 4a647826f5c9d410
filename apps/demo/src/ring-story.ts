// The third part of the story: the processes stand on a ring and store keys on it; one is killed, and every key is still read.
import type { Cast, FoundFacts } from "./cast.js";
import type { Claims } from "./claims.js";
import type { Name } from "./deliveries.js";
import { milliseconds, type Narrator } from "./narrator.js";

/** What this part needs. */
export interface RingStage {
  readonly cast: Cast;
  readonly narrator: Narrator;
  readonly claims: Claims;
}

/** Tells it on processes that run; whether every key was read is noted in the claims. */
export async function tellOfRing(stage: RingStage): Promise<void> {
  await formRing(stage);
  const { keys, owner } = await storeKeys(stage);
  await loseOne(stage, keys, owner);
}

async function formRing({ cast, narrator }: RingStage): Promise<void> {
  narrator.chapter(
    "They form a ring",
    "Each has a place on a circle of 2^384 positions, and owns those between the one before it and itself.",
  );
  const start = performance.now();
  const [first = "", ...others] = cast.alive.keys();
  cast.order(first, { do: "stand", bootstrap: [] });
  await cast.until(
    () => cast.alive.get(first)?.ring !== undefined,
    () => `${first} to found a ring`,
  );
  const bootstrap = [cast.alive.get(first)?.ring?.address ?? ""];
  for (const name of others) cast.order(name, { do: "stand", bootstrap });
  await isOneRing(cast);
  narrator.fact(
    `After ${milliseconds(performance.now() - start)} they are one: ${inOrder(cast).join(" → ")} → ${first}`,
  );
}

/** @returns the keys, and who owns the first position of the first of them */
async function storeKeys({ cast, narrator }: RingStage): Promise<{ keys: readonly string[]; owner: Name }> {
  narrator.chapter(
    "Each stores a key",
    "A key stands at five positions, which its hashes tell, and at each of them with the next process too.",
    "It is stored when most of the five have it; the rest follow.",
    "A hop is a process that the question came to. In rings of up to 64 all know all, so that one is enough.",
  );
  const names = [...cast.alive.keys()];
  const keys = names.map(keyOf);
  let owner: Name = "";
  for (const [index, name] of names.entries()) {
    const key = keyOf(name);
    cast.order(name, { do: "store", key, value: textOf(key) });
    await cast.until(
      () => cast.alive.get(name)?.stored.has(key) === true,
      () => `${name} to store "${key}"`,
    );
    const finder = names[(index + 1) % names.length] ?? name;
    const found = await find(cast, finder, key);
    if (index === 0) owner = cast.nameOf(found.owner);
    const positions = cast.alive.get(name)?.stored.get(key);
    narrator.fact(
      `${narrator.name(name)} stores "${key}": ${positions} of its five positions have it. The first is ${narrator.name(cast.nameOf(found.owner))}'s: ${way(cast, finder, found)}`,
    );
  }
  return { keys, owner };
}

async function loseOne({ cast, narrator, claims }: RingStage, keys: readonly string[], victim: Name): Promise<void> {
  narrator.chapter(
    `${victim} is killed, and every key is still read`,
    `It owns the first position of "${keys[0]}". Nobody stores anything again: the others have copies.`,
  );
  narrator.fact(`kill -9 ${cast.alive.get(victim)?.actor.pid}`);
  const start = performance.now();
  cast.kill(victim);
  const readers = [...cast.alive.keys()];
  for (const key of keys) {
    const found = await Promise.all(readers.map((reader) => find(cast, reader, key)));
    const isRead = found.every(({ value }) => value === textOf(key));
    const [reader = "", first] = [readers[0], found[0]];
    const told = first === undefined ? "" : `: ${way(cast, reader, first)}`;
    const owner = cast.nameOf(first?.owner ?? "");
    const sentence = `"${key}" is read by ${readers.join(", ")}; its first position is ${owner}'s${told}`;
    narrator.outcome(sentence, claims.note(sentence, isRead));
  }
  narrator.fact(`All of that took ${milliseconds(performance.now() - start)} from the kill.`);
  await isOneRing(cast);
  narrator.fact(`The ring: ${inOrder(cast).join(" → ")} → ${readers[0]}`);
}

/** Resolves when each knows all, and the members after one another are one circle. */
async function isOneRing(cast: Cast): Promise<void> {
  const { alive } = cast;
  await cast.until(
    () => [...alive.values()].every(({ ring }) => ring?.members === alive.size) && inOrder(cast).length === alive.size,
    () => "the ring to be one",
  );
}

/** The names, each followed by the one after it on the circle; all of them once the ring is one. */
function inOrder(cast: Cast): readonly Name[] {
  const names = new Set<Name>();
  let [name] = cast.alive.keys();
  while (name !== undefined && !names.has(name)) {
    names.add(name);
    const successor = cast.alive.get(name)?.ring?.successor;
    name = successor === undefined ? undefined : cast.nameOf(successor);
  }
  return [...names].filter((each) => cast.alive.has(each));
}

async function find(cast: Cast, finder: Name, key: string): Promise<FoundFacts> {
  cast.alive.get(finder)?.found.delete(key);
  cast.order(finder, { do: "find", key });
  await cast.until(
    () => cast.alive.get(finder)?.found.has(key) === true,
    () => `${finder} to find "${key}"`,
  );
  // It has come, or the wait would have failed.
  return cast.alive.get(finder)?.found.get(key) as FoundFacts;
}

/** "1 hop, B → D, 0.4 ms". */
function way(cast: Cast, finder: Name, { hops, tookMs }: FoundFacts): string {
  if (hops.length === 0) return `${finder} knows, being the owner`;
  const names = [finder, ...hops.map((id) => cast.nameOf(id))];
  return `${hops.length} ${hops.length === 1 ? "hop" : "hops"}, ${names.join(" → ")}, ${milliseconds(tookMs)}`;
}

function keyOf(name: Name): string {
  return `book/${name}`;
}

function textOf(key: string): string {
  return `what is in ${key}`;
}

// The story: a mesh forms, everyone speaks, one is killed, the rest heal, one more joins; they share a table, and store keys on
// a ring; then somebody listens in. Each step waits for what really happened.
import type { DemoArguments } from "./arguments.js";
import type { Cast } from "./cast.js";
import type { Claims } from "./claims.js";
import type { Arrival, Name } from "./deliveries.js";
import { bestLinked, isWhole, linksOf, newLinks } from "./links.js";
import { milliseconds, type Narrator } from "./narrator.js";
import { tellOfOwnedKeys } from "./owned-story.js";
import { tellOfRing } from "./ring-story.js";
import { tellOfSecrets } from "./secret-story.js";
import { tellOfTable } from "./table-story.js";

/** One round of broadcasts by everyone alive. */
interface Round {
  /** Of each process. */
  readonly messages: number;
  readonly words: string;
  readonly title: string;
  readonly explanations?: readonly string[];
}

/** How long links in the making are waited for, in ms; the mesh is whole without them. */
const settleMs = 500;

const numberWords = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten"];

/** What a story is told with. */
export interface Stage {
  readonly cast: Cast;
  readonly narrator: Narrator;
  readonly claims: Claims;
  /** Aborts when it is to end. */
  readonly signal: AbortSignal;
}

/** Tells the story to its end: whether all went well is the deliveries' and the claims' to say. */
export async function tell(
  { cast, narrator, claims, signal }: Stage,
  { nodes, messages }: DemoArguments,
): Promise<void> {
  const names = Array.from({ length: nodes }, (_, i) => nameOf(i));
  const newcomer = nameOf(nodes);
  await form(cast, narrator, names);
  await everyoneSpeaks(cast, narrator, {
    messages,
    words: "hello",
    title: "Each of them broadcasts",
    explanations: [
      "A node sends to its neighbours, and each of them passes on what is new to it: so everyone hears it, and once.",
      "A hop is a link that the message crossed. Times are from the broadcast to the delivery.",
    ],
  });
  await killOne(cast, narrator);
  await everyoneSpeaks(cast, narrator, { messages, words: "still here", title: "Those left broadcast" });
  await join(cast, narrator, newcomer);
  await everyoneSpeaks(cast, narrator, { messages, words: "welcome", title: "All broadcast, the newcomer too" });
  await tellOfTable(cast, narrator);
  await tellOfRing({ cast, narrator, claims });
  await cast.leave();
  await tellOfSecrets({ narrator, claims, signal });
  await tellOfOwnedKeys({ narrator, claims, signal });
}

async function form(cast: Cast, narrator: Narrator, names: readonly Name[]): Promise<void> {
  const [first = "", ...others] = names;
  narrator.chapter(
    `${numberWords[names.length] ?? names.length} processes start, and find one another`,
    `${first} comes first. The others are told its address, and nothing else; ${first} tells them of each other.`,
    "Each looks for only two or three links, and takes newcomers besides: as if the network were large, messages have to be passed on.",
  );
  const start = performance.now();
  await introduce(cast, narrator, first, []);
  const bootstrap = [cast.alive.get(first)?.address ?? ""];
  for (const name of others) await introduce(cast, narrator, name, bootstrap);
  await whole(cast);
  const took = milliseconds(performance.now() - start);
  await settled(cast);
  narrator.fact(`After ${took} they are one mesh. Who is linked with whom:`);
  narrator.links(cast.neighbours());
}

/** Starts a process and tells of it. */
async function introduce(cast: Cast, narrator: Narrator, name: Name, bootstrap: readonly string[]): Promise<void> {
  const { actor, id, address } = await cast.start(name, bootstrap);
  narrator.process(name, { pid: actor.pid, id, address });
}

async function everyoneSpeaks(
  cast: Cast,
  narrator: Narrator,
  { messages, words, title, explanations = [] }: Round,
): Promise<void> {
  narrator.chapter(title, ...explanations);
  for (const name of [...cast.alive.keys()]) {
    const texts = Array.from({ length: messages }, (_, i) => `${words} from ${name}${i === 0 ? "" : `, ${i + 1}`}`);
    const [first = "", ...rest] = texts;
    narrator.broadcast(name, first, await broadcast(cast, name, [first]));
    if (rest.length > 0) narrator.broadcasts(name, rest.length, await broadcast(cast, name, rest));
  }
}

/** Resolves when everyone has heard it all. */
async function broadcast(cast: Cast, by: Name, texts: readonly string[]): Promise<readonly Arrival[]> {
  for (const text of texts) cast.deliveries.said(text, by, cast.alive.keys());
  cast.alive.get(by)?.actor.order({ do: "broadcast", texts });
  await cast.until(
    () => texts.every((text) => cast.deliveries.isComplete(text)),
    () => `everyone to hear ${by}`,
  );
  return texts.flatMap((text) => cast.deliveries.arrivals(text));
}

async function killOne(cast: Cast, narrator: Narrator): Promise<void> {
  const victim = bestLinked(cast.neighbours()) ?? "";
  const orphans = [...(cast.neighbours().get(victim) ?? [])].join(" ");
  narrator.chapter(
    `${victim} is killed`,
    "It has the most links, so it is the greatest loss. SIGKILL gives it no time to say goodbye.",
  );
  narrator.fact(`kill -9 ${cast.alive.get(victim)?.actor.pid}: ${orphans} each lose a link`);
  const before = linksOf(cast.neighbours());
  cast.kill(victim);
  const took = await whole(cast);
  await settled(cast);
  const added = newLinks(before, linksOf(cast.neighbours()));
  const how = added.length === 0 ? "the links that were left suffice" : `new links: ${narrator.newLinks(added)}`;
  narrator.fact(`After ${took} the other ${cast.alive.size} are one mesh again; ${how}:`);
  narrator.links(cast.neighbours());
}

async function join(cast: Cast, narrator: Narrator, name: Name): Promise<void> {
  const [host = ""] = cast.alive.keys();
  narrator.chapter(`${name} joins`, `A new process, told the address of ${host}.`);
  await introduce(cast, narrator, name, [cast.alive.get(host)?.address ?? ""]);
  const took = await whole(cast);
  await settled(cast);
  narrator.fact(`${took} after it opened, it belongs to the mesh:`);
  narrator.links(cast.neighbours());
}

/** Resolves when every node can reach every other one; tells how long that took. */
async function whole(cast: Cast): Promise<string> {
  const start = performance.now();
  await cast.until(
    () => isWhole(cast.neighbours()),
    () => `the mesh to be whole (it has the links ${linkText(cast) || "none"})`,
  );
  return milliseconds(performance.now() - start);
}

/** Gives links that are being made the time to be there, so that the picture drawn next is of use for a while. */
async function settled(cast: Cast): Promise<void> {
  const hasSettled = (): boolean => {
    const neighbours = cast.neighbours();
    const least = Math.min(2, neighbours.size - 1);
    return isWhole(neighbours) && [...neighbours.values()].every((others) => others.size >= least);
  };
  await cast.within(settleMs, hasSettled);
}

function linkText(cast: Cast): string {
  return linksOf(cast.neighbours())
    .map((link) => link.join("──"))
    .join(" ");
}

/** A, B, … Z, A2, B2, … */
function nameOf(index: number): Name {
  const letter = String.fromCharCode("A".charCodeAt(0) + (index % 26));
  return index < 26 ? letter : `${letter}${Math.floor(index / 26) + 1}`;
}

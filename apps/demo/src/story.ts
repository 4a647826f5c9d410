// The story: a mesh forms, everyone speaks, one is killed, the rest heal, one more joins; each step waits for what really happened.
import type { DemoArguments } from "./arguments.js";
import type { Cast } from "./cast.js";
import type { Arrival, Name } from "./deliveries.js";
import { bestLinked, isWhole, linksOf, newLinks } from "./links.js";
import { milliseconds, type Narrator } from "./narrator.js";

const numberWords = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten"];

/** Tells the story on processes of the cast, to its end: whether all went well is the deliveries' to say. */
export async function tell(cast: Cast, narrator: Narrator, { nodes, messages }: DemoArguments): Promise<void> {
  const names = Array.from({ length: nodes }, (_, i) => nameOf(i));
  const newcomer = nameOf(nodes);
  await form(cast, narrator, names);
  await everyoneSpeaks(cast, narrator, messages, "hello");
  await killOne(cast, narrator);
  await everyoneSpeaks(cast, narrator, messages, "still here");
  await join(cast, narrator, newcomer);
  await everyoneSpeaks(cast, narrator, messages, "welcome");
  await cast.leave();
}

async function form(cast: Cast, narrator: Narrator, names: readonly Name[]): Promise<void> {
  narrator.chapter(
    `${numberWords[names.length] ?? names.length} processes start, and find one another`,
    "Each is told one address, that of the process before it. Of the others they hear from their peers.",
  );
  const start = performance.now();
  let bootstrap: readonly string[] = [];
  for (const name of names) {
    const member = await cast.start(name, bootstrap);
    bootstrap = [member.address];
    narrator.process(name, { pid: member.actor.pid, id: member.id, address: member.address });
  }
  await whole(cast);
  const links = linksOf(cast.neighbours());
  narrator.fact(`After ${since(start)} they are one mesh of ${links.length} links:`);
  narrator.links(cast.neighbours());
}

async function everyoneSpeaks(cast: Cast, narrator: Narrator, messages: number, words: string): Promise<void> {
  narrator.chapter(
    `Everyone alive broadcasts: "${words}"`,
    "A node sends to its neighbours, and each of them passes on what it has not seen to its own.",
  );
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
  const member = cast.alive.get(victim);
  narrator.chapter(
    `${victim} is killed`,
    "SIGKILL, as if its power were cut: it has no time to say goodbye. Its neighbours have to notice by themselves.",
  );
  narrator.fact(`kill -9 ${member?.actor.pid}, with ${member?.neighbourIds.length} links`);
  const before = linksOf(cast.neighbours());
  const start = performance.now();
  cast.kill(victim);
  await whole(cast);
  const added = newLinks(before, linksOf(cast.neighbours()));
  const how = added.length === 0 ? "no new link was needed" : `with new links ${narrator.newLinks(added)}`;
  narrator.fact(`After ${since(start)} the ${cast.alive.size} others are one mesh again, ${how}:`);
  narrator.links(cast.neighbours());
}

async function join(cast: Cast, narrator: Narrator, name: Name): Promise<void> {
  const [host] = cast.alive.keys();
  narrator.chapter(`${name} joins`, `A new process, told the address of ${host} alone.`);
  const start = performance.now();
  const member = await cast.start(name, [cast.alive.get(host ?? "")?.address ?? ""]);
  narrator.process(name, { pid: member.actor.pid, id: member.id, address: member.address });
  await whole(cast);
  narrator.fact(`After ${since(start)} it belongs to the mesh:`);
  narrator.links(cast.neighbours());
}

function whole(cast: Cast): Promise<void> {
  return cast.until(
    () => isWhole(cast.neighbours()),
    () =>
      `the mesh to be whole (links: ${
        linksOf(cast.neighbours())
          .map((link) => link.join("-"))
          .join(" ") || "none"
      })`,
  );
}

function since(start: number): string {
  return milliseconds(performance.now() - start);
}

/** A, B, … Z, A2, B2, … */
function nameOf(index: number): Name {
  const letter = String.fromCharCode("A".charCodeAt(0) + (index % 26));
  return index < 26 ? letter : `${letter}${Math.floor(index / 26) + 1}`;
}

// The last part of the story: somebody between two nodes, who reads and alters what is not encrypted, and what she gets of
// what is; a sealed note, whose owner lets a reader in and out.
import { type Message, Node, orAborted, type WireValue } from "@p2p/base";
import { Identity, noise, SecureError } from "@p2p/securenode";
import { SealedData, seal, unseal } from "@p2p/securenode/sealed";
import type { Claims } from "./claims.js";
import { Eavesdropper, replacing, turningABit } from "./eavesdropper.js";
import type { Narrator } from "./narrator.js";

/** What this part needs. */
export interface SecretStage {
  readonly narrator: Narrator;
  readonly claims: Claims;
  /** Ends every wait. */
  readonly signal: AbortSignal;
}

/** Ada's node, which dialled Bob's and met Eve, who passes on. */
interface Scene {
  readonly ada: Node;
  readonly bob: Node;
  readonly eve: Eavesdropper;
  /** Resolves with the code when Bob's node notices that something was altered; without security never. */
  readonly noticed: Promise<string>;
}

const [ada, bob, eve] = [Identity.generate(), Identity.generate(), Identity.generate()];
const network = "demo secrets";
const [said, instead] = ["meet me at noon", "meet me at five"];

/** Tells it to its end; what turns out otherwise is noted in the claims. */
export async function tellOfSecrets(stage: SecretStage): Promise<void> {
  await withEve(stage.signal, false, (scene) => inTheClear(stage, scene));
  await withEve(stage.signal, true, (scene) => encrypted(stage, scene));
  await withEve(stage.signal, false, async (scene) => {
    await inHerName(stage, scene);
    await note(stage, scene);
  });
}

async function inTheClear(stage: SecretStage, scene: Scene): Promise<void> {
  const { narrator } = stage;
  narrator.chapter(
    "Eve listens in",
    "Two more nodes, Ada's and Bob's, without security. The address that Ada has is Eve's, a proxy that passes all on to Bob.",
  );
  narrator.fact(`Ada says "${said}"`);
  const heard = await say(stage, scene, said);
  claim(
    stage,
    `Eve passed on ${scene.eve.bytes} bytes, and reads in them "${said}"`,
    heard === said && scene.eve.sees(said),
  );
  scene.eve.alter(replacing(Buffer.from(said), Buffer.from(instead)));
  narrator.fact("Ada says it again, and Eve puts other words in its place");
  claim(stage, `Bob hears "${instead}", and cannot tell`, (await say(stage, scene, said)) === instead);
}

async function encrypted(stage: SecretStage, scene: Scene): Promise<void> {
  const { narrator } = stage;
  narrator.chapter(
    "The same with encryption",
    "Two nodes with one option more, security: noise({ identity }). Eve passes all on, as before.",
  );
  narrator.fact(`Ada says "${said}"`);
  const heard = await say(stage, scene, said);
  claim(stage, `Bob hears "${said}"`, heard === said);
  claim(stage, `Eve passed on ${scene.eve.bytes} bytes, and does not find it in them`, !scene.eve.sees(said));
  scene.eve.alter(turningABit);
  narrator.fact("Ada says it again, and Eve turns one bit");
  const what = await Promise.race([scene.noticed, say(stage, scene, said).then((data) => `heard ${data}`)]);
  claim(stage, "Bob's node refuses it, record-forged, and ends the connection", what === "record-forged");
}

async function inHerName(stage: SecretStage, scene: Scene): Promise<void> {
  const { narrator } = stage;
  narrator.chapter(
    "Eve writes in Ada's name",
    "Once more without encryption. Ada seals a message for Bob: he alone reads it, and is certain who it is from.",
  );
  const read = (bytes: WireValue): string =>
    outcome(() => unseal(asBytes(bytes), { identity: bob, from: ada.id }).data);
  const sealed = seal(said, { to: [bob.publicKey], from: ada });
  scene.eve.forget();
  claim(stage, `Bob reads "${said}", from Ada`, read(await say(stage, scene, sealed)) === said);
  claim(stage, `Eve passed on ${scene.eve.bytes} bytes, and does not find it in them`, !scene.eve.sees(said));
  const forged = inNameOf(ada, seal(instead, { to: [bob.publicKey], from: eve }));
  scene.eve.alter(replacing(sealed, forged));
  narrator.fact(`Ada sends it again; Eve puts "${instead}" in its place, sealed by her in Ada's name`);
  claim(stage, "Bob refuses it, sealed-forged", read(await say(stage, scene, sealed)) === "sealed-forged");
}

async function note(stage: SecretStage, scene: Scene): Promise<void> {
  const { narrator } = stage;
  narrator.chapter(
    "Ada lets Bob read a note, and no longer",
    "The note is sealed and signed: anybody may store its bytes, and Eve carries them. Each change makes the next version.",
  );
  const [place, changed] = ["the key is under the mat", "the key is in the shed"];
  const context = "notes/key";
  const read = async ({ bytes }: SealedData, reader: Identity, atLeast: number): Promise<string> => {
    const carried = asBytes(await say(stage, scene, bytes));
    return outcome(() => SealedData.parse(carried, { owner: ada.id, context, atLeast }).open(reader));
  };
  scene.eve.forget();
  const first = SealedData.seal(place, { owner: ada, context });
  claim(
    stage,
    "Version 1 is for Ada alone: Bob is refused, not-a-reader",
    (await read(first, bob, 1)) === "not-a-reader",
  );
  const granted = first.grant(bob.publicKey, { owner: ada });
  claim(stage, `Version 2 lets Bob in: he reads "${place}"`, (await read(granted, bob, 1)) === place);
  claim(stage, "Eve has version 2 too, and is refused, not-a-reader", (await read(granted, eve, 1)) === "not-a-reader");
  const revoked = granted.revoke(bob.publicKey, { owner: ada });
  claim(
    stage,
    "Version 3 lets him out: Bob is refused, not-a-reader",
    (await read(revoked, bob, 2)) === "not-a-reader",
  );
  const updated = revoked.update(changed, { owner: ada });
  claim(
    stage,
    "Version 4 says something else: Bob is refused, not-a-reader",
    (await read(updated, bob, 3)) === "not-a-reader",
  );
  claim(stage, `Ada reads it: "${changed}"`, (await read(updated, ada, 4)) === changed);
  claim(
    stage,
    "Eve brings version 2 once more, and Ada refuses it, stale-data",
    (await read(granted, ada, 4)) === "stale-data",
  );
  const isHidden = !scene.eve.sees(place) && !scene.eve.sees(changed);
  claim(stage, `Eve carried ${scene.eve.bytes} bytes of it, and finds neither text in them`, isHidden);
  narrator.fact("What was read stays read: Bob knows what version 2 said.");
}

/** Plays a scene: opens the nodes and Eve, and closes them. */
async function withEve(signal: AbortSignal, isSecure: boolean, play: (scene: Scene) => Promise<void>): Promise<void> {
  const guard = noise({ identity: bob });
  const listener = new Node({ network, listen: ["tcp://127.0.0.1:0"], ...(isSecure ? { security: guard } : {}) });
  const dialler = new Node({ network, ...(isSecure ? { security: noise({ identity: ada }) } : {}) });
  const noticed = new Promise<string>((resolve) => guard.on("forged", ({ code }) => resolve(code)));
  let proxy: Eavesdropper | undefined;
  try {
    await Promise.all([listener.open(), dialler.open()]);
    proxy = await Eavesdropper.before(Number(new URL(listener.addresses[0] ?? "").port));
    await dialler.dial(`tcp://127.0.0.1:${proxy.port}#${listener.id}`, { signal });
    await play({ ada: dialler, bob: listener, eve: proxy, noticed });
  } finally {
    await Promise.all([dialler.close(), listener.close(), proxy?.close()]);
  }
}

/** Has Ada's node send something. @returns what Bob's node hears then */
async function say({ signal }: SecretStage, scene: Scene, data: WireValue): Promise<WireValue> {
  const heard = new Promise<Message>((resolve) => {
    scene.bob.once("message", resolve);
  });
  await scene.ada.send(scene.bob.id, data, { signal });
  return (await orAborted(heard, signal)).data;
}

/** Tells a sentence, and keeps for the verdict whether it holds. */
function claim({ narrator, claims }: SecretStage, sentence: string, holds: boolean): void {
  narrator.outcome(sentence, claims.note(sentence, holds));
}

/** What was read, or the code of the refusal. */
function outcome(read: () => WireValue): string {
  try {
    return String(read());
  } catch (error) {
    if (error instanceof SecureError) return error.code;
    throw error;
  }
}

/** The sealed message with another sender's key in the place of Eve's: all that she can do without the secret key. */
function inNameOf(other: Identity, sealed: Uint8Array): Uint8Array {
  const at = Buffer.from(sealed).indexOf(eve.publicKey);
  const forged = sealed.slice();
  forged.set(other.publicKey, at);
  return forged;
}

function asBytes(data: WireValue): Uint8Array {
  if (data instanceof Uint8Array) return data;
  throw new TypeError("bytes were sent, and something else was heard");
}

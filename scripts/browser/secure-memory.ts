// The page of the browser check: two secure nodes over the memory transport, on the primitives of browsers; what became of channel,
// letters, signatures, sealed data and keys is left in globalThis.result.
import { Identity, loadIdentity, nodeIdOfKey, SecureNode, verifySigned } from "@p2p/securenode";
import { parsePublicKey } from "@p2p/securenode/keys";
import { SealedData, seal, unseal } from "@p2p/securenode/sealed";

const [ada, bob, eve] = [Identity.generate(), Identity.generate(), Identity.generate()];
const networkKey = crypto.getRandomValues(new Uint8Array(32));
const desk = new SecureNode({ network: "browser", identity: ada, networkKey, listen: ["memory://desk"] });
const guest = new SecureNode({ network: "browser", identity: bob, networkKey });
const stranger = new SecureNode({ network: "browser", identity: eve, networkKey: new Uint8Array(32) });
for (const node of [desk, guest, stranger]) await node.open();

const refusals: string[] = [];
desk.on("refused", (_what, error) => refusals.push(error.code));
const denied = await stranger.node.dial("memory://desk").then(
  () => "let in",
  () => "refused",
);
await guest.node.dial(`memory://desk#${desk.id}`);
const arrived = new Promise<string>((resolve) =>
  desk.on("letter", ({ data, from, proof }) => {
    const holds = proof !== undefined && verifySigned(bob.publicKey, "letter", proof.bytes, proof.signature);
    resolve(`${data} of ${from === bob.id ? "Bob" : "somebody"}, signed: ${holds}`);
  }),
);
await guest.send(desk.id, "letter", { isSigned: true });
const letter = await arrived;
const pinged = (await guest.ping(desk.id)) >= 0;

const keys = [
  Identity.fromPem(ada.exportPem()),
  Identity.fromJwk(ada.exportJwk()),
  Identity.fromText(ada.exportText()),
];
const isSame = keys.every(({ id }) => id === ada.id) && nodeIdOfKey(parsePublicKey(ada.publicPem)) === ada.id;
const file = await loadIdentity("key", "password").catch((error: { readonly code: string }) => error.code);

const note = seal("sealed", { to: [bob.publicKey], from: ada });
const opened = unseal(note, { identity: bob }).data;
const shut = [eve].map((identity) => {
  try {
    return unseal(note, { identity }).data;
  } catch (error) {
    return (error as { readonly code: string }).code;
  }
})[0];
const data = SealedData.seal("draft", { owner: ada, readers: [] }).grant(bob.publicKey, { owner: ada });
const read = SealedData.parse(data.bytes, { owner: ada.id, atLeast: 2 }).open(bob);

await Promise.all([desk.close(), guest.close(), stranger.close()]);
const result = [
  `stranger ${denied}: ${refusals.join()}`,
  letter,
  `pinged: ${pinged}`,
  `keys: ${isSame}, ${file}`,
  `${opened}, ${shut}, ${read}`,
].join("; ");
Object.assign(globalThis, { result });

// Identities and signed messages through the test driver protocol: both ends of its codec calls.
import type { OwnedStatement } from "../reference/secure/owned-statement.js";
import { fromHex, toHex, type Value } from "../reference/value.js";
import { readValue, writeValue } from "../vectors/notation.js";
import type { IdentityForms, KeyForm, SecureTarget } from "./secure-target.js";

/** Byte strings are hexadecimal text. */
export interface SecureArgs {
  readonly seed?: string;
  readonly next?: string;
  readonly form?: KeyForm;
  readonly isSecret?: boolean;
  readonly text?: string;
  readonly password?: string;
  readonly bytes?: string;
  readonly networkId?: string;
  readonly texts?: readonly string[];
  readonly time?: number;
  readonly publicKey?: string;
  readonly signature?: string;
  readonly realm?: "sync" | "chord";
  readonly key?: string;
  readonly sequence?: number;
  /** Absent: the key was removed. */
  readonly value?: unknown;
}

type Ask = (call: string, args: SecureArgs) => Promise<unknown>;

type Forms = Omit<IdentityForms, "publicKey" | "id"> & { readonly publicKey: string; readonly id: string };

interface RotationNotation {
  readonly old: string;
  readonly next: string;
  readonly timeMs: number;
}

/** A target that asks a driver. */
export function secureOverDriver(ask: Ask): SecureTarget {
  const bytes = async (call: string, args: SecureArgs): Promise<Uint8Array> =>
    fromHex((await ask(call, args)) as string);
  return {
    identity: async (seed) => {
      const { publicKey, id, ...forms } = (await ask("identity", { seed: toHex(seed) })) as Forms;
      return { ...forms, publicKey: fromHex(publicKey), id: fromHex(id) };
    },
    readKey: (form, isSecret, text) => bytes("readKey", { form, isSecret, text }),
    makeKeyFile: (seed, password) => bytes("makeKeyFile", { seed: toHex(seed), password }),
    openKeyFile: (file, password) => bytes("openKeyFile", { bytes: toHex(file), password }),
    makeRotation: (old, next, time) => bytes("makeRotation", { seed: toHex(old), next: toHex(next), time }),
    readRotation: async (statement) => {
      const read = (await ask("readRotation", { bytes: toHex(statement) })) as RotationNotation;
      return { old: fromHex(read.old), next: fromHex(read.next), timeMs: read.timeMs };
    },
    signMessages: async ({ seed, networkId, texts, time }) => {
      const args = { seed: toHex(seed), networkId: toHex(networkId), texts, time };
      return ((await ask("signMessages", args)) as readonly string[]).map(fromHex);
    },
    takes: async (networkId, body) =>
      (await ask("takes", { networkId: toHex(networkId), bytes: toHex(body) })) as boolean,
    ownerOf: async (key) => {
      const id = await bytes("ownerOf", { key });
      return id.length === 0 ? undefined : id;
    },
    proveOwned: (seed, statement) => bytes("proveOwned", { seed: toHex(seed), ...notedStatement(statement) }),
    isProven: async (statement, proof) =>
      (await ask("isProven", { bytes: toHex(proof), ...notedStatement(statement) })) as boolean,
    verify: async (publicKey, message, signature) => {
      const args = { publicKey: toHex(publicKey), bytes: toHex(message), signature: toHex(signature) };
      return (await ask("verify", args)) as boolean;
    },
  };
}

function notedStatement({ networkId, value, ...rest }: OwnedStatement): SecureArgs {
  // A statement of the suite has plain values.
  const noted = value === undefined ? {} : { value: writeValue(value as Value) };
  return { ...rest, networkId: toHex(networkId), ...noted };
}

function statementIn({ networkId = "", realm = "sync", key = "", sequence = 0, value }: SecureArgs): OwnedStatement {
  const content = value === undefined ? undefined : (readValue(value) as Value);
  return { networkId: fromHex(networkId), realm, key, sequence, value: content };
}

/** Answers such a call; undefined when it is none. */
export async function runSecureCall(target: SecureTarget, call: string, args: SecureArgs): Promise<unknown> {
  const [seed, bytes] = [fromHex(args.seed ?? ""), fromHex(args.bytes ?? "")];
  const { form = "text", isSecret = false, text = "", password = "", texts = [], time = 0 } = args;
  const networkId = fromHex(args.networkId ?? "");
  switch (call) {
    case "identity": {
      const { publicKey, id, ...forms } = await target.identity(seed);
      return { ...forms, publicKey: toHex(publicKey), id: toHex(id) };
    }
    case "readKey":
      return toHex(await target.readKey(form, isSecret, text));
    case "makeKeyFile":
      return toHex(await target.makeKeyFile(seed, password));
    case "openKeyFile":
      return toHex(await target.openKeyFile(bytes, password));
    case "makeRotation":
      return toHex(await target.makeRotation(seed, fromHex(args.next ?? ""), time));
    case "readRotation": {
      const { old, next, timeMs } = await target.readRotation(bytes);
      return { old: toHex(old), next: toHex(next), timeMs };
    }
    case "signMessages":
      return (await target.signMessages({ seed, networkId, texts, time })).map(toHex);
    case "takes":
      return target.takes(networkId, bytes);
    case "ownerOf":
      return toHex((await target.ownerOf(args.key ?? "")) ?? new Uint8Array(0));
    case "proveOwned":
      return toHex(await target.proveOwned(seed, statementIn(args)));
    case "isProven":
      return target.isProven(statementIn(args), bytes);
    case "verify":
      return target.verify(fromHex(args.publicKey ?? ""), bytes, fromHex(args.signature ?? ""));
    default:
      return undefined;
  }
}

// Sealed messages and data through the test driver protocol: both ends of its codec calls.
import { fromHex, toHex } from "../reference/value.js";
import { readValue, writeValue } from "../vectors/notation.js";
import type { DataChange, DataPlace, SealedTarget } from "./sealed-target.js";

/** Byte strings are hexadecimal text. */
export interface SealedArgs {
  readonly seed?: string;
  readonly value?: unknown;
  readonly readers?: readonly string[];
  readonly context?: string;
  readonly isHidden?: boolean;
  readonly draws?: readonly string[];
  readonly bytes?: string;
  readonly known?: number;
  readonly change?: DataChange["change"];
  readonly reader?: string;
}

type Ask = (call: string, args: SealedArgs) => Promise<unknown>;

interface OpenedNotation {
  readonly value?: unknown;
  readonly from?: string | null;
  readonly version?: number;
  readonly owner?: string;
  readonly readers?: readonly string[] | null;
}

function placeArgs({ bytes, context, known }: DataPlace): SealedArgs {
  return { bytes: toHex(bytes), context, known };
}

/** A target that asks a driver. */
export function sealedOverDriver(ask: Ask): SealedTarget {
  const bytes = async (call: string, args: SealedArgs): Promise<Uint8Array> =>
    fromHex((await ask(call, args)) as string);
  // What a driver answers has the form of its chapter, or the case fails.
  const opened = async (call: string, args: SealedArgs) => (await ask(call, args)) as OpenedNotation;
  const seedArgs = (seed: Uint8Array | undefined): SealedArgs => (seed === undefined ? {} : { seed: toHex(seed) });
  return {
    seal: ({ data, readers, seed, context, isHidden, draws }) => {
      const lists = { readers: readers.map(toHex), draws: draws.map(toHex) };
      return bytes("seal", { value: writeValue(data), ...lists, context, isHidden, ...seedArgs(seed) });
    },
    unseal: async (seed, input, context) => {
      const { value, from, readers } = await opened("unseal", { seed: toHex(seed), bytes: toHex(input), context });
      return {
        data: readValue(value),
        from: typeof from === "string" ? fromHex(from) : undefined,
        readers: readers?.map(fromHex),
      };
    },
    sealData: ({ data, seed, readers, context, draws }) => {
      const lists = { readers: readers.map(toHex), draws: draws.map(toHex) };
      return bytes("sealData", { value: writeValue(data), seed: toHex(seed), context, ...lists });
    },
    openData: async (place, seed) => {
      const args = { ...placeArgs(place), ...seedArgs(seed) };
      const { version = 0, owner = "", readers, value } = await opened("openData", args);
      const data = seed === undefined ? undefined : readValue(value);
      return { version, owner: fromHex(owner), readers: (readers ?? []).map(fromHex), data };
    },
    changeData: (place, seed, change, draws) => {
      const what = change.change === "update" ? { value: writeValue(change.data) } : { reader: toHex(change.reader) };
      const args = { ...placeArgs(place), ...seedArgs(seed), change: change.change, draws: draws.map(toHex), ...what };
      return bytes("changeData", args);
    },
  };
}

/** Answers such a call; undefined when it is none. */
export async function runSealedCall(target: SealedTarget, call: string, args: SealedArgs): Promise<unknown> {
  const { context = "", isHidden = false, known = 0, change = "update" } = args;
  const [seed, bytes, reader] = [fromHex(args.seed ?? ""), fromHex(args.bytes ?? ""), fromHex(args.reader ?? "")];
  const [readers, draws] = [(args.readers ?? []).map(fromHex), (args.draws ?? []).map(fromHex)];
  const data = readValue(args.value ?? null);
  const place = { bytes, context, known };
  const withSeed = args.seed === undefined ? {} : { seed };
  switch (call) {
    case "seal":
      return toHex(await target.seal({ data, readers, context, isHidden, draws, ...withSeed }));
    case "unseal": {
      const read = await target.unseal(seed, bytes, context);
      const from = read.from === undefined ? null : toHex(read.from);
      return { value: writeValue(read.data), from, readers: read.readers?.map(toHex) ?? null };
    }
    case "sealData":
      return toHex(await target.sealData({ data, seed, readers, context, draws }));
    case "openData": {
      const read = await target.openData(place, args.seed === undefined ? undefined : seed);
      const { version, owner } = read;
      const value = read.data === undefined ? {} : { value: writeValue(read.data) };
      return { version, owner: toHex(owner), readers: read.readers.map(toHex), ...value };
    }
    case "changeData": {
      const what: DataChange = change === "update" ? { change, data } : { change, reader };
      return toHex(await target.changeData(place, seed, what, draws));
    }
    default:
      return undefined;
  }
}

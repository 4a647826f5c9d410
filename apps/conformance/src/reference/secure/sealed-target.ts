// The reference implementation of sealed things as a target, with defects if wanted.
import type { SealedTarget } from "../../codec/sealed-target.js";
import { changeData, openData, sealData } from "./sealed-data.js";
import type { SealedDefect } from "./sealed-defects.js";
import { openMessage, sealMessage } from "./sealed-message.js";

export function sealedReference(...broken: readonly SealedDefect[]): SealedTarget {
  const defects = new Set(broken);
  return {
    seal: async (parts) => sealMessage(parts, defects),
    unseal: async (seed, bytes, context) => openMessage(seed, bytes, context, defects),
    sealData: async (parts) => sealData(parts, defects),
    openData: async (place, seed) => openData(place, seed, defects),
    changeData: async (place, seed, change, draws) => changeData(place, seed, change, draws, defects),
  };
}

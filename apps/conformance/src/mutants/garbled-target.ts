// A codec that gets everything wrong: it refuses nothing, and what it gives is never what was asked.
import type { CodecTarget, MessageBody } from "../codec/codec-target.js";
import { concat } from "../reference/value.js";

const wrong = Uint8Array.of(0xde, 0xad, 0xbe, 0xef);
const wrongBody: MessageBody = { type: 99, sender: wrong, time: 1, items: ["wrong"] };

export const garbledTarget: CodecTarget = {
  name: "garbled",
  encodeValue: async () => wrong,
  decodeValue: async () => "wrong",
  encodeBody: async () => wrong,
  decodeBody: async () => wrongBody,
  encodeFrame: async () => wrong,
  compressFrame: async (frame) => concat([frame, wrong]),
  decodeStream: async () => ({ frames: [{ codec: 9, payload: wrong }] }),
  messageId: async () => wrong,
  toBase58: async () => "wrong",
  fromBase58: async () => wrong,
  nodeId: async () => ({ bytes: wrong, text: "wrong" }),
  networkId: async () => ({ bytes: wrong, text: "wrong" }),
  timestamps: async (clockMs) => clockMs.map(() => 0),
  legacy: {
    encode: async () => wrong,
    decode: async () => ({ message: { type: 99, sender: "wrong", time: 0, payload: [] }, id: wrong }),
    relay: async () => wrong,
    cut: async (chunks) => ({ bodies: [...chunks] }),
    networkId: async () => "wrong",
    nodeId: async () => "wrong",
    isSameId: async (a, b) => a === b,
    methods: async () => ({}),
  },
};

// The numbers of the protocol: one table each, the same as spec/registries.md. [WIRE-087]

/** Numbers that say what a body is. Section "Flags" of spec/registries.md. */
export const flags = {
  /** First element of a body. */
  mainTypes: { broadcast: 0, renegotiate: 1, whisper: 2, ping: 3, pong: 4 },
  /** First item of a broadcast or a whisper. */
  subtypes: {
    broadcast: 0x00,
    compression: 0x01,
    whisper: 0x02,
    handshake: 0x05,
    notify: 0x06,
    peers: 0x07,
    request: 0x08,
    resend: 0x09,
    response: 0x0a,
    store: 0x0b,
    retrieve: 0x0c,
    retrieved: 0x0d,
    forward07: 0x0e,
    newPaths: 0x0f,
    revokePaths: 0x10,
    delta: 0x11,
    close: 0x30,
    error: 0x31,
    forward: 0x32,
    routed: 0x33,
    receipt: 0x34,
    neighbour: 0x35,
    shuffle: 0x36,
    redirected: 0x37,
    tableOpen: 0x38,
    tableAccept: 0x39,
    tableTurn: 0x3a,
    contender: 0x3b,
    clockAhead: 0x3c,
    standing: 0x48,
    question: 0x49,
    answer: 0x4a,
    neighbourhood: 0x4b,
    find: 0x4c,
    found: 0x4d,
    hint: 0x4e,
    leave: 0x4f,
  },
} as const;

/** Codecs of a frame's body: the top four bits of its header. */
export const codecs = { none: 0, zlib: 1, gzip: 2 } as const;

/** The largest number in {@link codecs}. */
export const highestCodec = 2;

/** Why a connection is closed: the code in a close message. */
export const closeCodes = {
  normal: 0,
  protocol: 1,
  badFrame: 2,
  tooLarge: 3,
  handshakeTimeout: 4,
  wrongNetwork: 5,
  version: 6,
  featureMissing: 7,
  duplicate: 8,
  self: 9,
  busy: 10,
  idle: 11,
  slow: 12,
  budget: 13,
  refused: 14,
  rejected: 15,
  rate: 16,
  viewFull: 17,
  security: 18,
} as const;

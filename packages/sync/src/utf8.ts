// Whether bytes are UTF-8, and of how long a text: the portable path of #utf8.

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** How long the text of UTF-8 is, in UTF-16 units; undefined: it is none. */
export function unitsOf(bytes: Uint8Array): number | undefined {
  try {
    return strict.decode(bytes).length;
  } catch (cause) {
    if (cause instanceof TypeError) return undefined;
    throw cause;
  }
}

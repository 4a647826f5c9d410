// Whether bytes are UTF-8, and of how long a text: by what Node has for it, which makes no text of ASCII. Chosen by the "node"
// condition of #utf8.
import { isAscii } from "node:buffer";
import { unitsOf as unitsOfText } from "./utf8.js";

/** How long the text of UTF-8 is, in UTF-16 units; undefined: it is none. */
export function unitsOf(bytes: Uint8Array): number | undefined {
  return isAscii(bytes) ? bytes.length : unitsOfText(bytes);
}

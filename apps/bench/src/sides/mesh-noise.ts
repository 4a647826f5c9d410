// Our own mesh over the encrypted channel, default options else; with signatures of all messages if wanted.
import { Identity, noise } from "@p2p/securenode";
import { startMeshWith } from "./mesh.js";
import type { SideOptions, StartedSide } from "./side.js";

export function startMeshNoise(options: SideOptions): Promise<StartedSide> {
  return startMeshWith({ security: noise({ identity: Identity.generate() }) }, options);
}

export function startMeshSigned(options: SideOptions): Promise<StartedSide> {
  return startMeshWith({ security: noise({ identity: Identity.generate(), messages: "require" }) }, options);
}

// Our own mesh.
import type { SideOptions, StartedSide } from "./side.js";

export async function startMesh(_options: SideOptions): Promise<StartedSide> {
  throw new Error("not there yet");
}

// A case that fails leaves waits behind; their failures are no news and must not end the suite.
import { DriverError } from "../driver/driver-process.js";
import { CaseFailure } from "./expect.js";

/** From now on only unhandled rejections that are not those of cases end the process. */
export function ignoreAbandonedWaits(): void {
  process.on("unhandledRejection", (error) => {
    if (!(error instanceof CaseFailure) && !(error instanceof DriverError)) throw error;
  });
  // Having a listener keeps Node from warning about rejections that a case looks at later.
  process.on("rejectionHandled", () => undefined);
}

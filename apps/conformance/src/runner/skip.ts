// Thrown by a case that cannot be played on this machine or with this target.

export class CaseSkipped extends Error {
  override readonly name = "CaseSkipped";
}

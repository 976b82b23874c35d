/** Why one event is refused, while its neighbours are not. Used by every step of ingest that judges. */
import type { RejectCode } from "../../schema/errors.ts";

/** `path` is dotted, without the index in the request. */
export interface Verdict {
  code: RejectCode;
  path?: string;
  message: string;
}

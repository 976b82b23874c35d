/** Who is signed in and which organisation is shown, for every component of a signed-in page. Provided by the frame. */
import { createContext, useContext } from "react";
import type { Me } from "../api/me.ts";

export const MeContext = createContext<Me | null>(null);

/** Throws outside of the signed-in pages. */
export function useMe(): Me {
  const me = useContext(MeContext);
  if (me === null) throw new Error("useMe outside of the signed-in pages");
  return me;
}

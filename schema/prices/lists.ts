/** All bundled lists of prices. Used by the price at the edge and the prices route. */
import { ANTHROPIC } from "./anthropic.ts";
import { GOOGLE } from "./google.ts";
import { OPENAI } from "./openai.ts";
import type { PriceList } from "./table.ts";

export const PRICE_LISTS: readonly PriceList[] = [ANTHROPIC, OPENAI, GOOGLE];

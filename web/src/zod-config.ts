/**
 * Imported first by main.tsx: zod must know before any schema is made that it may not compile code, because the content
 * security policy forbids eval, and probing for it would be reported.
 */
import { config } from "zod";

config({ jitless: true });

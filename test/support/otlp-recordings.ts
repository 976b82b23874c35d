/** Recorded OTLP bodies of real agents (test/fixtures/otlp-wire), inflated, by signal and encoding. */
import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { inRoot } from "../../dev/paths.ts";
import type { Encoding, Signal } from "../../workers/ingest/otlp/decode.ts";

export interface Recording {
  name: string;
  signal: Signal;
  encoding: Encoding;
  bytes: Uint8Array;
}

const NAME = /^.*-(logs|metrics|traces)\.(json|bin)(\.gz)?$/;

function signalOf(text: string | undefined): Signal {
  return text === "metrics" || text === "traces" ? text : "logs";
}

/** All of them, by name. */
export function recordings(): Recording[] {
  const folder = inRoot("test/fixtures/otlp-wire");
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const parts = NAME.exec(name);
      if (parts === null) return [];
      const raw = readFileSync(`${folder}/${name}`);
      const bytes = new Uint8Array(parts[3] === undefined ? raw : gunzipSync(raw));
      return [
        {
          name,
          signal: signalOf(parts[1]),
          encoding: parts[2] === "json" ? ("json" as const) : ("protobuf" as const),
          bytes,
        },
      ];
    });
}

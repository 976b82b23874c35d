/**
 * `npm start`: the whole system on this machine, with demo agents unless TENFOLD_DEMO=0. Prints the URL and the log-in, and
 * the line `ready <url>` when every part answers. Ctrl-C drains and stops everything; a second one does not wait.
 */
import { backfill, startDemoAgents } from "./demo/agents.ts";
import { dataDirectory } from "./paths.ts";
import { DEMO_SEED } from "./seed.ts";
import { type System, startSystem } from "./system.ts";

const DEFAULT_PORT = 8787;
const BACKFILL_DAYS = 7;

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

function port(): number {
  const value = Number(process.env.PORT ?? DEFAULT_PORT);
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new Error(`PORT must be a port, not "${process.env.PORT}"`);
  return value;
}

function greet(system: System): void {
  const [org] = system.devJson.orgs;
  const admin = org?.users.find((user) => user.role === "admin");
  say("");
  say(`  dashboard   ${system.devJson.url}`);
  say(`  sign in     ${admin?.email} / ${admin?.password}`);
  say(`  API         ${system.devJson.url}/api/docs`);
  say("  first event");
  say(`    curl ${system.devJson.url}/v1/events -H 'authorization: Bearer ${org?.ingest_key}' \\`);
  say(
    `      -d '{"event_type":"session_start","user_id":"me","session_id":"s1","timestamp":"${new Date().toISOString()}"}'`,
  );
  say(`  data        ${dataDirectory()}  (all tenants and keys: dev.json)`);
  say("");
}

async function main(): Promise<void> {
  const system = await startSystem({ dataDir: dataDirectory(), port: port(), log: say });
  const { url, orgs } = system.devJson;
  greet(system);
  say(`ready ${url}`);

  const demo = process.env.TENFOLD_DEMO === "0" ? undefined : startDemo(url, orgs);
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) process.exit(1);
    stopping = true;
    say("stopping ...");
    await demo?.stop();
    await system.stop();
    say("stopped");
    process.exit(0);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "disconnect"] as const) {
    // miniflare's own listeners end the process at once, with packs still queued.
    process.removeAllListeners(signal);
    process.on(signal, () => void stop());
  }
  process.channel?.unref();
}

function startDemo(url: string, orgs: System["devJson"]["orgs"]): { stop(): Promise<void> } {
  const senders = orgs.map((org) => ({ org_id: org.org_id, ingest_key: org.ingest_key }));
  const agents = startDemoAgents({ url, orgs: senders, seed: DEMO_SEED });
  const stopping = new AbortController();
  const history = backfill({
    url,
    orgs: senders,
    seed: DEMO_SEED,
    days: BACKFILL_DAYS,
    now: Date.now(),
    signal: stopping.signal,
  }).catch((error: unknown) => {
    say(`demo history: ${error instanceof Error ? error.message : String(error)}`);
  });
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all([agents.stop(), history]);
    },
  };
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});

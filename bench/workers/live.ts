/** The live benches' Worker: the real TenantLive, and beside it the plainest object that sends a text to its sockets. */
import { DurableObject } from "cloudflare:workers";
import { LIVE_HEADERS, type TenantLiveRpc } from "../../schema/rpc.ts";

export { TenantLive } from "../../durable-objects/tenant-live.ts";

export class PlainRoom extends DurableObject {
  override fetch(): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  push(text: string): number {
    const sockets = this.ctx.getWebSockets();
    for (const socket of sockets) socket.send(text);
    return sockets.length;
  }
}

interface BenchEnv {
  TENANT_LIVE: DurableObjectNamespace;
  PLAIN_ROOM: DurableObjectNamespace<PlainRoom>;
}

/** Frames behind each other, each preceded by its length (u32, little endian). */
function packsOf(bytes: Uint8Array): { pack_id: string; received_at: number; frame: Uint8Array }[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const packs = [];
  for (let at = 0; at < bytes.length; ) {
    const length = view.getUint32(at, true);
    packs.push({ pack_id: String(at), received_at: Date.now(), frame: bytes.slice(at + 4, at + 4 + length) });
    at += 4 + length;
  }
  return packs;
}

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/empty") return new Response("ok");
    if (pathname === "/gc") {
      // Exists under --expose-gc, which bench/support/object-workerd.ts sets.
      const collect: unknown = Reflect.get(globalThis, "gc");
      if (typeof collect === "function") collect();
      return new Response(typeof collect);
    }
    const org = searchParams.get("org") ?? "org";
    const stub = env.TENANT_LIVE.getByName(org);
    const live = stub as unknown as TenantLiveRpc;
    switch (pathname) {
      case "/apply": {
        const packs = packsOf(new Uint8Array(await request.arrayBuffer()));
        return Response.json(await live.apply({ v: 1, org_id: org, packs }));
      }
      case "/drain":
        return Response.json(packsOf(new Uint8Array(await request.arrayBuffer())).length);
      case "/stats":
        return Response.json(await live.stats());
      case "/notify": {
        const notice = {
          event_type: "error",
          timestamp: Date.now(),
          user_id: "u",
          session_id: "s",
          team_id: "",
          agent: "",
          model: "",
        };
        const rest = {
          repo: "",
          environment: "production",
          severity: "",
          title: "x".repeat(Number(searchParams.get("bytes") ?? 0)),
        };
        await live.notify({ v: 1, org_id: org, notices: [{ event_id: crypto.randomUUID(), ...notice, ...rest }] });
        return new Response("ok");
      }
      case "/live": {
        const expires_at = Date.now() + 600_000;
        const { ticket } = await live.issueTicket({ user_id: "u", role: "admin", scope: { kind: "org" }, expires_at });
        return await stub.fetch("http://object/", { headers: { upgrade: "websocket", [LIVE_HEADERS.ticket]: ticket } });
      }
      case "/plain":
        return await env.PLAIN_ROOM.getByName(org).fetch(request);
      case "/push":
        return Response.json(await env.PLAIN_ROOM.getByName(org).push(await request.text()));
      default:
        return new Response(null, { status: 404 });
    }
  },
} satisfies ExportedHandler<BenchEnv>;

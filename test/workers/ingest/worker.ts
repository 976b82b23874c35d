/** The ingest app as a Worker of its own, and a buffer that keeps what it is given. Used by the tests of this folder only. */
import { DurableObject } from "cloudflare:workers";
import type { AppendRequest, AppendResult, EventBufferRpc } from "../../../schema/rpc.ts";
import { createIngestApp } from "../../../workers/ingest/app.ts";

export class RecordingBuffer extends DurableObject implements EventBufferRpc {
  async append(request: AppendRequest): Promise<AppendResult> {
    const packs = (await this.ctx.storage.get<Uint8Array[]>("packs")) ?? [];
    await this.ctx.storage.put("packs", [...packs, ...request.packs]);
    return { v: 1, stored: request.packs.length };
  }

  async packs(): Promise<Uint8Array[]> {
    return (await this.ctx.storage.get<Uint8Array[]>("packs")) ?? [];
  }
}

export default createIngestApp();

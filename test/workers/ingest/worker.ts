/** The ingest app as a Worker of its own, and objects that keep what they are given. Used by the tests of this folder only. */
import { DurableObject } from "cloudflare:workers";
import type { AppendRequest, AppendResult, EventBufferRpc, Notice, NoticeRequest } from "../../../schema/rpc.ts";
import { createIngestApp } from "../../../workers/ingest/app.ts";

export { QuotaLease } from "../../../durable-objects/quota-lease.ts";

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

export class RecordingLive extends DurableObject {
  async notify(request: NoticeRequest): Promise<void> {
    const notices = (await this.ctx.storage.get<Notice[]>("notices")) ?? [];
    await this.ctx.storage.put("notices", [...notices, ...request.notices]);
  }

  async notices(): Promise<Notice[]> {
    return (await this.ctx.storage.get<Notice[]>("notices")) ?? [];
  }
}

export default createIngestApp();

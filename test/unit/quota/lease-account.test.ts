import { describe, expect, it } from "vitest";
import { LEASE_MS, REFUSAL_MS, REFUSAL_RECHECK_MS } from "../../../schema/limits.ts";
import type { LeaseAnswer } from "../../../schema/rpc.ts";
import { LeaseAccount } from "../../../workers/shared/lease-account.ts";

const grant = (granted: number): Omit<LeaseAnswer, "v"> => ({
  granted,
  level: 1_000,
  isolates: 1,
  retry_ms: 0,
  reason: null,
});
const refusal = (retry_ms: number, reason: "rate" | "day" = "rate"): Omit<LeaseAnswer, "v"> => ({
  granted: 0,
  level: 0,
  isolates: 1,
  retry_ms,
  reason,
});

/** An account whose lease of `granted` began at 0. */
function leased(granted: number): LeaseAccount {
  const account = new LeaseAccount();
  account.settle(account.left, grant(granted), 0);
  return account;
}

describe("one isolate's account", () => {
  it("admits one request on credit, then only the object can say", () => {
    const account = new LeaseAccount();
    expect(account.decide(0)).toBe("admit");
    account.spend(1_000, 0);
    expect(account.decide(0)).toBe("ask");
    expect(account.left).toBe(-1_000);
  });

  it("admits while the balance is above zero, so that the debt is one request", () => {
    const account = leased(10);
    account.spend(9, 1);
    expect(account.decide(1)).toBe("admit");
    account.spend(1_000, 1);
    expect([account.decide(1), account.left]).toEqual(["ask", -999]);
  });

  it("keeps what was spent while a call was under way", () => {
    const account = leased(100);
    account.spend(60, 1);
    const left = account.left;
    account.spend(30, 2);
    account.settle(left, grant(100), 3);
    expect(account.left).toBe(70);
  });

  it("lets a lease end after a second; what is left goes back and is not spent", () => {
    const account = leased(100);
    expect(account.wantsLease(LEASE_MS - 1)).toBe(false);
    expect(account.wantsLease(LEASE_MS)).toBe(true);
    account.spend(1, LEASE_MS);
    expect(account.decide(LEASE_MS)).toBe("ask");
    expect(account.left).toBe(99);
  });

  it("asks for the next lease when half of this one is gone", () => {
    const account = leased(100);
    account.spend(50, 1);
    expect(account.wantsLease(1)).toBe(false);
    account.spend(1, 1);
    expect(account.wantsLease(1)).toBe(true);
  });

  it("believes a refusal for a moment, gives no credit after it, and tells when to come back", () => {
    const account = new LeaseAccount();
    account.spend(1_000, 0);
    account.settle(account.left, refusal(90_000), 0);
    expect(account.decide(REFUSAL_RECHECK_MS - 1)).toBe("refuse");
    expect(account.decide(REFUSAL_RECHECK_MS)).toBe("ask");
    expect(account.state(10, 1_000, 500)).toEqual({ limit: 10, remaining: 0, reset: 90 });
    account.settle(account.left, refusal(1), 20_000);
    expect(account.decide(20_000 + REFUSAL_MS - 1)).toBe("refuse");
    account.settle(account.left, grant(5), 30_000);
    expect(account.decide(30_000)).toBe("admit");
  });

  it("does not forget a refusal by handing in what is left", () => {
    const account = leased(5);
    account.settle(account.left, refusal(5_000, "day"), 0);
    account.handIn(account.left, { level: 0, isolates: 1 });
    expect([account.decide(1), account.refusedFor]).toEqual(["refuse", "day"]);
    expect(account.decide(5_000)).toBe("ask");
  });

  it("fails open by half a second's quota once a second, and hands none of it in", () => {
    const account = new LeaseAccount();
    account.spend(100, 0);
    account.failOpen(1_000, 0);
    account.spend(450, 10);
    expect(account.decide(10)).toBe("ask");
    account.failOpen(1_000, 20);
    expect(account.decide(LEASE_MS - 1)).toBe("refuse");
    account.failOpen(1_000, LEASE_MS);
    expect(account.decide(LEASE_MS)).toBe("admit");
    account.spend(200, LEASE_MS);
    const left = account.left;
    expect(left).toBeLessThanOrEqual(-200);
    account.settle(left, grant(300), LEASE_MS + 5);
    expect(account.left).toBe(300);
  });

  it("shares the self-granted lease by the isolates last heard of", () => {
    const account = leased(10);
    account.settle(account.left, { ...grant(10), isolates: 20 }, 0);
    account.failOpen(10_000, LEASE_MS);
    expect(account.state(10_000, 1_000, LEASE_MS).remaining).toBeLessThanOrEqual(1_000 + 250);
    account.spend(250, LEASE_MS);
    expect(account.decide(LEASE_MS)).toBe("ask");
  });
});

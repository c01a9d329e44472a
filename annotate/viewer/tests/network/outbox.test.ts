import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { type Operation, stamped } from "../../src/domain/operations";
import { Offline, Problem } from "../../src/network/api";
import { type Keep, Outbox, type OutboxEvents, type Send } from "../../src/network/outbox";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const operation = (): Operation => stamped({ kind: "undo" }, "key");

/** A server that has a list, keeps ids apart, and can be told how to fail. */
class Server {
  readonly log: Operation[] = [];
  readonly failures: Error[] = [];
  readonly sizes: number[] = [];
  loseAnswers = 0;

  readonly send: Send = async (version, operations) => {
    const failure = this.failures.shift();
    if (failure) throw failure;
    this.sizes.push(operations.length);
    const known = new Set(this.log.map(({ id }) => id));
    const fresh = operations.filter(({ id }) => !known.has(id));
    if (version + operations.length - fresh.length !== this.log.length) {
      throw new Problem(409, "conflict", "stale", {
        version: this.log.length,
        operations: this.log.slice(version),
      });
    }
    this.log.push(...fresh);
    if (this.loseAnswers > 0) {
      this.loseAnswers -= 1;
      throw new Offline("lost");
    }
    return { version: this.log.length };
  };
}

class Memory implements Keep {
  readonly kept = new Map<string, Operation>();
  async add(_: string, one: Operation): Promise<void> {
    this.kept.set(one.id, one);
  }
  async remove(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.kept.delete(id);
  }
}

function setUp(): { server: Server; memory: Memory; events: OutboxEvents; outbox: Outbox } {
  const server = new Server();
  const memory = new Memory();
  const events = { changed: vi.fn(), conflict: vi.fn(), refused: vi.fn() };
  return { server, memory, events, outbox: new Outbox("task", 0, [], memory, server.send, events) };
}

describe("the outbox", () => {
  it("sends a burst in one batch, in order, and forgets it", async () => {
    const { server, memory, outbox } = setUp();
    const sent = [operation(), operation(), operation()];
    for (const one of sent) await outbox.push(one);
    expect(memory.kept.size).toBe(3);
    expect(server.log).toEqual([]);
    await vi.runAllTimersAsync();
    expect(server.log).toEqual(sent);
    expect(server.sizes).toEqual([3]);
    expect(memory.kept.size).toBe(0);
  });

  it("cuts a long list into batches", async () => {
    const { server, outbox } = setUp();
    for (let index = 0; index < 450; index += 1) await outbox.push(operation());
    expect(await outbox.flush()).toBe(true);
    expect(server.sizes).toEqual([200, 200, 50]);
    expect(server.log.length).toBe(450);
  });

  it("tries again until the server is back, and keeps everything until then", async () => {
    const { server, memory, events, outbox } = setUp();
    server.failures.push(
      new Offline("away"),
      new Problem(500, "internal", "oops", {}),
      new Problem(429, "too_many", "slow down", {}),
    );
    await outbox.push(operation());
    expect(await outbox.flush()).toBe(false);
    expect(memory.kept.size).toBe(1);
    expect(events.changed).toHaveBeenLastCalledWith("offline", 1);
    await vi.runAllTimersAsync();
    expect(server.log.length).toBe(1);
    expect(events.changed).toHaveBeenLastCalledWith("saved", 0);
    expect(memory.kept.size).toBe(0);
  });

  it("sends again what may have arrived, and it counts once", async () => {
    const { server, outbox } = setUp();
    server.loseAnswers = 1;
    await outbox.push(operation());
    await outbox.flush();
    await outbox.push(operation());
    await vi.runAllTimersAsync();
    expect(server.log.length).toBe(2);
    expect(outbox.unsent).toEqual([]);
  });

  it("stops at a conflict and loses nothing", async () => {
    const { server, memory, events, outbox } = setUp();
    server.log.push(operation());
    const mine = operation();
    await outbox.push(mine);
    await vi.runAllTimersAsync();
    expect(events.conflict).toHaveBeenCalledWith(expect.objectContaining({ version: 1 }), [mine]);
    expect(memory.kept.size).toBe(1);
    outbox.resume(1);
    await vi.runAllTimersAsync();
    expect(server.log.at(-1)).toEqual(mine);
  });

  it("tells of an operation that is refused, once", async () => {
    const { server, events, outbox } = setUp();
    server.failures.push(new Problem(422, "operation", "no", {}));
    await outbox.push(operation());
    await vi.runAllTimersAsync();
    expect(events.refused).toHaveBeenCalledTimes(1);
    expect(outbox.unsent.length).toBe(1);
    await outbox.discard();
    expect(outbox.unsent).toEqual([]);
  });

  it("sends what an earlier page left behind", async () => {
    const server = new Server();
    const left = [operation(), operation()];
    const events = { changed: vi.fn(), conflict: vi.fn(), refused: vi.fn() };
    new Outbox("task", 0, left, new Memory(), server.send, events);
    await vi.runAllTimersAsync();
    expect(server.log).toEqual(left);
  });
});

/** Operations that the server does not have yet, kept by the browser across reloads and crashes. */

import type { Operation } from "../domain/operations";

const NAME = "partworks-review";
const STORE = "operations";
/** Prefix of operations on their way into the database. */
const JOURNAL = "partworks-operation:";
/** Longer ones go into the database only: the other storage is small, and slow with large texts. */
const MOST_JOURNAL = 200_000;

interface Entry {
  readonly task: string;
  readonly sequence: number;
  readonly operation: Operation;
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => {
      resolve(request.result);
    };
    request.onerror = () => {
      reject(request.error ?? new Error("The browser's database failed."));
    };
  });
}

function committed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => {
      resolve();
    };
    transaction.onabort = () => {
      reject(transaction.error ?? new Error("The browser's database refused an operation."));
    };
    transaction.commit();
  });
}

/**
 * What was written in the moment before the page went away.
 *
 * A database commits a little later than it is told to, and a page that is left in between takes
 * the operation with it; `localStorage` has it at once.
 */
const journal = {
  write(entry: Entry): void {
    const text = JSON.stringify(entry);
    if (text.length > MOST_JOURNAL) return;
    try {
      localStorage.setItem(JOURNAL + entry.operation.id, text);
    } catch (error) {
      if (!(error instanceof DOMException)) throw error; // full: the database has it in a moment
    }
  },
  remove(id: string): void {
    localStorage.removeItem(JOURNAL + id);
  },
  entries(): Entry[] {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(JOURNAL))
      .map((key) => JSON.parse(localStorage.getItem(key) ?? "null") as Entry);
  },
};

export class Backlog {
  private sequence = Date.now() * 1000;

  private constructor(private readonly database: IDBDatabase) {}

  static async open(): Promise<Backlog> {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      const store = request.result.createObjectStore(STORE, { keyPath: "operation.id" });
      store.createIndex("task", "task");
    };
    return new Backlog(await settled(request));
  }

  /** Unsent operations of a task, in the order they were made. */
  async of(task: string): Promise<Operation[]> {
    const store = this.database.transaction(STORE).objectStore(STORE);
    const stored = (await settled(store.index("task").getAll(task))) as Entry[];
    const written = journal.entries().filter((entry) => entry.task === task);
    const entries = new Map([...written, ...stored].map((entry) => [entry.operation.id, entry]));
    return [...entries.values()]
      .sort((a, b) => a.sequence - b.sequence)
      .map((entry) => entry.operation);
  }

  async add(task: string, operation: Operation): Promise<void> {
    this.sequence += 1;
    const entry: Entry = { task, sequence: this.sequence, operation };
    journal.write(entry);
    const transaction = this.database.transaction(STORE, "readwrite");
    transaction.objectStore(STORE).put(entry);
    await committed(transaction);
    journal.remove(operation.id);
  }

  async remove(ids: readonly string[]): Promise<void> {
    const transaction = this.database.transaction(STORE, "readwrite");
    const store = transaction.objectStore(STORE);
    for (const id of ids) {
      store.delete(id);
      journal.remove(id);
    }
    await committed(transaction);
  }
}

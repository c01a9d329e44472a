/** The server's API, a function a verb. */

import type { Operation } from "../domain/operations";
import type {
  Claim,
  Preview,
  PreviewRequest,
  Saved,
  Submission,
  Suggestion,
  User,
  Warning,
} from "./contract";

const ROOT = "api/v1";

/** An answer other than 2xx, with what `application/problem+json` said. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly body: Readonly<Record<string, unknown>>,
  ) {
    super(message);
  }
}

/** The server could not be reached; what was to be sent is still here. */
export class Offline extends Error {}

async function problemOf(response: Response): Promise<Problem> {
  const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  const text = body["detail"] ?? body["title"] ?? response.statusText;
  const code = typeof body["code"] === "string" ? body["code"] : `http-${response.status}`;
  return new Problem(response.status, code, String(text), body);
}

async function request(path: string, options: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { credentials: "same-origin", ...options });
  } catch (error) {
    throw new Offline("The server does not answer.", { cause: error });
  }
  if (response.status >= 502 && response.status <= 504) {
    throw new Offline(`A gateway answered ${response.status}.`);
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

async function get<T>(path: string): Promise<T> {
  const response = await request(`${ROOT}/${path}`, { method: "GET" });
  return (await response.json()) as T;
}

async function post<T>(path: string, body: unknown, keepalive = false): Promise<T> {
  const response = await request(`${ROOT}/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    keepalive,
  });
  const text = await response.text();
  return (text === "" ? {} : JSON.parse(text)) as T;
}

/** Bytes of a blob, unpacked if they are gzip still: a server may or may not say so in a header. */
export async function blob(url: string, signal?: AbortSignal): Promise<ArrayBuffer> {
  const response = await request(url, signal ? { signal } : {});
  const bytes = await response.arrayBuffer();
  const head = new Uint8Array(bytes, 0, Math.min(2, bytes.byteLength));
  if (head[0] !== 0x1f || head[1] !== 0x8b) return bytes;
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(plain).arrayBuffer();
}

export const api = {
  session: () => get<{ readonly user: User | null }>("session"),
  login: (name: string, password: string) =>
    post<{ readonly user: User }>("login", { name, password }),
  loginToken: (token: string) => post<{ readonly user: User }>("login", { token }),
  logout: () => post<unknown>("logout", {}),
  claim: () => post<Claim>("claim", {}),
  heartbeat: (task: number, epoch: number) => post<unknown>(`tasks/${task}/heartbeat`, { epoch }),
  release: (task: number, epoch: number, kind: "skip" | "later", reason?: string) =>
    post<unknown>(`tasks/${task}/release`, { epoch, kind, ...(reason ? { reason } : {}) }),
  operations: (
    task: number,
    epoch: number,
    base_version: number,
    operations: readonly Operation[],
    keepalive: boolean,
  ) => post<Saved>(`tasks/${task}/operations`, { epoch, base_version, operations }, keepalive),
  preview: (task: number, epoch: number, body: PreviewRequest) =>
    post<Preview>(`tasks/${task}/preview`, { epoch, ...body }),
  submit: (task: number, body: Submission) => post<unknown>(`tasks/${task}/submit`, body),
  reopen: (task: number) => post<unknown>(`tasks/${task}/reopen`, { to: "own" }),
  warnings: (task: number) =>
    get<{ readonly warnings: readonly Warning[]; readonly suggestions?: readonly Suggestion[] }>(
      `tasks/${task}/warnings`,
    ),
  get,
  post: (path: string, body: unknown = {}) => post<unknown>(path, body),
};

// The server's doors, as the page uses them. Every failure is an `ApiError`, with words for people.

import { t } from "./i18n.js";

/**
 * What went wrong: `status` (0 where the server was not reached), `detail`, `after`, seconds to wait, and `kind`, what
 * the server calls it.
 */
export class ApiError extends Error {
  constructor(status, detail = "", after = 0, kind = "") {
    super(detail || `status ${status}`);
    Object.assign(this, { status, detail, after, kind });
  }

  /** What to tell people, without the server's own words. */
  get brief() {
    return t(KINDS.find(([holds]) => holds(this.status))[1]);
  }

  /** What to tell people. */
  get words() {
    return `${this.brief} ${this.detail}`.trim();
  }
}

const KINDS = [
  [(status) => status === 0, "error.offline"],
  [(status) => status === 401 || status === 403, "error.key"],
  [(status) => status === 413, "error.large"],
  [(status) => status === 415, "error.type"],
  [(status) => status === 400 || status === 422, "error.unreadable"],
  [(status) => status === 408 || status === 504, "error.slow"],
  [(status) => status === 429 || status === 503, "error.busy.given"],
  [(status) => status >= 500, "error.server"],
  [() => true, "error.other"],
];

let key = "";
let askForKey = async () => null;

/** How to get a key where the server wants one: a function that gives one or null. */
export function keysFrom(ask) {
  askForKey = ask;
}

async function problem(response) {
  let told = {};
  try {
    told = await response.json();
  } catch {
    // Not every answer on the way (a proxy's, say) is a problem document.
  }
  const detail = typeof told.detail === "string" ? told.detail : (told.title ?? "");
  const kind = String(told.type ?? "").split(":").at(-1);
  return new ApiError(response.status, detail, Number(response.headers.get("Retry-After")) || 0, kind);
}

async function call(path, options = {}) {
  const headers = { ...options.headers, ...(key && { Authorization: `Bearer ${key}` }) };
  let response;
  try {
    response = await fetch(path, { ...options, headers });
  } catch (error) {
    throw error.name === "AbortError" ? error : new ApiError(0);
  }
  if (response.ok) return response;
  if (response.status === 401) {
    const given = await askForKey(Boolean(key));
    if (given) {
      key = given;
      return call(path, options);
    }
  }
  throw await problem(response);
}

/** A form of files, `[blob, name]` each, and of texts; a part that is missing is left out. */
function form(parts) {
  const body = new FormData();
  for (const [name, part] of Object.entries(parts)) {
    if (Array.isArray(part)) body.append(name, ...part);
    else if (part) body.append(name, part);
  }
  return body;
}

/** Objects of an NDJSON answer as they arrive. */
async function* rows(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    const lines = (rest + (value ?? "")).split("\n");
    rest = done ? "" : lines.pop();
    for (const line of lines) if (line.trim()) yield JSON.parse(line);
    if (done) return;
  }
}

/** Read a file, with the password that opens it if it has one; yields what the server tells, page by page. */
export async function* read(file, name, password, signal) {
  const response = await call("/v1/read?preview=1", {
    method: "POST", body: form({ password, file: [file, name] }), headers: { Accept: "application/x-ndjson" }, signal,
  });
  try {
    yield* rows(response);
  } catch (error) {
    // The connection broke in the middle, or a proxy cut a row.
    throw error.name === "AbortError" || error instanceof ApiError ? error : new ApiError(0);
  }
}

/** The formats a document can be had in. */
export const formats = async () => (await (await call("/v1/formats")).json()).formats;

/** A document, edited or not, in a format; `original` is the file it came from, for formats that show it. */
export async function convert(document, format, original, password) {
  const content = new Blob([JSON.stringify(document)], { type: "application/json" });
  const body = form({ password, document: [content, "document.json"], file: original && [original, original.name || "page"] });
  return (await call(`/v1/convert?format=${encodeURIComponent(format)}`, { method: "POST", body })).blob();
}

/** What one character of a PNG may be: the `n` likeliest of the characters and ranges allowed (all where empty). */
export async function character(png, n, explain, allow, signal) {
  const path = `/v1/char?n=${n}${explain ? "&explain=1" : ""}${allow ? `&allow=${encodeURIComponent(allow)}` : ""}`;
  return (await call(path, { method: "POST", body: form({ file: [png, "drawing.png"] }), signal })).json();
}

/** The line in a PNG. */
export async function line(png, signal) {
  return (await call("/v1/line", { method: "POST", body: form({ file: [png, "line.png"] }), signal })).json();
}

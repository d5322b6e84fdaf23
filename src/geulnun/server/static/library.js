// The files that were given, read one after another; their pages as they arrive.

import { ApiError, read } from "./api.js";
import { t } from "./i18n.js";

/** Kinds of pictures every browser shows by itself: they stand on the page before the server has answered. */
const SHOWN = new Set(["image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp"]);
/** How often a server that is busy is asked again, and the seconds waited where it names none. */
const TRIES = 5;
const PATIENCE = 5;

let made = 0;

/**
 * Files and their pages. `changed(what, page)` is called with "page", "state" or "busy" whenever something is new;
 * `password(name, wrong)` asks for that of a PDF and gives it or null.
 */
export class Library {
  constructor(changed, password) {
    this.files = [];
    this.changed = changed;
    this.password = password;
    this.running = false;
  }

  /** All pages of all files, in order. */
  get pages() {
    return this.files.flatMap((file) => file.pages);
  }

  /** Take files in and read them; gives the first page of what was added. */
  add(blobs) {
    const added = blobs.map((blob) => {
      const file = { id: ++made, blob, name: blob.name || t("image"), state: "waiting", expected: 1, pages: [], stop: new AbortController() };
      const url = SHOWN.has(blob.type) ? URL.createObjectURL(blob) : null;
      file.pages.push(newPage(file, 1, url));
      if (url) this.#measure(file.pages[0]);
      return file;
    });
    this.files.push(...added);
    this.changed("state");
    this.#run();
    return added[0]?.pages[0];
  }

  /** Drop a file, also while it is being read. */
  remove(file) {
    file.stop.abort();
    for (const page of file.pages) if (page.image) URL.revokeObjectURL(page.image);
    this.files = this.files.filter((one) => one !== file);
    this.changed("state");
  }

  /** Read a file anew that could not be read. */
  again(file) {
    Object.assign(file, { state: "waiting", pages: [newPage(file, 1, file.pages[0]?.image)] });
    this.changed("state");
    this.#run();
  }

  /** How large a picture is that the browser shows, so that it stands there as large as it will be. */
  #measure(page) {
    const image = new Image();
    image.onload = () => {
      page.size = { width: image.naturalWidth, height: image.naturalHeight };
      this.changed("page", page);
    };
    image.onerror = () => {
      page.image = null;
      this.changed("page", page);
    };
    image.src = page.image;
  }

  async #run() {
    if (this.running) return;
    this.running = true;
    for (let file; (file = this.files.find((one) => one.state === "waiting")); ) await this.#read(file);
    this.running = false;
  }

  async #read(file, tries = 0) {
    file.state = "reading";
    this.changed("state");
    try {
      await this.#rows(file);
      file.state = "done";
    } catch (error) {
      if (error.name === "AbortError") return;
      const busy = error instanceof ApiError && (error.status === 429 || error.status === 503);
      if (busy && tries < TRIES && !file.pages.some((page) => page.tree)) {
        const seconds = error.after || PATIENCE;
        this.changed("busy", seconds);
        await new Promise((go) => setTimeout(go, seconds * 1000));
        if (!file.stop.signal.aborted) await this.#read(file, tries + 1);
        return;
      }
      if (error.kind === "encrypted") {
        file.password = await this.password(file.name, file.password !== undefined);
        if (file.password) return await this.#read(file, tries);
      }
      this.#fail(file, error instanceof ApiError ? error : new ApiError(-1, error.message));
    }
    this.changed("state");
  }

  async #rows(file) {
    let next = 0;
    for await (const row of read(file.blob, file.name, file.password, file.stop.signal)) {
      if ("page" in row && typeof row.page === "object") this.#arrived(file, next++, row);
      else if ("error" in row) this.#missed(file, next++, row);
      else if ("file" in row) {
        file.expected = row.file.pages;
        this.changed("state");
      }
    }
  }

  #slot(file, at, number) {
    file.pages[at] ??= newPage(file, number, null);
    file.expected = Math.max(file.expected, file.pages.length);
    return file.pages[at];
  }

  #arrived(file, at, row) {
    const page = this.#slot(file, at, row.page.number);
    const own = page.size?.width === row.page.width && page.size?.height === row.page.height && file.expected === 1;
    if (!own && row.preview) {
      if (page.image) URL.revokeObjectURL(page.image);
      page.image = pictureOf(row.preview.uri);
    }
    Object.assign(page, { tree: row.page, number: row.page.number, fresh: true });
    this.changed("page", page);
  }

  #missed(file, at, row) {
    const page = this.#slot(file, at, row.number ?? at + 1);
    page.error = new ApiError(row.error.status ?? 500, row.error.detail ?? row.error.title ?? "");
    this.changed("page", page);
  }

  #fail(file, error) {
    file.state = "failed";
    for (const page of file.pages) if (!page.tree) page.error ??= error;
    this.changed("page", file.pages.find((page) => page.error));
  }
}

/** An address for a picture that came as a data URI, so that its text need not be kept. */
function pictureOf(uri) {
  const [head, content] = uri.split(",");
  const bytes = Uint8Array.from(atob(content), (char) => char.charCodeAt(0));
  return URL.createObjectURL(new Blob([bytes], { type: head.slice(5).split(";")[0] }));
}

function newPage(file, number, image) {
  return { file, number, image, size: null, tree: null, error: null, fresh: false };
}

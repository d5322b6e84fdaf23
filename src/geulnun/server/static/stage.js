// The picture of a page with its words over it: real text, invisible, as wide and as turned as the words of the picture.

import { h } from "./ui.js";
import { SURE, sureness, textOf, wordsOf } from "./tree.js";

const LEAST = 0.05;
const MOST = 8;

/** Shows one page at a time. Calls `on.pick(place)`, `on.hover(place or null, element)`, `on.zoom(scale)`. */
export class Stage {
  #box; #on; #page = null; #scale = 1; #fitted = true; #sheet; #sizer; #words = new Map(); #fingers = new Map(); #pinch; #seen = true;

  constructor(box, on) {
    this.#box = box;
    this.#on = on;
    this.#sheet = h("div", { class: "sheet-of-page" });
    this.#sizer = h("div", { class: "sizer" }, this.#sheet);
    box.append(this.#sizer);
    new ResizeObserver(() => this.#resized()).observe(box);
    box.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    box.addEventListener("pointerdown", (event) => this.#down(event));
    box.addEventListener("copy", (event) => this.#copy(event));
    box.addEventListener("pointerover", (event) => this.#over(event));
    box.addEventListener("pointerleave", () => on.hover(null));
    box.addEventListener("click", (event) => this.#click(event));
  }

  /** Show a page: `{tree, image}`, the tree null while it is being read. */
  show(page, animate = false) {
    const same = this.#page && page && this.#page.image === page.image;
    this.#page = page;
    this.#words.clear();
    if (!page) return this.#sheet.replaceChildren();
    const size = page.tree ?? page.size ?? { width: 600, height: 800 };
    this.#sheet.style.width = `${size.width}px`;
    this.#sheet.style.height = `${size.height}px`;
    this.#sheet.classList.toggle("reading", !page.tree && !page.error);
    this.#sheet.classList.toggle("fresh", animate);
    this.#sheet.classList.toggle("none", Boolean(page.error && !page.image));
    const image = page.image ? h("img", { src: page.image, alt: "", draggable: "false" }) : h("div", { class: "blank" });
    this.#sheet.replaceChildren(image);
    if (page.tree) this.#sheet.append(this.#layer(page.tree));
    if (same && !this.#fitted) this.#place();
    else this.fit();
    this.#stretch();
  }

  #resized() {
    if (this.#fitted) this.fit();
    if (!this.#seen) this.#stretch();
  }

  /** Mark the word at a place as the one that is looked at elsewhere; null marks none. */
  mark(place) {
    for (const marked of this.#sheet.querySelectorAll(".looked")) marked.classList.remove("looked");
    const word = place && this.#words.get(key(place));
    word?.classList.add("looked");
    return word;
  }

  /** Bring the word at a place into view. */
  reveal(place) {
    const word = this.mark(place);
    word?.scrollIntoView({ block: "nearest", inline: "nearest" });
    return word;
  }

  /** Whether boxes are drawn around words. */
  marks(shown) {
    this.#sheet.classList.toggle("plain", !shown);
  }

  /** The picture's own element. */
  get image() {
    return this.#sheet.querySelector("img");
  }

  /** Show the whole width of the page. */
  fit() {
    this.#fitted = true;
    const width = this.#box.clientWidth - 32;
    const size = this.#page?.tree ?? this.#page?.size ?? { width: 600, height: 800 };
    if (width <= 0) return;
    this.#scale = clamp(Math.min(width / size.width, Math.max(1.6, width / 900)));
    this.#place();
  }

  /** Zoom by a factor about a point of the box (its middle without one). */
  zoom(factor, x = this.#box.clientWidth / 2, y = this.#box.clientHeight / 2) {
    const scale = clamp(this.#scale * factor);
    const ratio = scale / this.#scale;
    this.#fitted = false;
    // What lies under the point stays there.
    const [left, top] = [this.#sizer.offsetLeft, this.#sizer.offsetTop];
    const [atX, atY] = [this.#box.scrollLeft + x - left, this.#box.scrollTop + y - top];
    this.#scale = scale;
    this.#place();
    this.#box.scrollLeft = atX * ratio + this.#sizer.offsetLeft - x;
    this.#box.scrollTop = atY * ratio + this.#sizer.offsetTop - y;
  }

  #place() {
    const size = this.#page?.tree ?? this.#page?.size ?? { width: 600, height: 800 };
    this.#sizer.style.width = `${size.width * this.#scale}px`;
    this.#sizer.style.height = `${size.height * this.#scale}px`;
    this.#sheet.style.transform = `scale(${this.#scale})`;
    this.#on.zoom(this.#scale);
  }

  #layer(tree) {
    const layer = h("div", { class: "layer", lang: "ko" });
    let line = null;
    let order = 0;
    for (const place of wordsOf(tree)) {
      // A line ends in a newline of its own, so that what is copied has it too.
      if (line && line !== place.line) layer.append(h("br"));
      line = place.line;
      const word = this.#word(place);
      if (!word) continue;
      word.style.setProperty("--order", Math.min(order++, 60));
      this.#words.set(key(place), word);
      layer.append(word);
    }
    return layer;
  }

  #word({ b, l, w, word, line }) {
    const text = textOf(word);
    if (!word.quad || !text) return null;
    const last = w === line.words.length - 1;
    const space = word.space_after === false || last ? "" : " ";
    const element = h("span", { class: "word", data: { b, l, w } }, text + space);
    element.style.fontSize = element.style.lineHeight = element.style.height = `${sizeOf(word)}px`;
    const sure = sureness(word);
    if (sure < SURE) element.classList.add(sure < 0.6 ? "doubtful" : "unsure");
    return element;
  }

  /**
   * Make each word's text fill its quad: an affine map takes the text's own box onto three of the quad's corners. How
   * wide text is, only the browser can tell, and only where it shows; until then this waits.
   */
  #stretch() {
    this.#seen = this.#box.clientWidth > 0;
    if (!this.#seen) return;
    const range = document.createRange();
    const found = [...this.#words.entries()].map(([place, element]) => {
      const [b, l, w] = place.split(".").map(Number);
      const word = this.#page.tree.blocks[b].lines[l].words[w];
      range.setStart(element.firstChild, 0);
      range.setEnd(element.firstChild, textOf(word).length);
      return { element, word, width: Math.max(range.getBoundingClientRect().width / this.#scale, 1) };
    });
    for (const { element, word, width } of found) {
      const [a, b, , d] = word.quad;
      const size = sizeOf(word);
      const along = [(b[0] - a[0]) / width, (b[1] - a[1]) / width];
      const across = [(d[0] - a[0]) / size, (d[1] - a[1]) / size];
      element.style.transform = `matrix(${[...along, ...across, ...a].map((value) => value.toFixed(5)).join(",")})`;
      element.style.setProperty("--width", `${width}px`);
    }
  }

  /** Copy with the spaces and newlines of the tree, whatever the browser makes of placed text. */
  #copy(event) {
    const selection = getSelection();
    if (selection.isCollapsed || !selection.rangeCount) return;
    const range = selection.getRangeAt(0);
    let text = "";
    for (const node of this.#sheet.querySelectorAll(".layer > *")) {
      if (!range.intersectsNode(node)) continue;
      if (node.tagName === "BR") {
        text += "\n";
        continue;
      }
      const inner = node.firstChild;
      // A range that ends in front of a word's text, or begins behind it, intersects the word all the same.
      if (range.comparePoint(inner, 0) > 0 || range.comparePoint(inner, inner.length) < 0) continue;
      const start = range.startContainer === inner ? range.startOffset : 0;
      const end = range.endContainer === inner ? range.endOffset : inner.length;
      text += inner.data.slice(start, end);
    }
    event.clipboardData.setData("text/plain", text.replace(/^\n+|\s+$/g, ""));
    event.preventDefault();
  }

  #over(event) {
    const word = event.target.closest?.(".word");
    this.#on.hover(word ? placeOf(word) : null, word);
  }

  #click(event) {
    const word = event.target.closest?.(".word");
    if (word && getSelection().isCollapsed) this.#on.pick(placeOf(word), word);
  }

  #wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const box = this.#box.getBoundingClientRect();
    this.zoom(Math.exp(-event.deltaY / 300), event.clientX - box.left, event.clientY - box.top);
  }

  /** Beside words, the mouse drags the page about; two fingers zoom. On words, the browser selects. */
  #down(event) {
    const box = this.#box;
    if (event.pointerType === "touch") return this.#touch(event);
    if (event.button !== 1 && (event.button !== 0 || event.target.closest(".word"))) return;
    if (event.offsetX > box.clientWidth && event.target === box) return;
    event.preventDefault();
    getSelection().removeAllRanges();
    box.focus({ preventScroll: true });
    const start = { x: event.clientX + box.scrollLeft, y: event.clientY + box.scrollTop };
    const move = (moved) => {
      box.scrollLeft = start.x - moved.clientX;
      box.scrollTop = start.y - moved.clientY;
    };
    const end = () => {
      box.classList.remove("dragged");
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", end);
      removeEventListener("pointercancel", end);
    };
    box.classList.add("dragged");
    addEventListener("pointermove", move);
    addEventListener("pointerup", end);
    addEventListener("pointercancel", end);
  }

  #touch(event) {
    this.#fingers.set(event.pointerId, event);
    if (this.#fingers.size === 1) {
      const move = (moved) => this.#fingers.has(moved.pointerId) && this.#fingers.set(moved.pointerId, moved) && this.#spread();
      const end = (ended) => {
        this.#fingers.delete(ended.pointerId);
        this.#pinch = null;
        if (this.#fingers.size) return;
        for (const kind of ["pointermove", "pointerup", "pointercancel"]) removeEventListener(kind, listeners[kind]);
      };
      const listeners = { pointermove: move, pointerup: end, pointercancel: end };
      for (const [kind, listener] of Object.entries(listeners)) addEventListener(kind, listener);
    }
  }

  #spread() {
    if (this.#fingers.size !== 2) return;
    const [one, two] = this.#fingers.values();
    const box = this.#box.getBoundingClientRect();
    const apart = Math.hypot(one.clientX - two.clientX, one.clientY - two.clientY);
    const x = (one.clientX + two.clientX) / 2 - box.left;
    const y = (one.clientY + two.clientY) / 2 - box.top;
    if (this.#pinch) this.zoom(apart / this.#pinch, x, y);
    this.#pinch = apart;
  }
}

/** The height of a word's text, in pixels of the page. */
const sizeOf = ({ quad: [a, , , d] }) => Math.max(Math.hypot(d[0] - a[0], d[1] - a[1]), 8);
const key = ({ b, l, w }) => `${b}.${l}.${w}`;
const clamp = (scale) => Math.min(MOST, Math.max(LEAST, scale));

/** Where the word of an element stands. */
export const placeOf = ({ dataset }) => ({ b: Number(dataset.b), l: Number(dataset.l), w: Number(dataset.w) });

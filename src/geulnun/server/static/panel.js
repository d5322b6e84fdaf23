// The text of a page beside its picture. Arrow keys go from word to word, Enter edits.

import { t } from "./i18n.js";
import { placeOf } from "./stage.js";
import { rowsOf, SURE, sureness, textOf } from "./tree.js";
import { h, icon } from "./ui.js";

/** Shows the words of one page. Calls `on.pick(place, element)` and `on.hover(place or null, element)`. */
export class Panel {
  #box; #on; #words = new Map();

  constructor(box, on) {
    this.#box = box;
    this.#on = on;
    box.addEventListener("pointerover", (event) => this.#over(event));
    box.addEventListener("pointerleave", () => on.hover(null));
    box.addEventListener("click", (event) => {
      const word = event.target.closest(".w");
      if (word && getSelection().isCollapsed) on.pick(placeOf(word), word);
    });
    box.addEventListener("focusin", (event) => {
      const word = event.target.closest(".w");
      if (word?.matches(":focus-visible")) on.hover(placeOf(word), word);
    });
    box.addEventListener("focusout", () => on.hover(null));
    box.addEventListener("keydown", (event) => this.#key(event));
  }

  /**
   * Show a page's tree, or what stands in its place: a message while it is being read, with `busy`, or a failure with
   * how to try again.
   */
  show(tree, message = "", busy = false, again = null) {
    this.#words.clear();
    this.#box.replaceChildren();
    if (again) return this.#box.append(failure(message, again));
    if (!tree || !tree.blocks.some((block) => block.lines.length)) {
      const lines = busy ? [h("div", { class: "ghosts", aria: { hidden: true } }, ...[92, 74, 86, 60, 80].map(ghost))] : [];
      return this.#box.append(h("p", { class: "nothing" }, message || t("empty")), ...lines);
    }
    this.#box.append(...tree.blocks.flatMap((block, b) => (block.lines.length ? [this.#block(block, b, tree.rotation)] : [])));
    const first = this.#box.querySelector(".w");
    if (first) first.tabIndex = 0;
  }

  /** Mark the word at a place as the one looked at on the picture, and bring it into view if asked. */
  mark(place, reveal = false) {
    for (const marked of this.#box.querySelectorAll(".looked")) marked.classList.remove("looked");
    const word = place && this.#words.get(`${place.b}.${place.l}.${place.w}`);
    word?.classList.add("looked");
    if (reveal) word?.scrollIntoView({ block: "nearest" });
    return word;
  }

  /** Put the keyboard on the word at a place. */
  focus(place) {
    const word = this.mark(place, true);
    if (word) this.#go(word);
  }

  #block(block, b, rotation) {
    const rows = rowsOf(block, rotation).map((row) =>
      h("div", { class: "row" }, ...row.map(({ line, l }) => this.#line(line, b, l))),
    );
    return h("div", { class: `block is-${block.kind}` }, ...rows);
  }

  #line(line, b, l) {
    const parts = line.words.flatMap((word, w) => {
      const element = h("span", { class: `w ${tint(word)}`, role: "button", tabindex: "-1", data: { b, l, w } }, textOf(word));
      this.#words.set(`${b}.${l}.${w}`, element);
      return word.space_after === false || w === line.words.length - 1 ? [element] : [element, " "];
    });
    return h("p", { class: "line" }, ...parts);
  }

  #over(event) {
    const word = event.target.closest(".w");
    this.#on.hover(word ? placeOf(word) : null, word);
  }

  #go(word) {
    for (const other of this.#box.querySelectorAll('.w[tabindex="0"]')) other.tabIndex = -1;
    word.tabIndex = 0;
    word.focus();
  }

  #key(event) {
    const word = event.target.closest(".w");
    if (!word || event.ctrlKey || event.metaKey || event.altKey) return;
    const all = [...this.#words.values()];
    const at = all.indexOf(word);
    const goals = {
      ArrowRight: all[at + 1], ArrowLeft: all[at - 1], Home: all[0], End: all.at(-1),
      ArrowDown: this.#vertical(all, word, 1), ArrowUp: this.#vertical(all, word, -1),
    };
    if (event.key in goals) {
      event.preventDefault();
      event.stopPropagation();
      if (goals[event.key]) this.#go(goals[event.key]);
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.#on.pick(placeOf(word), word);
    }
  }

  /** The word of the next row below (or above) that stands nearest. */
  #vertical(all, word, step) {
    const here = word.getBoundingClientRect();
    const middle = here.left + here.width / 2;
    let best = null;
    for (const other of all) {
      const box = other.getBoundingClientRect();
      const down = (box.top - here.top) * step;
      if (down < here.height * 0.6) continue;
      const cost = down * 4 + Math.abs(box.left + box.width / 2 - middle);
      if (!best || cost < best.cost) best = { cost, other };
    }
    return best?.other;
  }
}

function tint(word) {
  const sure = sureness(word);
  return sure >= SURE ? "" : sure < 0.6 ? "doubtful" : "unsure";
}

function failure({ brief, detail }, again) {
  return h("div", { class: "failure", role: "alert" }, icon("alert"), h("strong", {}, brief), detail ? h("p", { lang: "en" }, detail) : null,
    h("button", { type: "button", class: "secondary small", onclick: again }, t("retry")));
}

function ghost(width) {
  const line = h("i");
  line.style.width = `${width}%`;
  return line;
}

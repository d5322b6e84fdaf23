// The reading view: pages on the left, the picture, and its text; downloads, edits and the keys that do them.

import { convert, formats } from "./api.js";
import { edit, hint } from "./editor.js";
import { t } from "./i18n.js";
import { Library } from "./library.js";
import { Panel } from "./panel.js";
import { Stage } from "./stage.js";
import { documentOf, rewrite, SURE, sureness, wordsOf } from "./tree.js";
import { $, copy, h, icon, percent, save, toast } from "./ui.js";

let stage, panel, library;
let current = null;
let undos = [];
let doubt = -1;
let known = null;
const thumbs = new WeakMap();

/** Make the view ready; `password` asks for that of a PDF. */
export function prepare(password) {
  const looks = (place, element) => {
    stage.mark(place);
    panel.mark(place);
    hint(place && wordAt(place), element);
  };
  stage = new Stage($("stage"), {
    pick: (place, element) => mend(place, element),
    hover: (place, element) => (looks(place, element), place && panel.mark(place, true)),
    zoom: (scale) => ($("zoom").textContent = `${Math.round(scale * 100)}%`),
  });
  panel = new Panel($("text"), { pick: (place, element) => mend(place, element), hover: (place, element) => (looks(place, element), place && stage.reveal(place)) });
  library = new Library(changed, password);
  document.addEventListener("language", refresh);
  $("thumbs").addEventListener("keydown", arrows);
  addEventListener("click", (event) => !event.target.closest("#menu, #download") && closeMenu());
  $("menu").addEventListener("keydown", menuKey);
  refresh();
}

/** Take files in. */
export function take(files) {
  const list = [...files];
  if (!list.length) return;
  const first = library.add(list);
  show(first);
  refresh();
  if (location.hash !== "#read") location.hash = "#read";
}

function changed(what, detail) {
  if (what === "busy") return toast(t("error.busy", { seconds: detail }), "", detail);
  if (what === "page" && detail === current) {
    show(current, detail.fresh);
    detail.fresh = false;
  }
  if (current && !library.pages.includes(current)) show(library.pages.find((page) => page.file === current.file) ?? library.pages[0] ?? null);
  return refresh();
}

function show(page, animate = false) {
  const other = page !== current;
  current = page;
  if (other) {
    undos = [];
    doubt = -1;
  }
  hint(null);
  if (page) {
    stage.show(page, animate);
    if (page.error) panel.show(null, page.error, false, () => library.again(page.file));
    else panel.show(page.tree, page.tree ? "" : t(page.file.state === "waiting" ? "waiting" : "reading"), !page.tree);
    $("text").scrollTop = 0;
  } else stage.show(null);
  if (other) refresh();
}

/** Everything that is told about the page, anew. */
function refresh() {
  const any = library?.files.length > 0;
  $("welcome").hidden = any;
  $("desk").hidden = !any;
  if (!any || !current) return;
  const { file, tree } = current;
  const words = tree ? [...wordsOf(tree)] : [];
  const doubtful = words.filter(({ word }) => sureness(word) < SURE);
  const pages = file.expected > 1 ? ` · ${t("page.of", { page: current.number, pages: file.expected })}` : "";
  $("title").textContent = file.name + pages;
  $("title").title = file.name;
  $("doubts").textContent = doubtful.length ? t("doubts", { count: doubtful.length }) : t("doubts.none");
  $("doubts").title = t("doubts.tip");
  $("doubts").disabled = !doubtful.length;
  $("doubts").classList.toggle("calm", !doubtful.length);
  $("desk").classList.toggle("unread", !tree);
  $("undo").disabled = !undos.length;
  const chars = words.flatMap(({ word }) => word.chars);
  const mean = chars.reduce((sum, char) => sum + char.confidence, 0) / Math.max(chars.length, 1);
  const edits = undos.length ? ` · ${t("edited", { count: undos.length })}` : "";
  $("facts").textContent = words.length ? t("facts", { words: words.length, sure: percent(mean) }) + edits : "";
  for (const button of document.querySelectorAll('[data-act="copy"], [data-act="download"]')) button.disabled = !file.pages.some((page) => page.tree);
  $("rail").classList.toggle("many", library.pages.length > 1 || library.files.length > 1);
  const focused = $("thumbs").contains(document.activeElement) && document.activeElement;
  $("thumbs").replaceChildren(...library.files.flatMap(thumbsOf));
  if (focused?.isConnected) focused.focus({ preventScroll: true });
  $("thumbs").querySelector('[aria-current="true"]')?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function thumbsOf(file) {
  const read = file.pages.filter((page) => page.tree || page.error).length;
  const state = { waiting: t("waiting"), failed: t("failed") }[file.state];
  const progress = file.state === "reading" && h("progress", { max: file.expected, value: read || null, aria: { label: t("reading.page", { page: read + 1, pages: file.expected }) } });
  const head = h("div", { class: "file" },
    h("span", { class: "file-name", title: file.name }, file.name),
    h("button", { type: "button", class: "ghost icon tiny", onclick: () => library.remove(file), aria: { label: t("remove", { name: file.name }) } }, icon("close")));
  const note = file.state === "reading" && file.expected > 1 ? t("reading.page", { page: Math.min(read + 1, file.expected), pages: file.expected }) : state;
  const again = file.state === "failed" && h("button", { type: "button", class: "link", onclick: () => library.again(file) }, t("retry"));
  return [head, note ? h("span", { class: "file-note" }, note) : null, progress || null, again || null, ...file.pages.map(thumb)].filter(Boolean);
}

/** A page's button, made once: what changes is changed in place, so that pictures stay and the keyboard does not get lost. */
function thumb(page) {
  const made = thumbs.get(page) ?? h("button", { type: "button", onclick: () => show(page) }, h("span", { class: "blank" }), h("span", { class: "number" }));
  thumbs.set(page, made);
  const here = page === current;
  made.className = `thumb${page.error ? " bad" : page.tree ? "" : " unread"}`;
  made.tabIndex = here ? 0 : -1;
  made.setAttribute("aria-label", `${page.file.name}, ${t("page.of", { page: page.number, pages: page.file.expected })}`);
  made.setAttribute("aria-current", String(here));
  made.lastChild.textContent = page.number;
  if (page.image && made.firstChild.getAttribute("src") !== page.image) made.firstChild.replaceWith(h("img", { src: page.image, alt: "", loading: "lazy" }));
  return made;
}

function arrows(event) {
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  event.stopPropagation();
  turn(step);
  $("thumbs").querySelector('[aria-current="true"]')?.focus();
}

function turn(step) {
  const pages = library.pages;
  const page = pages[pages.indexOf(current) + step];
  if (page) show(page);
}

const wordAt = ({ b, l, w }) => current?.tree?.blocks[b]?.lines[l]?.words[w];

async function mend(place, element) {
  const page = current;
  const word = wordAt(place);
  if (!word) return;
  const image = stage.image;
  const text = await edit(word, image, image ? image.naturalWidth / page.tree.width : 1, element);
  if (text === null) return;
  undos.push(rewrite(page.tree, place, text));
  redraw(place);
}

function redraw(place) {
  const top = $("text").scrollTop;
  const [left, high] = [$("stage").scrollLeft, $("stage").scrollTop];
  show(current);
  $("text").scrollTop = top;
  $("stage").scrollTo(left, high);
  refresh();
  if (place && wordAt(place)) panel.focus(place);
}

function undo() {
  undos.pop()?.();
  redraw(null);
}

/** Go to the next doubtful word after the last one. */
function nextDoubt() {
  if (!current?.tree) return;
  const found = [...wordsOf(current.tree)].filter(({ word }) => sureness(word) < SURE);
  if (!found.length) return;
  doubt = (doubt + 1) % found.length;
  const place = found[doubt];
  stage.reveal(place);
  panel.focus(place);
}

const trees = (file) => file.pages.flatMap((page) => (page.tree ? [page.tree] : []));
const base = (name) => name.replace(/\.[^.]{1,5}$/, "") || "geulnun";

function copyAll() {
  if (current) copy(trees(current.file).map((tree) => tree.text).join("\n\n"));
}

async function openMenu() {
  const menu = $("menu");
  if (!menu.hidden) return closeMenu();
  try {
    known ??= await formats();
  } catch (error) {
    return toast(error.words ?? String(error), "bad");
  }
  const entries = known.map((format) =>
    h("button", { type: "button", role: "menuitem", data: { format: format.name }, onclick: () => (closeMenu(), fetchAs(format)) },
      h("span", {}, named(format)), h("code", {}, format.suffix)));
  menu.replaceChildren(h("p", { class: "caption", role: "presentation" }, t("download.as")), ...entries);
  menu.hidden = false;
  $("download").setAttribute("aria-expanded", "true");
  const box = $("download").getBoundingClientRect();
  const desk = $("desk").getBoundingClientRect();
  menu.style.top = `${box.bottom - desk.top + 6}px`;
  menu.style.right = `${Math.max(8, desk.right - box.right)}px`;
  return entries[0]?.focus();
}

function named(format) {
  const key = `format.${format.name}`;
  const own = t(key);
  return own === key ? (format.title ?? format.name) : own;
}

function closeMenu() {
  if ($("menu").hidden) return;
  const inside = $("menu").contains(document.activeElement);
  $("menu").hidden = true;
  $("download").setAttribute("aria-expanded", "false");
  if (inside) $("download").focus();
}

function menuKey(event) {
  const items = [...$("menu").querySelectorAll("button")];
  const at = items.indexOf(document.activeElement);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === "Escape" || event.key === "Tab") closeMenu();
  else if (event.key === "Home") items[0].focus();
  else if (event.key === "End") items.at(-1).focus();
  else if (step) items[(at + step + items.length) % items.length].focus();
  else return;
  if (event.key !== "Tab") event.preventDefault();
  event.stopPropagation();
}

/** Download the file that is shown in a format; one of single pages gives the page that is shown. */
async function fetchAs(format) {
  const { file } = current;
  const pages = format.single && current.tree ? [current.tree] : trees(file);
  const part = format.single && file.pages.length > 1 ? `-${current.number}` : "";
  const name = `${base(file.name)}${part}${format.suffix}`;
  const close = toast(t("converting"), "", 120);
  const original = format.picture === "none" ? null : file.blob;
  try {
    save(await convert(documentOf(file.name, pages), format.name, original, file.password), name);
    toast(t("saved", { name }), "good");
  } catch (error) {
    toast(error.words ?? String(error), "bad");
  } finally {
    close();
  }
}

function toggleMarks() {
  const shown = $("marks").getAttribute("aria-pressed") !== "true";
  $("marks").setAttribute("aria-pressed", String(shown));
  stage.marks(shown);
}

/** What buttons with `data-act` and keys do here. */
export const ACTS = {
  in: () => stage.zoom(1.25), out: () => stage.zoom(0.8), fit: () => stage.fit(), marks: toggleMarks,
  copy: copyAll, download: openMenu, undo, "next-doubt": nextDoubt,
};

/** A key pressed in this view; says whether it meant something. */
export function press(event) {
  if ($("desk").hidden) return false;
  const does = {
    "+": ACTS.in, "=": ACTS.in, "-": ACTS.out, 0: ACTS.fit, m: toggleMarks, n: nextDoubt, u: undo, d: openMenu,
    c: copyAll, PageDown: () => turn(1), PageUp: () => turn(-1), "]": () => turn(1), "[": () => turn(-1),
  }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  does?.();
  return Boolean(does);
}

// The drawing view: a sheet to write a character or a line on, and what the reader takes it for while it is written.

import { character, line } from "./api.js";
import { t } from "./i18n.js";
import { Strokes } from "./strokes.js";
import { $, copy, h, percent, toast } from "./ui.js";

/** What may be named, by the alphabet chosen: what the server's `allow` takes. */
const SCRIPTS = { all: "", syllable: "가-힣", jamo: "ㄱ-ㅣ", hiragana: "ぁ-ん", katakana: "ァ-ヶー", latin: "0-9A-Za-z" };
const PLACES = ["cho", "jung", "jong"];
/** Milliseconds after the pen's last move before it is read, and between two readings of one stroke. */
const PAUSE = 140;
const EVERY = 350;
/** Sides of the pictures sent, in pixels, and the paper's width over its height. */
const SIDE = 240;
const LINE_HEIGHT = 180;
const SHAPES = { char: 1, line: 3.6 };

const inks = { char: new Strokes(), line: new Strokes() };
let mode = "char";
let tool = "pen";
let timer = null;
let last = 0;
let asking = null;
let result = null;
let lit = null;
let paper, ink, heat;

/** Make the view ready. */
export function prepare() {
  paper = $("paper");
  ink = h("canvas", { class: "ink", role: "img", data: { tLabel: "board" } });
  heat = h("canvas", { class: "heat", aria: { hidden: true } });
  paper.append(h("div", { class: "guides", aria: { hidden: true } }), heat, h("p", { class: "invite", id: "invite" }), ink);
  ink.addEventListener("pointerdown", down);
  ink.addEventListener("contextmenu", (event) => event.preventDefault());
  new ResizeObserver(draw).observe(paper);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  for (const button of document.querySelectorAll("[data-tool]")) button.addEventListener("click", () => choose(button.dataset.tool));
  for (const button of document.querySelectorAll("[data-mode]")) button.addEventListener("click", () => turnTo(button.dataset.mode));
  $("modes").addEventListener("keydown", modeKey);
  $("script").addEventListener("change", () => soon(0));
  document.addEventListener("language", words);
  document.addEventListener("theme", draw);
  turnTo("char");
}

function words() {
  const chosen = $("script").value || "all";
  $("script").replaceChildren(...Object.keys(SCRIPTS).map((name) => h("option", { value: name }, t(`script.${name}`))));
  $("script").value = chosen;
  ink.setAttribute("aria-label", t("board"));
  $("invite").textContent = t(`board.${mode}`);
  tell();
}

function choose(name) {
  tool = name;
  for (const button of document.querySelectorAll("[data-tool]")) button.setAttribute("aria-pressed", String(button.dataset.tool === name));
  ink.classList.toggle("erasing", name === "eraser");
}

function turnTo(name) {
  mode = name;
  result = null;
  for (const button of document.querySelectorAll("[data-mode]")) {
    button.setAttribute("aria-checked", String(button.dataset.mode === name));
    button.tabIndex = button.dataset.mode === name ? 0 : -1;
  }
  $("draw").dataset.mode = name;
  paper.style.aspectRatio = String(SHAPES[name]);
  words();
  draw();
  soon(0);
}

function modeKey(event) {
  if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
  turnTo(mode === "char" ? "line" : "char");
  $("modes").querySelector('[aria-checked="true"]').focus();
}

const at = (event) => {
  const box = ink.getBoundingClientRect();
  // A mouse has no pressure of its own: browsers say a half while its button is down.
  const pressure = event.pointerType === "mouse" || !event.pressure ? 0.5 : event.pressure;
  return [(event.clientX - box.left) / box.height, (event.clientY - box.top) / box.height, pressure];
};

function down(event) {
  if (!event.isPrimary || (event.button !== 0 && event.button !== 2 && event.button !== 5)) return;
  event.preventDefault();
  const strokes = inks[mode];
  // The pen's own eraser, and the right button, rub out.
  const rubs = tool === "eraser" || event.button !== 0;
  const width = (Number($("pen-width").value) / 100) * (mode === "line" ? 0.9 : 0.8);
  strokes.begin(rubs ? "eraser" : "pen", rubs ? Math.max(0.07, width * 2) : width, at(event));
  ink.setPointerCapture(event.pointerId);
  heat.hidden = true;
  const move = (moved) => {
    if (moved.pointerId !== event.pointerId) return;
    const all = moved.getCoalescedEvents?.() ?? [];
    strokes.extend((all.length ? all : [moved]).map(at));
    draw();
    if (performance.now() - last > EVERY) ask();
  };
  const end = (ended) => {
    if (ended.pointerId !== event.pointerId) return;
    ink.removeEventListener("pointermove", move);
    for (const kind of ["pointerup", "pointercancel"]) ink.removeEventListener(kind, end);
    soon();
  };
  ink.addEventListener("pointermove", move);
  for (const kind of ["pointerup", "pointercancel"]) ink.addEventListener(kind, end);
  draw();
  soon();
}

function draw() {
  const { width, height } = paper.getBoundingClientRect();
  if (!width) return;
  const ratio = devicePixelRatio || 1;
  ink.width = Math.round(width * ratio);
  ink.height = Math.round(height * ratio);
  inks[mode].draw(ink.getContext("2d"), ink.height, getComputedStyle(ink).color);
  $("invite").hidden = !inks[mode].empty;
  warm();
}

function soon(pause = PAUSE) {
  clearTimeout(timer);
  timer = setTimeout(ask, pause);
}

/** Have the ink read; only the newest answer counts. */
async function ask() {
  clearTimeout(timer);
  last = performance.now();
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  const now = mode;
  try {
    const png = await inks[now].png(Math.round((now === "line" ? LINE_HEIGHT : SIDE) * SHAPES[now]), now === "line" ? LINE_HEIGHT : SIDE);
    const found = !png ? null : now === "line" ? await line(png, signal) : await character(png, 5, true, SCRIPTS[$("script").value], signal);
    if (signal.aborted || now !== mode) return;
    result = found;
    tell();
  } catch (error) {
    if (error.name === "AbortError") return;
    if (error.status === 429) soon(1000 * (error.after || 2));
    else toast(error.words ?? String(error), "bad");
  }
}

function tell() {
  const box = $("guesses");
  if (!result) box.replaceChildren(h("p", { class: "caption" }, t("guess.wait")), ...(mode === "char" ? [h("div", { class: "tiles" }, ...Array.from({ length: 5 }, blankTile))] : []));
  else if (mode === "line") box.replaceChildren(...lineParts(result.line ?? result));
  else box.replaceChildren(...charParts(result));
  warm();
}

const blankTile = () => h("span", { class: "tile blank" });

function charParts(found) {
  if (!found.characters.length) return [h("p", { class: "caption" }, t("guess.none")), h("div", { class: "tiles" }, ...Array.from({ length: 5 }, blankTile))];
  const tiles = found.characters.slice(0, 5).map(({ text, probability }, place) => {
    const fill = h("i", { class: "fill" });
    fill.style.transform = `scaleX(${probability})`;
    return h("button", { type: "button", class: "tile", lang: "ko", onclick: () => accept(text), data: { char: text }, aria: { label: `${text} ${percent(probability)}. ${t("take", { char: text })}` } },
      fill, h("b", {}, text), h("span", {}, percent(probability)), h("kbd", {}, String(place + 1)));
  });
  return [h("p", { class: "caption" }, t("guess")), h("div", { class: "tiles" }, ...tiles), ...jamoParts(found)];
}

function jamoParts(found) {
  const places = PLACES.filter((place) => found.jamo?.[place]?.length);
  if (!places.length || !found.maps?.some(({ place }) => PLACES.includes(place))) return [];
  const columns = places.map((place) => {
    const rows = found.jamo[place].slice(0, 4).map(({ text, probability }) => {
      const meter = h("i", { class: "meter" }, h("i"));
      meter.firstChild.style.transform = `scaleX(${probability})`;
      return h("li", {}, h("b", { lang: text ? "ko" : null, class: text ? null : "no" }, text || t("none")), meter, h("span", {}, percent(probability)));
    });
    const column = h("button", { type: "button", class: `column ${place}`, aria: { pressed: lit === place }, title: t("looks.tip"), onclick: () => light(lit === place ? null : place) },
      h("span", { class: "caption" }, t(place)), h("ul", {}, ...rows));
    column.addEventListener("pointerenter", () => warm(place));
    column.addEventListener("pointerleave", () => warm());
    return column;
  });
  return [h("p", { class: "caption looks" }, t("looks"), h("span", {}, t("looks.tip"))), h("div", { class: "jamo" }, ...columns)];
}

function light(place) {
  lit = place;
  for (const column of document.querySelectorAll(".column")) column.setAttribute("aria-pressed", String(column.classList.contains(lit)));
  warm();
}

function lineParts(found) {
  const text = found.words?.map((word) => word.chars.map((char) => char.text).join("") + (word.space_after === false ? "" : " ")).join("").trim();
  if (!text) return [h("p", { class: "caption" }, t("guess.none"))];
  const shown = found.words.flatMap((word) => [
    ...word.chars.map((char) => h("span", { class: char.confidence < 0.6 ? "doubtful" : char.confidence < 0.9 ? "unsure" : "", title: percent(char.confidence) }, char.text)),
    word.space_after === false ? "" : " ",
  ]);
  return [
    h("p", { class: "caption" }, t("guess.line"), h("span", {}, t("sure", { sure: percent(found.confidence) }))),
    h("button", { type: "button", class: "reading-line", lang: "ko", onclick: () => accept(`${text} `), aria: { label: t("take", { char: text }) } }, ...shown),
  ];
}

/** Colour the paper where the network found each jamo of the best character; one place alone where it is pointed at. */
function warm(only = lit) {
  const maps = mode === "char" && !inks[mode].empty ? (result?.maps ?? []) : [];
  heat.hidden = !maps.length || !result.square;
  if (heat.hidden) return;
  const [left, top, right, bottom] = result.square;
  const side = paper.clientWidth / result.width;
  Object.assign(heat.style, { left: `${left * side}px`, top: `${top * side}px`, width: `${(right - left) * side}px`, height: `${(bottom - top) * side}px` });
  const shown = maps.filter(({ place }) => !only || place === only);
  const [rows, columns] = [maps[0].grid.length, maps[0].grid[0].length];
  heat.width = columns;
  heat.height = rows;
  const picture = heat.getContext("2d").createImageData(columns, rows);
  const colours = shown.map(({ place }) => colourOf(place));
  const most = shown.map(({ grid }) => Math.max(1e-6, ...grid.flat()));
  for (let cell = 0; cell < rows * columns; cell++) {
    const shares = shown.map(({ grid }, one) => Math.max(0, grid[Math.floor(cell / columns)][cell % columns]) / most[one]);
    const sum = shares.reduce((a, b) => a + b, 0) || 1;
    for (let channel = 0; channel < 3; channel++) picture.data[cell * 4 + channel] = shares.reduce((value, share, one) => value + (share / sum) * colours[one][channel], 0);
    picture.data[cell * 4 + 3] = 255 * Math.min(1, Math.max(0, ...shares)) ** 2 * (only ? 0.8 : 0.6);
  }
  heat.getContext("2d").putImageData(picture, 0, 0);
}

function colourOf(place) {
  const text = getComputedStyle(paper).getPropertyValue(`--${PLACES.includes(place) ? place : "cho"}`).trim();
  return [1, 3, 5].map((start) => parseInt(text.slice(start, start + 2), 16));
}

/** Add to what was written down, and begin the next character. */
function accept(text) {
  $("written").value += text;
  inks[mode].reset();
  result = null;
  draw();
  tell();
}

const step = (act) => () => {
  inks[mode][act]();
  result = null;
  draw();
  tell();
  soon(0);
};

/** What buttons with `data-act` and keys do here. */
export const ACTS = {
  unstroke: step("undo"), restroke: step("redo"), clear: step("clear"), "copy-written": () => copy($("written").value),
};

/** A key pressed in this view; says whether it meant something. */
export function press(event) {
  const tiles = document.querySelectorAll(".tile[data-char]");
  const does = {
    p: () => choose("pen"), e: () => choose("eraser"), z: ACTS.unstroke, y: ACTS.restroke,
    Delete: ACTS.clear, Backspace: ACTS.clear,
  }[event.key.length === 1 ? event.key.toLowerCase() : event.key] ?? (/^[1-5]$/.test(event.key) ? () => tiles[event.key - 1]?.click() : null);
  does?.();
  return Boolean(does);
}

/** Draw anew when the view comes into sight, where it first has a size. */
export function shown() {
  draw();
}

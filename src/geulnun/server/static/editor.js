// What is known of a word: a card beside the pointer, and a dialogue in which it is mended.

import { t } from "./i18n.js";
import { graphemes, textOf } from "./tree.js";
import { $, h, icon, percent } from "./ui.js";

const byHand = (char) => char.confidence === 1 && !char.alternatives;

/** Show beside an element what is known of its word; null hides the card. */
export function hint(word, element) {
  const card = $("hint");
  if (!word || !element || $("editor").open) {
    card.hidden = true;
    return;
  }
  const sure = word.chars.reduce((least, char) => Math.min(least, char.confidence), 1);
  const doubtful = word.chars.filter((char) => char.alternatives?.length).slice(0, 4);
  card.replaceChildren(
    h("div", { class: "hint-head" }, h("b", { lang: "ko" }, textOf(word)), h("span", {}, t("sure", { sure: percent(sure) }))),
    ...doubtful.map((char) =>
      h("div", { class: "hint-row", lang: "ko" },
        h("b", {}, char.text), h("span", { class: "dim" }, percent(char.confidence)),
        ...char.alternatives.slice(0, 3).map((other) => h("span", { class: "other" }, other[0] || "∅", " ", h("i", {}, percent(other[1]))))),
    ),
  );
  card.hidden = false;
  near(card, element.getBoundingClientRect());
}

/** Put a card under a box, or above it where there is no room, within the window. */
function near(card, box) {
  const { width, height } = card.getBoundingClientRect();
  const left = Math.min(Math.max(8, box.left + box.width / 2 - width / 2), innerWidth - width - 8);
  const under = box.bottom + 8;
  const top = under + height > innerHeight - 8 ? Math.max(8, box.top - height - 8) : under;
  card.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
}

/**
 * Ask how a word should read.
 *
 * @param word the word.
 * @param image its page's picture, or null.
 * @param scale pixels of the picture for one of the page's.
 * @returns a promise of the new text, or null where nothing is to change.
 */
export function edit(word, image, scale, element) {
  const dialog = $("editor");
  const field = h("input", { class: "field", lang: "ko", autocomplete: "off", spellcheck: "false", enterkeyhint: "done", aria: { label: t("edit.word") } });
  const others = h("div", { class: "others" });
  const offer = () => others.replaceChildren(...choices(word, field, offer));
  field.value = textOf(word);
  field.addEventListener("input", offer);
  return new Promise((answer) => {
    let wanted = null;
    const close = (text) => {
      wanted = text;
      dialog.close();
    };
    const form = h(
      "form",
      { onsubmit: (event) => (event.preventDefault(), close(field.value)) },
      image ? h("div", { class: "cut" }, cut(word, image, scale)) : null,
      field,
      others,
      h("div", { class: "editor-row" },
        h("button", { type: "button", class: "ghost danger", onclick: () => close("") }, icon("trash"), t("edit.delete")),
        h("span", { class: "spring" }),
        h("button", { type: "button", class: "ghost", onclick: () => close(null) }, t("cancel")),
        h("button", { type: "submit", class: "primary small" }, t("edit.save"))),
    );
    dialog.replaceChildren(form);
    // Beside the card; what a handler returns must not be false, which would keep buttons from doing their work.
    dialog.onclick = (event) => {
      if (event.target === dialog) close(null);
    };
    dialog.onclose = () => {
      answer(wanted === textOf(word) ? null : wanted);
      element?.isConnected && element.focus?.({ preventScroll: true });
    };
    offer();
    $("hint").hidden = true;
    dialog.showModal();
    if (element) near(dialog, element.getBoundingClientRect());
    field.focus();
    field.select();
  });
}

/** A row for each character that might have been another one; a press puts that in its place. */
function choices(word, field, again) {
  const now = graphemes(field.value);
  const known = now.length === word.chars.length;
  const rows = word.chars.flatMap((char, at) => {
    if (!char.alternatives?.length || !known) return [];
    const options = [[char.text, char.confidence], ...char.alternatives.filter((other) => other[0])].slice(0, 6);
    return [h("div", { class: "choice-row" }, ...options.map(([text, share]) => option(text, share, now[at] === text, () => {
      field.value = now.map((one, place) => (place === at ? text : one)).join("");
      again();
      field.focus();
    })))];
  });
  const note = word.chars.every(byHand) ? t("sure", { sure: "100%" }) : t("others.none");
  return rows.length ? [h("p", { class: "caption" }, t("others")), ...rows] : [h("p", { class: "caption" }, note)];
}

function option(text, share, chosen, act) {
  return h("button", { type: "button", class: "option", lang: "ko", onclick: act, aria: { pressed: chosen } },
    h("b", {}, text), h("span", {}, percent(share)));
}

/** The word's part of the picture, stood upright. */
function cut(word, image, scale) {
  const canvas = h("canvas", { aria: { hidden: true } });
  if (!word.quad || !image.complete) return canvas;
  const [a, b, , d] = word.quad;
  const [width, height] = [Math.hypot(b[0] - a[0], b[1] - a[1]), Math.hypot(d[0] - a[0], d[1] - a[1])];
  const margin = 0.25 * height;
  const zoom = Math.min(64 / height, 420 / (width + 2 * margin)) * devicePixelRatio;
  canvas.width = Math.max(1, (width + 2 * margin) * zoom);
  canvas.height = Math.max(1, (height + margin) * zoom);
  canvas.style.width = `${canvas.width / devicePixelRatio}px`;
  const context = canvas.getContext("2d");
  const angle = Math.atan2(b[1] - a[1], b[0] - a[0]);
  context.scale(zoom, zoom);
  context.translate(margin, margin / 2);
  context.rotate(-angle);
  context.translate(-a[0], -a[1]);
  context.scale(1 / scale, 1 / scale);
  context.drawImage(image, 0, 0);
  return canvas;
}

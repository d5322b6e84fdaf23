// Small helpers that every part of the page uses: elements, icons, messages, the clipboard.

import { t } from "./i18n.js";

/** The one element with this id. */
export const $ = (id) => document.getElementById(id);

/**
 * Make an element. Properties: `class`, `on…` listeners, `data` and `aria` as objects; others are attributes, and those
 * that are null or false are left out. Children: elements or texts.
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value == null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(element.dataset, value);
    else if (name === "aria") for (const key of Object.keys(value)) element.setAttribute(`aria-${key}`, value[key]);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

/** An icon of the page's own set; `name` is that of a symbol in index.html, without "i-". */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

/** Whether the reader of this page asked for less motion. */
export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** A share of 1 as a percentage that never claims 100 for what is less. */
export function percent(share) {
  if (share > 0 && share < 0.001) return "<0.1%";
  const rounded = share < 0.9995 ? Math.min(share, 0.999) : 1;
  return rounded >= 0.1 || rounded === 0 ? `${Math.floor(rounded * 100)}%` : `${(rounded * 100).toFixed(1)}%`;
}

/** Show a message for a while; `kind` is "good", "bad" or "". Returns a function that takes it away. */
export function toast(text, kind = "", seconds = kind === "bad" ? 8 : 3) {
  const close = () => box.remove();
  const box = h(
    "div",
    { class: `toast ${kind}` },
    icon(kind === "bad" ? "alert" : "check"),
    h("span", {}, text),
    h("button", { type: "button", class: "ghost icon", onclick: close, aria: { label: t("close") } }, icon("close")),
  );
  $("toasts").append(box);
  setTimeout(close, seconds * 1000);
  return close;
}

/** Put text into the clipboard, also on pages that came over plain HTTP, where browsers lend no clipboard object. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = h("textarea", { class: "hidden", readonly: true });
    field.value = text;
    const before = document.activeElement;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    before?.focus?.();
    if (!done) return toast(t("copy.failed"), "bad");
  }
  return toast(t("copied"), "good");
}

/** Give a file to the browser to save. */
export function save(blob, name) {
  const link = h("a", { href: URL.createObjectURL(blob), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** What is kept between visits; a browser that keeps nothing is no error. */
export const kept = {
  get(name, otherwise) {
    try {
      return localStorage.getItem(`geulnun.${name}`) ?? otherwise;
    } catch {
      return otherwise;
    }
  },
  set(name, value) {
    try {
      localStorage.setItem(`geulnun.${name}`, value);
    } catch {
      // Private windows may refuse; the choice then lasts as long as the page.
    }
  },
};

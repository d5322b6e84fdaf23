// Where the page begins: views, language, theme, keys, and all the ways by which files come in.

import { keysFrom } from "./api.js";
import * as board from "./board.js";
import * as desk from "./desk.js";
import { language, speak, t } from "./i18n.js";
import { $, calm, h, icon, kept, toast } from "./ui.js";

const ACTS = {
  ...desk.ACTS, ...board.ACTS,
  choose: () => $("files").click(),
  camera: () => $("shot").click(),
  sample,
};

function route() {
  const draws = location.hash === "#draw";
  $("read").hidden = draws;
  $("draw").hidden = !draws;
  document.body.dataset.view = draws ? "draw" : "read";
  for (const tab of document.querySelectorAll("[data-view]")) {
    if (tab.tagName !== "A") continue;
    if (tab.dataset.view === document.body.dataset.view) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  if (draws) board.shown();
}

async function sample() {
  try {
    const response = await fetch("/static/sample.webp");
    const name = language() === "ko" ? "영수증.webp" : "receipt.webp";
    desk.take([new File([await response.blob()], name, { type: "image/webp" })]);
  } catch {
    toast(t("error.offline"), "bad");
  }
}

/** Light, dark, or as the system has it. */
function theme(wanted) {
  const dark = wanted ? wanted === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  document.dispatchEvent(new CustomEvent("theme"));
}

function receive() {
  for (const input of [$("files"), $("shot")]) {
    input.addEventListener("change", () => {
      desk.take(input.files);
      input.value = "";
    });
  }
  addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length || document.body.dataset.view !== "read") return;
    event.preventDefault();
    desk.take(files);
  });
  let depth = 0;
  const files = (event) => event.dataTransfer?.types.includes("Files");
  const veil = (change) => {
    depth = Math.max(0, depth + change);
    $("veil").hidden = !depth;
  };
  addEventListener("dragenter", (event) => files(event) && veil(1));
  addEventListener("dragleave", (event) => files(event) && veil(-1));
  addEventListener("dragover", (event) => files(event) && event.preventDefault());
  addEventListener("drop", (event) => {
    if (!files(event)) return;
    event.preventDefault();
    veil(-depth);
    desk.take(event.dataTransfer.files);
  });
}

function keys() {
  addEventListener("keydown", (event) => {
    if (event.target.closest?.("input:not([type=range]), textarea, select, dialog, [role=menu]")) return;
    const control = event.ctrlKey || event.metaKey;
    const draws = document.body.dataset.view === "draw";
    if (control && draws && ["z", "y"].includes(event.key.toLowerCase())) {
      ACTS[event.key.toLowerCase() === "y" || event.shiftKey ? "restroke" : "unstroke"]();
      return event.preventDefault();
    }
    if (control || event.altKey) return undefined;
    if (event.key === "?") help();
    else if (event.key === "o" && !draws) ACTS.choose();
    else if (event.key === "g") location.hash = draws ? "#read" : "#draw";
    else if (!(draws ? board : desk).press(event)) return undefined;
    return event.preventDefault();
  });
}

function help() {
  const row = (keys, what) => h("div", { class: "key-row" }, h("span", {}, ...keys.flatMap((one) => [h("kbd", {}, one), " "])), h("span", {}, t(what)));
  const dialog = $("keys");
  dialog.replaceChildren(
    h("header", {}, h("h2", { id: "keys-title" }, t("keys.title")),
      h("button", { type: "button", class: "ghost icon", onclick: () => dialog.close(), aria: { label: t("close") } }, icon("close"))),
    h("h3", {}, t("keys.read")),
    row(["O"], "k.open"), row(["Ctrl+V"], "k.paste"), row(["Page Up", "Page Down"], "k.page"), row(["+", "−", "0"], "k.zoom"),
    row(["N"], "k.doubt"), row(["←", "→", "↑", "↓", "Enter"], "k.word"), row(["C"], "k.copy"), row(["D"], "k.download"),
    row(["M"], "k.marks"), row(["U"], "k.undo"),
    h("h3", {}, t("keys.draw")),
    row(["P", "E"], "k.tool"), row(["Z", "Y"], "k.undo"), row(["Delete"], "k.clear"), row(["1", "…", "5"], "k.take"),
    h("h3", {}, t("keys.any")),
    row(["G"], "k.view"), row(["?"], "k.help"),
  );
  dialog.onclick = (event) => {
    if (event.target === dialog) dialog.close();
  };
  dialog.showModal();
}

/** Ask for a secret; null where none was given. The words are those of the page under `title`, `label` and `wrong`. */
function askFor({ title, label, wrong }) {
  const dialog = $("lock");
  const field = h("input", { class: "field", type: "password", autocomplete: "off", required: true, id: "secret" });
  return new Promise((answer) => {
    let given = null;
    const form = h("form", { onsubmit: (event) => (event.preventDefault(), (given = field.value), dialog.close()) },
      h("h2", {}, title), wrong ? h("p", { class: "wrong" }, wrong) : null,
      h("label", { for: "secret" }, label), field,
      h("div", { class: "editor-row" }, h("span", { class: "spring" }),
        h("button", { type: "button", class: "ghost", onclick: () => dialog.close() }, t("cancel")),
        h("button", { type: "submit", class: "primary small" }, t("key.send"))));
    dialog.replaceChildren(form);
    dialog.onclose = () => answer(given);
    dialog.showModal();
  });
}

const askForKey = (again) => askFor({ title: t("key.title"), label: t("key.label"), wrong: again && t("error.key") });
const askForPassword = (name, again) =>
  askFor({ title: t("password.title", { name }), label: t("password.label"), wrong: again && t("error.password") });

/** The pupil of the mark looks where the pointer goes. */
function gaze() {
  const pupil = $("eye").querySelector("circle");
  addEventListener("pointermove", (event) => {
    if ($("welcome").hidden || calm()) return;
    const box = $("eye").getBoundingClientRect();
    const [x, y] = [event.clientX - box.left - box.width / 2, event.clientY - box.top - box.height / 2];
    const far = Math.hypot(x, y) || 1;
    const reach = Math.min(9, far / 24);
    pupil.style.transform = `translate(${((x / far) * reach).toFixed(1)}px, ${((y / far) * reach).toFixed(1)}px)`;
  });
}

theme(kept.get("theme", ""));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => theme(kept.get("theme", "")));
desk.prepare(askForPassword);
board.prepare();
speak(kept.get("language", navigator.language.startsWith("ko") ? "ko" : "en"));
keysFrom(askForKey);
receive();
keys();
gaze();
addEventListener("hashchange", route);
route();
document.addEventListener("click", (event) => {
  const act = event.target.closest("[data-act]")?.dataset.act;
  if (act) ACTS[act]();
});
$("language").addEventListener("click", () => {
  const other = language() === "ko" ? "en" : "ko";
  kept.set("language", other);
  speak(other);
});
document.addEventListener("language", () => ($("language").textContent = language() === "ko" ? "EN" : "한"));
$("language").textContent = language() === "ko" ? "EN" : "한";
$("theme").addEventListener("click", () => {
  const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  kept.set("theme", next);
  theme(next);
});
$("help").addEventListener("click", help);

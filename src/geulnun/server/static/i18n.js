// Korean and English words of the page. Elements name theirs with `data-t` (text) or `data-t-label` (label and tip).

const KO = {
  skip: "본문으로", views: "화면", "tab.read": "읽기", "tab.draw": "쓰기", language: "English", theme: "밝게 / 어둡게",
  help: "자판 쓰는 법", close: "닫기", cancel: "취소",
  hero: "그림 속 글을 읽습니다",
  lead: "문서를 놓으면 띄어쓰기까지 그대로 글이 됩니다.\n그림 위에서 바로 긁어 옮기고, 미심쩍은 낱말은 눌러서 고치세요.",
  "drop.title": "여기에 파일을 놓으세요", "drop.note": "PNG, JPEG, WebP, TIFF, HEIC, PDF · Ctrl+V로 붙여넣기",
  "drop.touch": "문서를 찍거나 고르세요", "drop.kinds": "PNG, JPEG, WebP, TIFF, HEIC, PDF",
  choose: "파일 고르기", camera: "사진 찍기", sample: "보기 영수증으로 해 보기",
  promise: "파일은 이 서버에서만 읽고 남기지 않습니다.", veil: "놓으면 읽습니다",
  pages: "쪽", add: "파일 더하기", image: "그림", text: "글", stage: "쪽 그림. 낱말을 긁어 옮길 수 있습니다",
  "zoom.out": "작게 (−)", "zoom.in": "크게 (+)", "zoom.fit": "화면에 맞추기 (0)", marks: "낱말 상자 보이기 (M)",
  "undo.edit": "고친 것 되돌리기 (U)", copy: "모두 복사", download: "내려받기", copied: "복사했습니다.",
  "copy.failed": "복사하지 못했습니다. 글을 긁어 Ctrl+C를 눌러 주세요.",
  waiting: "차례 기다림", reading: "읽는 중", "reading.page": "{page}/{pages}쪽 읽는 중", failed: "읽지 못함",
  "page.of": "{page}/{pages}쪽", remove: "{name} 빼기", empty: "읽을 글이 없는 쪽입니다.",
  facts: "낱말 {words}개 · 평균 확신 {sure}", doubts: "미심쩍은 낱말 {count}", "doubts.none": "미심쩍은 낱말 없음",
  "doubts.tip": "다음 미심쩍은 낱말로 (N)", edited: "고친 낱말 {count}개",
  edit: "낱말 고치기", "edit.word": "낱말", "edit.save": "고치기", "edit.delete": "지우기", sure: "확신 {sure}",
  others: "다른 읽기", "others.none": "다른 읽기 없음", byhand: "손으로 고침",
  converting: "만드는 중…", "download.as": "다음 형식으로", saved: "{name} 파일을 내려받았습니다.",
  "format.txt": "글", "format.layout": "자리를 지킨 글", "format.json": "JSON", "format.tsv": "TSV", "format.csv": "낱말 표 CSV",
  "format.md": "Markdown", "format.html": "HTML", "format.hocr": "hOCR", "format.alto": "ALTO XML", "format.page": "PAGE XML",
  "format.docx": "워드 문서", "format.pdf": "찾을 수 있는 PDF", "format.svg": "겹친 SVG", "format.overlay": "겹친 그림",
  mode: "무엇을 쓰나", "mode.char": "한 글자", "mode.line": "한 줄", script: "글자 갈래",
  "script.all": "모든 글자", "script.syllable": "한글 음절", "script.jamo": "자모", "script.hiragana": "히라가나",
  "script.katakana": "가타카나", "script.latin": "로마자·숫자",
  tools: "도구", pen: "펜 (P)", eraser: "지우개 (E)", "pen.width": "펜 굵기", undo: "되돌리기 (Z)", redo: "다시 하기 (Y)",
  clear: "지우기", board: "글자 쓰는 판. 쥐, 펜, 손가락으로 씁니다",
  "board.char": "여기에 한 글자를 써 보세요", "board.line": "여기에 한 줄을 써 보세요",
  guess: "이 글자 같아요", "guess.none": "글자로 보이지 않습니다.", "guess.wait": "쓰는 대로 읽습니다.",
  "guess.line": "이렇게 읽었어요", take: "{char} 받아 적기", cho: "초성", jung: "중성", jong: "종성", none: "없음",
  looks: "본 자리", "looks.tip": "자모마다 글자의 어디를 보고 판단했는지", written: "받아 적은 글",
  "error.busy": "지금 붐빕니다. {seconds}초 뒤에 다시 해 봅니다.", "error.busy.given": "계속 붐빕니다. 잠시 뒤에 다시 해 주세요.",
  "error.large": "파일이 너무 큽니다.", "error.type": "읽을 수 없는 종류의 파일입니다.",
  "error.unreadable": "이 파일은 읽을 수 없습니다.", "error.slow": "너무 오래 걸려 멈췄습니다.",
  "error.offline": "서버에 닿지 않습니다. 연결을 살펴 주세요.", "error.server": "서버에 문제가 생겼습니다.",
  "error.key": "열쇠가 맞지 않습니다.", "error.other": "뜻대로 되지 않았습니다.", retry: "다시 읽기",
  "key.title": "이 서버는 열쇠를 묻습니다", "key.label": "API 열쇠", "key.send": "열기",
  "password.title": "{name} 파일은 비밀번호로 잠겨 있습니다", "password.label": "비밀번호", "error.password": "비밀번호가 맞지 않습니다.",
  "keys.title": "자판으로 쓰기", "keys.read": "읽기", "keys.draw": "쓰기", "keys.any": "어디서나",
  "k.open": "파일 고르기", "k.paste": "그림 붙여넣기", "k.page": "앞쪽 / 뒤쪽", "k.zoom": "크게 / 작게 / 맞추기",
  "k.doubt": "다음 미심쩍은 낱말", "k.word": "글에서 낱말 사이 옮기기, 고치기", "k.copy": "모두 복사", "k.download": "내려받기",
  "k.undo": "되돌리기", "k.redo": "다시 하기", "k.marks": "낱말 상자", "k.tool": "펜 / 지우개", "k.clear": "모두 지우기",
  "k.take": "후보 받아 적기", "k.help": "이 도움말", "k.view": "읽기 / 쓰기 화면", key: "키",
};

const EN = {
  skip: "Skip to content", views: "Views", "tab.read": "Read", "tab.draw": "Draw", language: "한국어", theme: "Light / dark",
  help: "Keyboard", close: "Close", cancel: "Cancel",
  hero: "Text out of pictures",
  lead: "Drop a document: its Korean becomes text, spaces and all.\nSelect words right on the picture; click the doubtful ones to mend them.",
  "drop.title": "Drop files here", "drop.note": "PNG, JPEG, WebP, TIFF, HEIC, PDF · or paste with Ctrl+V",
  "drop.touch": "Photograph or choose a document", "drop.kinds": "PNG, JPEG, WebP, TIFF, HEIC, PDF",
  choose: "Choose files", camera: "Take a photo", sample: "Try a sample receipt",
  promise: "Files are read on this server only and are not kept.", veil: "Drop to read",
  pages: "Pages", add: "Add files", image: "Picture", text: "Text", stage: "Picture of the page; its words can be selected",
  "zoom.out": "Smaller (−)", "zoom.in": "Larger (+)", "zoom.fit": "Fit (0)", marks: "Show word boxes (M)",
  "undo.edit": "Undo edit (U)", copy: "Copy all", download: "Download", copied: "Copied.",
  "copy.failed": "Could not copy. Select the text and press Ctrl+C.",
  waiting: "Waiting", reading: "Reading", "reading.page": "Reading page {page} of {pages}", failed: "Not read",
  "page.of": "Page {page} of {pages}", remove: "Remove {name}", empty: "There is no text on this page.",
  facts: "{words} words · mean confidence {sure}", doubts: "{count} doubtful", "doubts.none": "No doubtful words",
  "doubts.tip": "Next doubtful word (N)", edited: "{count} edited",
  edit: "Edit word", "edit.word": "Word", "edit.save": "Save", "edit.delete": "Delete", sure: "Confidence {sure}",
  others: "Other readings", "others.none": "No other readings", byhand: "Edited by hand",
  converting: "Making the file…", "download.as": "Download as", saved: "Downloaded {name}.",
  "format.txt": "Plain text", "format.layout": "Text with layout", "format.json": "JSON", "format.tsv": "TSV",
  "format.csv": "CSV of words", "format.md": "Markdown", "format.html": "HTML", "format.hocr": "hOCR", "format.alto": "ALTO XML",
  "format.page": "PAGE XML", "format.docx": "Word document", "format.pdf": "Searchable PDF", "format.svg": "Overlay SVG",
  "format.overlay": "Overlay picture",
  mode: "What to write", "mode.char": "One character", "mode.line": "A line", script: "Alphabet",
  "script.all": "All characters", "script.syllable": "Hangul syllables", "script.jamo": "Jamo", "script.hiragana": "Hiragana",
  "script.katakana": "Katakana", "script.latin": "Latin and digits",
  tools: "Tools", pen: "Pen (P)", eraser: "Eraser (E)", "pen.width": "Pen width", undo: "Undo (Z)", redo: "Redo (Y)",
  clear: "Clear", board: "Drawing board, for mouse, pen or finger",
  "board.char": "Write one character here", "board.line": "Write a line here",
  guess: "Looks like", "guess.none": "This looks like no character.", "guess.wait": "It is read as you write.",
  "guess.line": "Reads as", take: "Take {char}", cho: "Initial", jung: "Medial", jong: "Final", none: "none",
  looks: "Where it looked", "looks.tip": "Which part of the drawing spoke for each jamo", written: "Written so far",
  "error.busy": "The server is busy; trying again in {seconds} s.", "error.busy.given": "Still busy. Please try again in a while.",
  "error.large": "The file is too large.", "error.type": "Files of this kind cannot be read.",
  "error.unreadable": "This file cannot be read.", "error.slow": "It took too long and was stopped.",
  "error.offline": "The server cannot be reached. Please check the connection.", "error.server": "Something went wrong on the server.",
  "error.key": "The key is not right.", "error.other": "That did not work.", retry: "Read again",
  "key.title": "This server asks for a key", "key.label": "API key", "key.send": "Open",
  "password.title": "{name} is locked with a password", "password.label": "Password", "error.password": "The password is not right.",
  "keys.title": "Keyboard", "keys.read": "Reading", "keys.draw": "Drawing", "keys.any": "Everywhere",
  "k.open": "Choose files", "k.paste": "Paste a picture", "k.page": "Page back / on", "k.zoom": "Larger / smaller / fit",
  "k.doubt": "Next doubtful word", "k.word": "In the text: between words, edit", "k.copy": "Copy all", "k.download": "Download",
  "k.undo": "Undo", "k.redo": "Redo", "k.marks": "Word boxes", "k.tool": "Pen / eraser", "k.clear": "Clear the board",
  "k.take": "Take a candidate", "k.help": "This help", "k.view": "Reading / drawing", key: "Key",
};

export const WORDS = { ko: KO, en: EN };
let current = "ko";

/** The language now shown, "ko" or "en". */
export const language = () => current;

/** The words for a key; `{name}` in them is filled in. */
export function t(key, values = {}) {
  const text = WORDS[current][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "").trim();
}

/** Show the page in a language; parts that made their words themselves listen for "language" on the document. */
export function speak(wanted) {
  current = wanted === "ko" ? "ko" : "en";
  document.documentElement.lang = current;
  document.title = current === "ko" ? "글눈: 그림 속 글을 읽습니다" : "Geulnun: text out of pictures";
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of document.querySelectorAll("[data-t-label]")) {
    element.setAttribute("aria-label", t(element.dataset.tLabel));
    if (element.matches("button")) element.title = t(element.dataset.tLabel);
  }
  document.dispatchEvent(new CustomEvent("language"));
}

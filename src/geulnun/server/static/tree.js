// The document as the server tells it (format "geulnun-document"), and edits of it. Nothing here touches the page.

const segmenter = "Segmenter" in Intl ? new Intl.Segmenter("ko", { granularity: "grapheme" }) : null;

/** User-perceived characters of a text. */
export function graphemes(text) {
  return segmenter ? Array.from(segmenter.segment(text), (part) => part.segment) : Array.from(text);
}

/** Characters surer than this are shown without a tint, and words of such characters are not asked about. */
export const SURE = 0.9;

export const textOf = (word) => word.chars.map((char) => char.text).join("");

/** How sure the least sure character of a word is, 0..1. */
export const sureness = (word) => word.chars.reduce((least, char) => Math.min(least, char.confidence), 1);

/** Words of a page in reading order, each with where it stands. */
export function* wordsOf(page) {
  for (const [b, block] of page.blocks.entries()) {
    for (const [l, line] of block.lines.entries()) {
      for (const [w, word] of line.words.entries()) yield { b, l, w, word, line, block };
    }
  }
}

const spaced = (word) => textOf(word) + (word.space_after === false ? "" : " ");
const textOfLine = (line) => line.words.map(spaced).join("").replace(/ $/, "");

/** A page's text: lines parted by newlines, blocks by an empty line. */
export function textOfPage(page) {
  const blocks = page.blocks.filter((block) => block.lines.length);
  return blocks.map((block) => block.lines.map(textOfLine).join("\n")).join("\n\n");
}

const between = (a, b, share) => [0, 1].map((axis) => Math.round((a[axis] + (b[axis] - a[axis]) * share) * 100) / 100);

/** The part of a quad from one share of its length to another. */
export function part(quad, start, end) {
  if (!quad) return undefined;
  const [a, b, c, d] = quad;
  return [between(a, b, start), between(a, b, end), between(d, c, end), between(d, c, start)];
}

/** The characters of a word as people wrote it: those that stay keep what is known of them. */
function rewritten(word, text) {
  const wanted = graphemes(text);
  const old = word.chars;
  return wanted.map((one, at) => {
    const before = wanted.length === old.length ? old[at] : undefined;
    if (before?.text === one) return before;
    const quad = before?.quad ?? part(word.quad, at / wanted.length, (at + 1) / wanted.length);
    return { text: one, confidence: 1, ...(quad && { quad }) };
  });
}

/**
 * Write a word anew; spaces in the text make several words, and an empty text takes the word away.
 * Changes the line in place and returns how to take that back.
 */
export function rewrite(page, place, text) {
  const block = page.blocks[place.b];
  const line = block.lines[place.l];
  const before = line.words;
  const word = before[place.w];
  const pieces = text.normalize("NFC").replace(/[\u0000-\u001f\u007f]/g, " ").split(/\s+/).filter(Boolean);
  const total = graphemes(pieces.join("")).length;
  let done = 0;
  const made = pieces.map((piece, at) => {
    const length = graphemes(piece).length;
    const start = done / total;
    done += length;
    const last = at === pieces.length - 1;
    const quad = pieces.length === 1 ? word.quad : part(word.quad, start, done / total);
    const chars = rewritten(pieces.length === 1 ? word : { chars: [], quad }, piece);
    const loose = last && word.space_after === false;
    return { text: piece, ...(quad && { quad }), ...(loose && { space_after: false }), chars };
  });
  const set = (words) => {
    line.words = words;
    line.text = textOfLine(line);
    page.text = textOfPage(page);
  };
  set([...before.slice(0, place.w), ...made, ...before.slice(place.w + 1)]);
  return () => set(before);
}

/** Pages as one document. */
export function documentOf(source, pages) {
  return { format: "geulnun-document", version: 1, source, pages };
}

/** Lines of a table by row: those that stand beside each other; of other blocks, each line by itself. */
export function rowsOf(block, rotation) {
  const lines = block.lines.map((line, l) => ({ line, l }));
  if (block.kind !== "table" || rotation || lines.some(({ line }) => !line.quad)) return lines.map((one) => [one]);
  const [along, across] = axesOf(lines.map(({ line }) => line.quad));
  const rows = [];
  let last = null;
  for (const one of lines) {
    const middle = centre(one.line.quad);
    const place = { x: dot(middle, along), y: dot(middle, across), height: height(one.line.quad) };
    if (last && Math.abs(place.y - last.y) < place.height * 0.6 && place.x > last.x) rows.at(-1).push(one);
    else rows.push([one]);
    last = place;
  }
  return rows;
}

/** The directions along and across the text of some quads, of length 1; long quads tell most. */
function axesOf(quads) {
  const [x, y] = [0, 1].map((axis) => quads.reduce((sum, [a, b]) => sum + b[axis] - a[axis], 0));
  const length = Math.hypot(x, y) || 1;
  return [[x / length, y / length], [-y / length, x / length]];
}

const dot = (a, b) => a[0] * b[0] + a[1] * b[1];
const centre = (quad) => [0, 1].map((axis) => quad.reduce((sum, point) => sum + point[axis], 0) / 4);
const height = (quad) => Math.hypot(quad[3][0] - quad[0][0], quad[3][1] - quad[0][1]);

// Ink: what a pen drew and an eraser took away, as strokes that can be undone and drawn at any size.

/** Lengths are shares of the paper's height; a stroke is `{tool, width, points: [[x, y, pressure], …]}`. */
export class Strokes {
  #done = [];
  #undone = [];

  /** Whether nothing was drawn since the paper was last cleared. */
  get empty() {
    return !this.#visible().some((stroke) => stroke.tool === "pen");
  }

  /** Begin a stroke. */
  begin(tool, width, point) {
    this.#undone = [];
    this.#done.push({ tool, width, points: [point] });
  }

  /** Lead the stroke on. */
  extend(points) {
    this.#done.at(-1).points.push(...points);
  }

  /** Take the last step back. */
  undo() {
    if (this.#done.length) this.#undone.push(this.#done.pop());
  }

  /** Do again what was taken back. */
  redo() {
    if (this.#undone.length) this.#done.push(this.#undone.pop());
  }

  /** Clear the paper; that can be undone too. */
  clear() {
    if (this.empty) return;
    this.#undone = [];
    this.#done.push({ tool: "clear", points: [] });
  }

  /** Begin anew, with nothing to undo. */
  reset() {
    this.#done = [];
    this.#undone = [];
  }

  #visible() {
    return this.#done.slice(this.#done.findLastIndex((stroke) => stroke.tool === "clear") + 1);
  }

  /** Draw onto a context of so many pixels height, in a colour. */
  draw(context, height, colour) {
    for (const { tool, width, points } of this.#visible()) {
      context.globalCompositeOperation = tool === "eraser" ? "destination-out" : "source-over";
      context.strokeStyle = context.fillStyle = colour;
      context.lineCap = context.lineJoin = "round";
      trace(context, points, height, width * height);
    }
    context.globalCompositeOperation = "source-over";
  }

  /** The ink as black on white, a PNG of so many pixels; null where there is none. */
  async png(width, height) {
    if (this.empty) return null;
    const layer = new OffscreenCanvas(width, height);
    this.draw(layer.getContext("2d"), height, "#000");
    const paper = new OffscreenCanvas(width, height);
    const context = paper.getContext("2d");
    context.fillStyle = "#fff";
    context.fillRect(0, 0, width, height);
    context.drawImage(layer, 0, 0);
    return paper.convertToBlob({ type: "image/png" });
  }
}

/** A line through points, rounded at them, as thick as the pen was pressed. */
function trace(context, points, scale, width) {
  const thick = (pressure) => width * (0.55 + 0.9 * pressure);
  const [first] = points;
  context.beginPath();
  context.arc(first[0] * scale, first[1] * scale, thick(first[2]) / 2, 0, 7);
  context.fill();
  let from = first;
  let drawn = thick(points[1]?.[2] ?? 0);
  context.beginPath();
  context.moveTo(from[0] * scale, from[1] * scale);
  for (let at = 1; at < points.length; at++) {
    const point = points[at];
    const next = points[at + 1];
    const end = next ? [(point[0] + next[0]) / 2, (point[1] + next[1]) / 2] : point;
    const now = thick(point[2]);
    // As long as the pressure stays, one path: the seams of many would show.
    if (Math.abs(now - drawn) > 0.02 * drawn) {
      context.lineWidth = drawn;
      context.stroke();
      context.beginPath();
      context.moveTo(from[0] * scale, from[1] * scale);
      drawn = now;
    }
    context.quadraticCurveTo(point[0] * scale, point[1] * scale, end[0] * scale, end[1] * scale);
    from = end;
  }
  context.lineWidth = drawn;
  context.stroke();
}

/** Cosine of two vectors, 0 for those that have nothing in common, 1 for the same direction. */
export function similarity(a: Float32Array, b: Float32Array): number {
  let [dot, lengthA, lengthB] = [0, 0, 0];
  for (let at = 0; at < a.length; at += 1) {
    const [x, y] = [a[at] as number, b[at] ?? 0];
    dot += x * y;
    lengthA += x * x;
    lengthB += y * y;
  }
  return lengthA > 0 && lengthB > 0 ? Math.max(0, Math.min(1, dot / Math.sqrt(lengthA * lengthB))) : 0;
}

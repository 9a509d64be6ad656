/** Colours that people can read: one that fails WCAG's contrast gives way to one of ours. */

/** For each colour: light, dark, what it stands on, and the least contrast between the two. */
const PALETTE = /** @type {const} */ ({
  paper: ["#fbfaf7", "#15161a"],
  ink: ["#1d1c1a", "#ebe8e1", "paper", 4.5],
  quiet: ["#5f5b54", "#a8a49b", "paper", 4.5],
  accent: ["#9a3324", "#f0907c", "paper", 4.5],
  edge: ["#8a8378", "#7d8089", "paper", 3],
  mark: ["#fdeeb0", "#554711", "ink", 4.5],
  on: ["#fff", "#15161a", "accent", 4.5],
  rule: ["#e2ddd3", "#33353b"],
});

/**
 * Red, green and blue from 0 to 1, or null for what is no opaque colour.
 * @param {HTMLElement} probe @param {string} colour @returns {number[]|null}
 */
function channels(probe, colour) {
  probe.style.color = "";
  // Mixed with itself, any colour that CSS can write is told in sRGB.
  probe.style.color = `color-mix(in srgb,${colour},${colour})`;
  const told = probe.style.color && getComputedStyle(probe).color.match(/-?\d[\d.e-]*/g);
  // What can be seen through has a fourth number.
  return told && told.length == 3 ? told.map(Number) : null;
}

/** Relative luminance as WCAG 2.2 defines it. @param {number[]} rgb */
function luminance(rgb) {
  const [r, g, b] = rgb.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** @param {number[]} one @param {number[]} other */
function contrast(one, other) {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

/**
 * The colours to use, by name: of those wished for, all that can be read.
 * @param {HTMLElement} probe @param {boolean} isDark @param {(name: string) => string} wish
 * @returns {Record<string, string>}
 */
function legible(probe, isDark, wish) {
  /** @type {Record<string, string>} */
  const chosen = {};
  /** @type {Record<string, number[]>} */
  const known = {};
  for (const [name, [light, dark, ground, least = 0]] of Object.entries(PALETTE)) {
    const ours = isDark ? [dark, light] : [light, dark];
    for (const colour of [wish(name), ...ours, "#000", "#fff"]) {
      const rgb = colour && channels(probe, colour);
      if (!rgb || (ground && contrast(rgb, known[ground]) < least)) continue;
      chosen[name] = colour;
      known[name] = rgb;
      break;
    }
    // A ground in the middle of grey lets nothing be read: then it is ours.
    if (!chosen[name]) return legible(probe, isDark, (each) => (each == ground ? "" : wish(each)));
  }
  return chosen;
}

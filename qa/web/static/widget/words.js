/** The words of one language come with the script; those of another once, where an element asks for it. */

/** By the code asked for; null while they are on their way. @type {Map<string, Record<string, string>|null>} */
const KNOWN = new Map([[WORDS.code, WORDS]]);
/** The codes that there are, once the server told. @type {string[]|undefined} */
let OFFERED;
/** @type {Set<() => void>} */
const WAITING = new Set();

/**
 * @param {string} code of a language @param {() => void} then what to do once they are there
 * @returns {Record<string, string>|null} the words, or null where they are still to come
 */
function wordsOf(code, then) {
  if (!KNOWN.has(code)) {
    KNOWN.set(code, null);
    // What cannot be had leaves the words that came with the script.
    fetch(HOME + "footnote/widget/words/" + encodeURIComponent(code) + ".json", { credentials: "omit", signal: AbortSignal.timeout(3e3) })
      .then((response) => response.json()).catch(() => WORDS).then((words) => {
        KNOWN.set(code, words.code ? words : WORDS);
        OFFERED = words.languages;
        for (const each of WAITING) each();
        WAITING.clear();
      });
  }
  const words = KNOWN.get(code) || null;
  if (!words) WAITING.add(then);
  return words;
}

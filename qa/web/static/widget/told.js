/** What is wrong with a tag is told in the console, to whoever put it there. */

/** The values of the attributes that take no others; those of `language` the server knows. */
const CHOICES = /** @type {Record<string, string[]>} */ ({
  mode: ["floating", "inline"],
  position: ["bottom-right", "bottom-left", "top-right", "top-left"],
  theme: ["auto", "light", "dark"],
  size: ["small", "medium", "large"],
});
/** Attributes that any element may have. */
const ANYWHERE = /^(class|style|tabindex|is|nonce|on.*|aria-.*|data-.*|.*[^a-z-].*)$/;

/** @type {Set<string>} */
const TOLD = new Set();

/** @param {string} text told once, however many elements it is true of */
function warn(text) {
  if (!TOLD.has(text)) console.warn("footnote-chat: " + text);
  TOLD.add(text);
}

/** @param {string} name of an attribute @param {string|null} value @param {string[]} [choices] */
function checkValue(name, value, choices = CHOICES[name]) {
  if (choices && value && !choices.includes(value)) warn(`${name}="${value}" is unknown; use one of ${choices.join(", ")}`);
}

/** @param {string} name of an attribute @param {Element} [chat] where it stands, if not on the script */
function checkName(name, chat) {
  const bare = name.replace(/^data-/, "");
  if (chat && bare != name && ATTRIBUTES.includes(bare)) return warn(`${name} is for the script; write ${bare} here`);
  if (ATTRIBUTES.includes(name) || (chat && (name in chat || ANYWHERE.test(name)))) return;
  warn(`${name} is unknown; use one of ${ATTRIBUTES.join(", ")}`);
}

/**
 * A server that is there and refuses the page: the browser does not say why, so this does.
 * @param {string} server
 */
async function checkOrigin(server) {
  if (new URL(server).origin == origin) return;
  try {
    await fetch(server + "footnote/favicon.svg", { mode: "no-cors", credentials: "omit", signal: AbortSignal.timeout(3e3) });
    warn(`${server} refuses this page: add ${origin} to FOOTNOTE_ORIGINS`);
  } catch {
    // It is not there, as the reader is told.
  }
}

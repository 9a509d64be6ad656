/** The script's own tag, and the address that it came from. */
const SCRIPT = /** @type {HTMLScriptElement|null} */ (document.currentScript);
const HOME = new URL(".", SCRIPT?.src || location.href).href;

/** Elements without HTML: all that comes from articles, server or readers becomes text. */

/**
 * An element. "button.send" is of that tag, and the class and part have that name. A property is a
 * listener where it is a function, else an attribute; nothing is made of null, false and "".
 * @param {string} kind @param {Record<string, any>|0} [props]
 * @param {...any} children nodes and texts; what is none of these is left out @returns {any}
 */
function make(kind, props, ...children) {
  const [tag, name] = kind.split(".");
  const node = document.createElement(tag);
  /** @type {Record<string, any>} */
  const all = { ...(name && { class: name, part: name }), ...(tag == "button" && { type: tag }), ...props };
  for (const [key, value] of Object.entries(all)) {
    if (typeof value == "function") node.addEventListener(key, value);
    else if (value) node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child));
  return node;
}

/** @param {string} path of lines in a square of 24 */
function icon(path) {
  /** @param {string} tag @param {string} name @param {string} value */
  const svg = (tag, name, value) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    node.setAttribute(name, value);
    return node;
  };
  const drawing = svg("svg", "viewBox", "0 0 24 24");
  drawing.append(svg("path", "d", path));
  return drawing;
}

/** @param {string} name @param {string} label @param {string} path @param {() => void} click */
function iconButton(name, label, path, click) {
  return make("button." + name, { class: "icon", title: label, "aria-label": label, click }, icon(path));
}

const CROSS = "M6 6 18 18M18 6 6 18";
const BACK = "M20 12H5m6-7-7 7 7 7";
const PLUS = "M12 5v14M5 12h14";
const UP = "M12 20V5m-7 6 7-7 7 7";
const QUOTE = "M10 7c-3 1-5 4-5 9h4v-4h-2M20 7c-3 1-5 4-5 9h4v-4h-2";

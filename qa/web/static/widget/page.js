/** The page that the widget stands on: its address, and the cited words in it. */

/** @returns {string|null} the page's address without the fragment, if it is one of the web */
function pageUrl() {
  const url = location.href.split("#")[0];
  return /^https?:/.test(url) && url.length <= 2000 ? url : null;
}

/** @param {string} text @returns {string} its letters and digits: the rest is set otherwise in pages */
const letters = (text) => text.normalize("NFKD").replace(/[^\p{L}\p{N}]+/gu, "");

/** @param {string} text @returns {number} how many signs it begins with, such as quotation marks */
const signs = (text) => text.length - text.replace(/^[^\p{L}\p{N}\s]+/u, "").length;

/**
 * The place of the cited words in the page, or null.
 * @param {Citation} citation @returns {Range|null}
 */
function findInPage({ quote, quote_start, passage }) {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let page = "";
  /** @type {[number, Text][]} where in `page` each node begins */
  const nodes = [];
  while (walker.nextNode()) {
    const node = /** @type {Text} */ (walker.currentNode);
    // Scripts and styles are hidden too.
    if (!node.parentElement?.checkVisibility()) continue;
    nodes.push([page.length, node]);
    page += letters(node.data);
  }
  const wanted = letters(quote);
  const before = letters([...passage.text].slice(0, quote_start - passage.start).join(""));
  const around = page.indexOf(letters(passage.text));
  const start = around < 0 ? page.indexOf(wanted) : around + before.length;
  if (!wanted || start < 0) return null;
  const range = document.createRange();
  const [first, from] = placeOf(nodes, start);
  const [last, to] = placeOf(nodes, start + wanted.length - 1);
  // Quotation marks and the full stop belong to the sentence.
  const opening = signs(quote);
  range.setStart(first, from - (signs(first.data.slice(0, from).slice(-opening)) == opening ? opening : 0));
  const [letter] = last.data.slice(to);
  const closing = signs([...quote].reverse().join(""));
  const end = to + letter.length;
  range.setEnd(last, end + Math.min(closing, signs(last.data.slice(end))));
  return range;
}

/**
 * @param {[number, Text][]} nodes @param {number} at of the page's letters
 * @returns {[Text, number]} the node that holds the letter, and its offset there
 */
function placeOf(nodes, at) {
  const [first, node] = /** @type {[number, Text]} */ (nodes.findLast(([begin]) => begin <= at));
  let left = at - first;
  let offset = 0;
  for (const sign of node.data) {
    const length = letters(sign).length;
    if (length > left) break;
    left -= length;
    offset += sign.length;
  }
  return [node, offset];
}

/** Words marked in the page by the CSS Custom Highlight API, which leaves its DOM alone. */
class Marker {
  /** @param {string} name that no other marker on the page has */
  constructor(name) {
    this.name = name;
    this.sheet = new CSSStyleSheet();
  }

  /** @param {Range} range @param {Record<string, string>} colours */
  show(range, { mark, ink }) {
    this.clear();
    if (!CSS.highlights) return;
    this.sheet.replaceSync(`::highlight(${this.name}){background-color:${mark};color:${ink}}`);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, this.sheet];
    CSS.highlights.set(this.name, new Highlight(range));
  }

  clear() {
    if (!CSS.highlights?.delete(this.name)) return;
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one != this.sheet);
  }
}

/** @param {Range} range */
function bringIntoView(range) {
  const holder = /** @type {Element} */ (range.startContainer.parentElement);
  // Whatever scrolls around it does, then the window puts the words themselves in view.
  holder.scrollIntoView({ block: "center", behavior: "instant" });
  const { top, bottom } = range.getBoundingClientRect();
  if (top < 0 || bottom > innerHeight) scrollBy({ top: top - innerHeight / 3, behavior: "instant" });
}

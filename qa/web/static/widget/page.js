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

/** @param {string} text @param {number} at @returns {number} the place behind the letter there and its accents */
const behind = (text, at) => at + (/^.\p{M}*/su.exec(text.slice(at)) || [""])[0].length;

/** So many letters of the quote and of what is around it have to agree, or a place is not sure. */
const ENOUGH = 12;
const SEGMENTER = new Intl.Segmenter(undefined, { granularity: "word" });

/** @returns {{page: string, nodes: [number, Text][]}} its letters, and where in them each text begins */
function readPage() {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let page = "";
  /** @type {[number, Text][]} */
  const nodes = [];
  while (walker.nextNode()) {
    const node = /** @type {Text} */ (walker.currentNode);
    // Scripts and styles are hidden too.
    if (!node.parentElement?.checkVisibility()) continue;
    nodes.push([page.length, node]);
    page += letters(node.data);
  }
  return { page, nodes };
}

/**
 * The place of the cited words in the page. Of several, the one amid the same passage; null where
 * none is sure.
 * @param {Citation} citation @returns {Range|null}
 */
function findInPage({ quote, quote_start, passage }) {
  const { page, nodes } = readPage();
  const text = [...passage.text];
  const from = quote_start - passage.start;
  const wanted = letters(quote);
  const before = letters(text.slice(0, from).join(""));
  const after = letters(text.slice(from + [...quote].length).join(""));
  /** @type {[number, number][]} how many letters around each place agree, and where it begins */
  const places = [];
  for (let at = wanted ? page.indexOf(wanted) : -1; at >= 0; at = page.indexOf(wanted, at + 1)) {
    const shared = agreeing(page, at - 1, before, before.length - 1, -1) + agreeing(page, at + wanted.length, after, 0, 1);
    places.push([shared, at]);
  }
  places.sort(([one], [other]) => other - one);
  const [best, next] = places.filter(([, at]) => isWhole(nodes, at, at + wanted.length));
  if (!best || wanted.length + best[0] < ENOUGH || (next && best[0] < next[0] + ENOUGH)) return null;
  return rangeOf(nodes, best[1], best[1] + wanted.length, quote);
}

/**
 * How many letters two texts share from a place in each, forwards or backwards.
 * @param {string} one @param {number} at @param {string} other @param {number} there @param {number} step
 */
function agreeing(one, at, other, there, step) {
  let count = 0;
  while (other[there + count * step] && other[there + count * step] == one[at + count * step]) count++;
  return count;
}

/**
 * Whether a word begins where the letters do, and one ends where they end.
 * @param {[number, Text][]} nodes @param {number} start @param {number} end of the page's letters
 */
function isWhole(nodes, start, end) {
  const [last, to] = placeOf(nodes, end - 1);
  return isEdge(nodes, ...placeOf(nodes, start)) && isEdge(nodes, last, behind(last.data, to));
}

/**
 * Whether a word begins or ends here: "9" is no word of "19", nor of "1.9".
 * @param {[number, Text][]} nodes @param {Text} node @param {number} offset
 */
function isEdge(nodes, node, offset) {
  const at = nodes.findIndex(([, one]) => one == node);
  /** @param {number} next @returns {string} the text that goes on on one side, or a break */
  const beside = (next) => (nodes[next] && !isParted(nodes[Math.min(at, next)][1], nodes[Math.max(at, next)][1]) ? nodes[next][1].data : "\n");
  const before = beside(at - 1);
  const index = before.length + offset;
  return SEGMENTER.segment(before + node.data + beside(at + 1)).containing(index)?.index == index;
}

/**
 * Whether a line or a block ends between two texts, so that no word goes on.
 * @param {Text} one @param {Text} other the next one
 */
function isParted(one, other) {
  const range = document.createRange();
  range.setStartAfter(one);
  range.setEndBefore(other);
  // A raised number is no part of the word in front of it.
  if (range.cloneContents().querySelector("br,sup,sub")) return true;
  return [one, other].some(({ parentElement: box }) => {
    for (; box && box != range.commonAncestorContainer; box = box.parentElement) {
      if (getComputedStyle(box).display != "inline") return true;
    }
    return false;
  });
}

/**
 * @param {[number, Text][]} nodes @param {number} start @param {number} end of the page's letters
 * @param {string} quote whose first and last signs may be none
 */
function rangeOf(nodes, start, end, quote) {
  const range = document.createRange();
  const [first, from] = placeOf(nodes, start);
  const [last, to] = placeOf(nodes, end - 1);
  // Quotation marks and the full stop belong to the sentence.
  const opening = signs(quote);
  range.setStart(first, from - (signs(first.data.slice(0, from).slice(-opening)) == opening ? opening : 0));
  const close = behind(last.data, to);
  const closing = signs([...quote].reverse().join(""));
  range.setEnd(last, close + Math.min(closing, signs(last.data.slice(close))));
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

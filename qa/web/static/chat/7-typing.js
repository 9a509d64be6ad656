// Articles and passages that match while a question is typed: links under the box, reached with
// the arrow keys. Enter in the box asks all the same.
const SHORTEST = 3;
// What is longer begins as no title and no sentence does.
const LONGEST = 200;
const typed = make("nav", { className: "fn-typed", "aria-label": words.typed_articles, hidden: true });
let looking = null;

const box = () => document.querySelector("#fn-ask textarea");
// Elsewhere a keyboard comes up with the focus, over what there is to read.
const hasMouse = matchMedia("(pointer: fine)");

async function lookUp() {
  looking?.abort();
  const text = box().value;
  const { length } = text.trim();
  if (length < SHORTEST || length > LONGEST || text.includes("\n")) return closeTyped();
  looking = new AbortController();
  const query = new URLSearchParams({ q: text, lang: told.language });
  const { signal } = looking;
  try {
    const reply = await fetch(new URL(`footnote/typed?${query}`, base), { signal });
    // What was asked or changed meanwhile is not looked for any more.
    if (reply.ok && box().value === text) showTyped(await reply.json());
  } catch {
    // Without it one asks all the same.
  }
}

function showTyped({ articles, passages }) {
  const count = articles.length + passages.length;
  if (!count) return closeTyped();
  typed.replaceChildren(...listed(words.typed_articles, articles), ...listed(words.typed_passages, passages),
    make("p", { className: "fn-keys", textContent: words.typed_keys, "aria-hidden": "true" }));
  typed.classList.toggle("fn-above", promise.hidden);
  typed.hidden = false;
  say(fill(words.typed_count, { count }));
}

/** Words as they are compared: without case and accents. */
const plain = (word) => word.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** The text, words that begin as one that is typed in bold; of short ones only the last counts. */
function bold(text) {
  const asked = box().value.match(/[\p{L}\p{N}]+/gu) ?? [];
  const wanted = asked.filter((word, place) => word.length > SHORTEST || place === asked.length - 1).map(plain);
  return text.split(/([\p{L}\p{M}\p{N}]+)/u).map((piece) =>
    wanted.some((word) => plain(piece).startsWith(word)) ? make("b", { textContent: piece }) : piece);
}

function listed(label, matches) {
  if (!matches.length) return [];
  const items = matches.map(({ text, facts, link }) => make("li", {},
    make("a", { href: link }, make("span", { dir: "auto", lang: "" }, ...bold(text)),
      make("small", { textContent: facts.join(" · "), dir: "auto" }))));
  return [make("p", { className: "fn-label", textContent: label }), make("ul", {}, ...items)];
}

function closeTyped() {
  looking?.abort();
  typed.hidden = true;
}

/** The box, then each link, in a circle. */
function step(by) {
  const stops = [box(), ...typed.querySelectorAll("a")];
  stops.at((stops.indexOf(document.activeElement) + by) % stops.length).focus();
}

function offerWhileTyping(foot) {
  foot.append(typed);
  // Under the box it lies on the filters, which would part the two. Measured while a letter is
  // drawn, its place would cost a layout more.
  const ask = box().closest("#fn-ask");
  const watcher = new ResizeObserver(() => {
    foot.style.setProperty("--fn-below", `${ask.offsetTop + ask.offsetHeight + 6}px`);
  });
  watcher.observe(ask);
  watcher.observe(foot);
  // Before Gradio has its turn, which measures the box.
  foot.addEventListener("input", (event) => event.target === box() && lookUp(), true);
  foot.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter" && event.target === box()) closeTyped();
    if (!by || typed.hidden || event.isComposing) return;
    event.preventDefault();
    step(by);
  });
  foot.addEventListener("focusout", (event) => {
    if (!foot.contains(event.relatedTarget)) closeTyped();
  });
  typed.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    openPanel(link);
    // The link is gone once the panel closes.
    opener = box();
    closeTyped();
  });
  // A page that embeds this one would be scrolled.
  if (self === top && hasMouse.matches) box().focus({ preventScroll: true });
}

addEventListener("keydown", (event) => {
  const isShortcut = event.key === "k" && (event.ctrlKey || event.metaKey);
  const isWriting = event.target.closest?.("input, textarea, select, [contenteditable]");
  const isSlash = event.key === "/" && !isWriting && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (!box() || !(isShortcut || isSlash)) return;
  event.preventDefault();
  box().focus();
});

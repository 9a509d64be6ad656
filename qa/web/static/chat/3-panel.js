// The reader beside the answer. On a phone it takes the whole page.
let panel = null;
let opener = null;
// The step in the browser's history that Back takes to close a panel as large as the page.
const STEP = "footnote:panel";

function openPanel(link) {
  const address = new URL(link.href);
  address.searchParams.set("view", "panel");
  address.searchParams.set("lang", told.language);
  if (!panel) panel = makePanel();
  const frame = make("iframe", { title: link.title || link.textContent, src: address });
  frame.addEventListener("load", () => arrived(frame, link));
  emptyPanel();
  panel.append(frame);
  panel.hidden = false;
  if (isNarrow.matches && history.state !== STEP) history.pushState(STEP, "");
  shut();
  opener?.classList.remove("fn-open");
  opener = link;
  link.classList.add("fn-open");
  panel.querySelector("button").focus();
}

function closePanel() {
  if (!panel || panel.hidden) return;
  panel.hidden = true;
  shut();
  emptyPanel();
  opener.classList.remove("fn-open");
  opener.focus();
  if (history.state === STEP) history.back();
}
addEventListener("popstate", closePanel);

function emptyPanel() {
  for (const each of panel.querySelectorAll("iframe, .fn-panel-lost")) each.remove();
}

/** Each page of the reader has a title; what has none, the browser shows in its place. */
function arrived(frame, link) {
  const title = frame.contentDocument?.querySelector("h1");
  // Its own title is above the quote, out of view; the next citation can be of another article.
  if (title) return entitle(title.textContent);
  const retry = make("button", { type: "button", textContent: words.retry });
  retry.addEventListener("click", () => openPanel(link));
  frame.replaceWith(make("div", { className: "fn-panel-lost", role: "alert" },
    make("p", { textContent: words.unreachable }), retry));
}

// What lies under a panel as large as the page cannot be reached.
const isNarrow = matchMedia("(max-width: 60rem)");
isNarrow.addEventListener("change", shut);
function shut() {
  home().querySelector("main").inert = Boolean(panel && !panel.hidden && isNarrow.matches);
}

function entitle(title) {
  const place = panel.querySelector(".fn-panel-title");
  place.textContent = place.title = title || words.panel;
}

function makePanel() {
  const close = make("button", { type: "button", className: "fn-close", "aria-label": words.close });
  close.append(make("span", { "aria-hidden": "true", textContent: "×" }));
  close.addEventListener("click", closePanel);
  const made = make("aside", { className: "fn-panel", "aria-label": words.panel },
    make("div", { className: "fn-panel-head" },
      make("span", { className: "fn-panel-title", dir: "auto", textContent: words.panel }), close));
  home().append(made);
  return made;
}

addEventListener("message", (event) => {
  if (event.origin === location.origin && event.data === "footnote:close") closePanel();
});

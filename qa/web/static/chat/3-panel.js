// The reader beside the answer. On a phone it takes the whole page.
let panel = null;
let opener = null;

function openPanel(link) {
  const address = new URL(link.href);
  address.searchParams.set("view", "panel");
  address.searchParams.set("lang", told.language);
  if (!panel) panel = makePanel();
  const frame = make("iframe", { title: link.title || link.textContent, src: address });
  // Its own title is above the quote, out of view; the next citation can be of another article.
  frame.addEventListener("load", () => entitle(frame.contentDocument?.querySelector("h1")?.textContent));
  panel.querySelector("iframe")?.remove();
  panel.append(frame);
  panel.hidden = false;
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
  panel.querySelector("iframe")?.remove();
  opener.classList.remove("fn-open");
  opener.focus();
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
